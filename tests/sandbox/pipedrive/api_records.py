"""API v2: organisations, persons, products, field definitions, pipelines and stages."""

from datetime import datetime

from tests.sandbox.kit import Json
from tests.sandbox.pipedrive.access import Call, Gate, View
from tests.sandbox.pipedrive.errors import bad_request, not_found
from tests.sandbox.pipedrive.query import PAGING, SORTING, page
from tests.sandbox.pipedrive.times import parse
from tests.sandbox.pipedrive.views import record_view

DATED = frozenset({"updated_since", "updated_until"})
SHAPING = frozenset({"include_fields", "custom_fields", "include_option_labels"})
READ = {
    "deal": ("deals:read",),
    "organization": ("contacts:read",),
    "person": ("contacts:read",),
    "product": ("products:read",),
}
DEALS = READ["deal"]


def add_record_routes(gate: Gate) -> None:
    """Registers the routes with their documented costs."""
    for entity in ("organization", "person", "product"):
        rule = f"/api/v2/{entity}s/<record_id>"
        gate.route("GET", rule, _get(entity), cost=1, scopes=READ[entity], known=SHAPING)
        asked = SHAPING | PAGING | SORTING | {"ids", "owner_id"} | (DATED if entity != "product" else frozenset())
        gate.route("GET", f"/api/v2/{entity}s", _list(entity), cost=10, scopes=READ[entity], known=asked)
    for entity, scopes in READ.items():
        rule = f"/api/v2/{entity}Fields"
        gate.route("GET", rule, _fields(entity), cost=10, scopes=scopes, known=PAGING)
        gate.route("GET", f"{rule}/<code>", _field(entity), cost=1, scopes=scopes)
    gate.route("GET", "/api/v2/pipelines", _pipelines, cost=5, scopes=DEALS, known=PAGING | SORTING)
    stages = PAGING | SORTING | {"pipeline_id"}
    gate.route("GET", "/api/v2/stages", _stages, cost=5, scopes=DEALS, known=stages)


def _get(entity: str) -> View:
    def get(call: Call, record_id: str) -> Json:
        if not record_id.isdigit():
            raise bad_request("Parameter 'id' must be a whole number")
        record = call.company.records[entity].get(int(record_id))
        if record is None or not call.sees(record):
            raise not_found(entity.capitalize(), record_id)
        call.query.words("include_fields", ())
        return {"success": True, "data": record_view(call, entity, record)}

    return get


def _list(entity: str) -> View:
    """Deleted records are left out. Products have no filter by time."""

    def list_records(call: Call) -> Json:
        since, until = call.query.moment("updated_since"), call.query.moment("updated_until")
        ids = call.query.ids("ids")
        call.query.words("include_fields", ())
        found = [
            record
            for record in call.company.records[entity].values()
            if call.sees(record)
            and not record.get("is_deleted")
            and (not ids or record["id"] in ids)
            and (since is None or _changed(record) >= since)
            and (until is None or _changed(record) < until)
        ]
        shown, additional = page(found, call.query, ("id", "name", "update_time", "add_time"))
        data = [record_view(call, entity, record) for record in shown]
        return {"success": True, "data": data, "additional_data": additional}

    return list_records


def _changed(record: Json) -> datetime:
    return parse(record["update_time"] or record["add_time"])


def _fields(entity: str) -> View:
    def list_fields(call: Call) -> Json:
        numbered = [{"id": number, "field": field} for number, field in enumerate(call.company.fields[entity], start=1)]
        shown, additional = page(numbered, call.query)
        return {"success": True, "data": [item["field"] for item in shown], "additional_data": additional}

    return list_fields


def _field(entity: str) -> View:
    def get_field(call: Call, code: str) -> Json:
        for field in call.company.fields[entity]:
            if field["field_code"] == code:
                return {"success": True, "data": field}
        raise not_found("Field", code)

    return get_field


def _pipelines(call: Call) -> Json:
    shown, additional = page(call.company.pipelines, call.query, ("id", "update_time", "add_time"))
    return {"success": True, "data": shown, "additional_data": additional}


def _stages(call: Call) -> Json:
    pipeline = call.query.whole("pipeline_id")
    stages = [stage for stage in call.company.stages if pipeline in {None, stage["pipeline_id"]}]
    shown, additional = page(stages, call.query, ("id", "update_time", "add_time", "order_nr"))
    return {"success": True, "data": shown, "additional_data": additional}
