"""What a webhook carries: the v2 and v1 shapes of a record. Both differ from what the REST API answers."""

from typing import Any

from tests.sandbox.kit import Json
from tests.sandbox.pipedrive.shapes import ADDRESS_PARTS
from tests.sandbox.pipedrive.times import v1_time
from tests.sandbox.pipedrive.world import Company, words

_V2_KEYS = {
    # the migration guide's samples, plus is_archived and archive_time of the 2025 samples
    "deal": words(
        "id title value currency status org_id person_id owner_id creator_user_id pipeline_id stage_id add_time"
        " update_time stage_change_time won_time first_won_time lost_time lost_reason close_time expected_close_date"
        " probability label_ids channel channel_id origin origin_id is_archived archive_time"
    ),
    "organization": words("id name owner_id add_time update_time address"),
    "person": words("id name first_name last_name org_id owner_id emails phones add_time update_time"),
    "product": words("id name code unit tax description category owner_id add_time update_time prices"),
}
_V2_FIXED: dict[str, Json] = {
    "deal": {},
    "organization": {"country_code": None, "label": None, "picture_id": None},
    "person": {"label": None},
    "product": {},
}
_V1_COUNTS = words(
    "products_count files_count notes_count followers_count email_messages_count activities_count done_activities_count"
    " undone_activities_count reference_activities_count participants_count"
)
_V1_NULLS = words(
    "next_activity_date next_activity_time next_activity_id last_activity_id last_activity_date last_incoming_mail_time"
    " last_outgoing_mail_time next_activity_subject next_activity_type next_activity_duration next_activity_note"
    " rotten_time"
)


def v2_record(company: Company, entity: str, record: Json) -> Json:
    """`data` of a webhook v2: visible_to is a string here, custom field values carry their type."""
    data = {key: record[key] for key in _V2_KEYS[entity]} | _V2_FIXED[entity]
    data["visible_to"] = str(record["visible_to"])
    kinds = {field["field_code"]: field["field_type"] for field in company.fields[entity]}
    data["custom_fields"] = {
        key: typed(kinds[key], value) for key, value in record["custom_fields"].items() if value is not None
    }
    return data


def typed(kind: str, value: Any) -> Json:
    """A custom field's value as a webhook v2 writes it, from the REST v2 value."""
    if kind in {"enum", "people", "org", "user"}:
        return {"type": kind, "id": value}
    if kind == "set":
        return {"type": kind, "values": [{"id": option} for option in value]}
    if kind == "monetary":
        return {"type": kind, "value": value["value"], "currency": value["currency"]}
    if kind == "daterange":
        return {"type": kind, "from": value["value"], "until": value["until"]}
    if kind == "time":
        return {"type": kind, "value": value["value"], "timezone_id": 310}
    if kind == "timerange":
        return {"type": kind, "from": value["value"], "until": value["until"], "timezone_id": 310}
    if kind == "address":
        parts = {part: value.get(part) or "" for part in ADDRESS_PARTS}
        return {"type": kind, "value": value["value"], "formatted_address": value["value"], **parts}
    return {"type": kind, "value": value}


def changed(before: Json, after: Json) -> Json:
    """`previous` of a change: only what differs, custom fields one level down; a field that was empty is null."""
    previous = {key: value for key, value in before.items() if key != "custom_fields" and value != after[key]}
    old, new = before["custom_fields"], after["custom_fields"]
    custom = {key: old.get(key) for key in {**old, **new} if old.get(key) != new.get(key)}
    return previous | ({"custom_fields": custom} if custom else {})


def v1_record(company: Company, entity: str, record: Json) -> Json:
    """`current` or `previous` of a webhook v1: flat, custom fields by their keys, times without a zone."""
    flat = {key: value for key, value in record.items() if key != "custom_fields" and not key.startswith("is_")}
    for key in [key for key in flat if key.endswith("_time")]:
        flat[key] = v1_time(flat[key])
    flat["visible_to"] = str(flat["visible_to"])
    for field in company.fields[entity]:
        if field["is_custom_field"]:
            flat |= _v1_custom(field["field_code"], record["custom_fields"].get(field["field_code"]))
    if entity == "deal":
        flat = _v1_deal(company, record, flat)
    return flat


def _v1_custom(key: str, value: Any) -> Json:
    if not isinstance(value, dict):
        return {key: ",".join(map(str, value)) if isinstance(value, list) else value}
    companions = {f"{key}_{part}": item for part, item in value.items() if part != "value"}
    return {key: value["value"]} | companions


def _v1_deal(company: Company, record: Json, flat: Json) -> Json:
    for key in ("owner_id", "label_ids", "local_won_date", "local_lost_date", "local_close_date", "archive_time"):
        flat.pop(key, None)
    for key in ("origin", "origin_id", "channel", "channel_id"):
        flat.pop(key, None)
    names = {
        f"{entity}_name": company.records[entity_key].get(record[f"{entity}_id"] or 0, {}).get("name")
        for entity, entity_key in (("person", "person"), ("org", "organization"))
    }
    shown = f"{record['value']:,} {record['currency']}"
    counts: Json = dict.fromkeys(_V1_COUNTS, 0) | {"products_count": len(company.lines.get(record["id"], []))}
    return (
        flat
        | dict.fromkeys(_V1_NULLS)
        | counts
        | names
        | {
            "user_id": record["owner_id"],
            "owner_name": company.users[record["owner_id"]]["name"],
            "active": record["status"] == "open",
            "deleted": record["is_deleted"],
            "stage_order_nr": record["stage_id"],
            "formatted_value": shown,
            "weighted_value": record["value"],
            "formatted_weighted_value": shown,
            "weighted_value_currency": record["currency"],
            "cc_email": f"{company.domain}+deal{record['id']}@pipedrivemail.com",
            "org_hidden": False,
            "person_hidden": False,
        }
    )
