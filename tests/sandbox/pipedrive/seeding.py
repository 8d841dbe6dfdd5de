"""Seed data into the world: merged, so that a test can add a company or a deal to what is there."""

from datetime import datetime
from typing import Any

from tests.sandbox.kit import Json, SeedError
from tests.sandbox.pipedrive import fields, shapes, totals
from tests.sandbox.pipedrive.times import v2_time
from tests.sandbox.pipedrive.world import App, Company, World, settings

COLLECTIONS = {"organizations": "organization", "persons": "person", "products": "product"}
_LISTS = frozenset({"users", "fields", "pipelines", "stages", "currencies", "deals", *COLLECTIONS})
_NOT_SEEDED = frozenset({"records", "lines", "webhooks", "removed_webhooks", "discounts", "installments"})


def load(world: World, data: Json, now: datetime) -> None:
    """Merges `note` (ignored), `settings`, `app` and `companies`; SeedError says where something is wrong."""
    if extra := sorted(set(data) - {"note", "settings", "app", "companies"}):
        raise SeedError(f"pipedrive seed: unknown key: {', '.join(extra)}")
    world.state_on_refusal = data.get("settings", {}).get("state_on_refusal", world.state_on_refusal)
    if "app" in data:
        app = dict(settings(data["app"], App, "app"))
        app["scopes"] = tuple(app.get("scopes", App.scopes))
        world.app = App(**app)
    for given in data.get("companies", []):
        _company(world, given, now)


def _company(world: World, given: Json, now: datetime) -> None:
    own = {key: value for key, value in given.items() if key not in _LISTS}
    settings(own, Company, f"company {given.get('id')}")
    if bad := sorted(set(own) & _NOT_SEEDED):
        raise SeedError(f"company {given.get('id')}: not in a seed: {', '.join(bad)}")
    company = world.companies.get(given["id"])
    if company is None:
        company = world.companies[given["id"]] = _new_company(own, now)
    for key, value in own.items():
        setattr(company, key, value)
    for user in given.get("users", []):
        company.users[user["id"]] = _user(company, user, now)
    for key in ("pipelines", "stages", "currencies"):
        setattr(company, key, given.get(key) or getattr(company, key))
    for entity, definitions in given.get("fields", {}).items():
        company.fields[entity] += [fields.custom(definition) for definition in definitions]
    _records(company, given, now)


def _records(company: Company, given: Json, now: datetime) -> None:
    if (any(given.get(key) for key in COLLECTIONS) or given.get("deals")) and not company.users:
        raise SeedError(f"company {company.id}: records need an owner, so give it users first")
    for key, entity in COLLECTIONS.items():
        for record in given.get(key, []):
            whole = shapes.new_record(company, entity, record, now)
            company.records[entity][whole["id"]] = whole
    for deal in given.get("deals", []):
        add_deal(company, deal, now)


def add_deal(company: Company, given: Json, now: datetime) -> Json:
    """A deal with its `products`, `discounts` and `installments`; its value follows from them when it has products."""
    parts: dict[str, list[Json]] = {key: given.get(key, []) for key in ("products", "discounts", "installments")}
    deal = shapes.new_record(company, "deal", {key: value for key, value in given.items() if key not in parts}, now)
    for entity, key in (("organization", "org_id"), ("person", "person_id")):
        if deal[key] is not None and deal[key] not in company.records[entity]:
            raise SeedError(f"deal {deal['id']}: there is no {entity} {deal[key]}")
    try:
        _add_parts(company, deal, parts, now)
    except ValueError:
        for kept in (company.lines, company.discounts, company.installments):
            kept.pop(deal["id"], None)
        raise
    revalue(company, deal)
    company.records["deal"][deal["id"]] = deal
    return deal


def _add_parts(company: Company, deal: Json, parts: dict[str, list[Json]], now: datetime) -> None:
    number, user = deal["id"], deal["owner_id"]
    company.lines[number] = []
    for line in parts["products"]:
        line_id = line.get("id") or next_line_id(company)
        company.lines[number].append(shapes.new_line(company, deal, line, line_id, now))
    company.discounts[number] = [shapes.new_discount(deal, given, user, now) for given in parts["discounts"]]
    company.installments[number] = [
        {"id": part_id, "deal_id": number, "description": ""} | installment
        for part_id, installment in enumerate(parts["installments"], start=number * 100 + 1)
    ]
    check_parts(company, number)


def next_line_id(company: Company) -> int:
    """One above the highest attachment id."""
    return max((line["id"] for lines in company.lines.values() for line in lines), default=0) + 1


def check_parts(company: Company, deal_id: int) -> None:
    """At most 20 recurring lines; instalments only beside one-time lines and no recurring ones."""
    kinds = [line["billing_frequency"] for line in company.lines[deal_id]]
    recurring = len([kind for kind in kinds if kind != "one-time"])
    if recurring > 20:
        raise SeedError(f"deal {deal_id}: at most 20 recurring product lines")
    if company.installments[deal_id] and (recurring or not kinds):
        raise SeedError(f"deal {deal_id}: instalments need one-time products and no recurring ones")


def revalue(company: Company, deal: Json) -> None:
    """With products the value is computed; without any it is what someone typed in."""
    lines = company.lines[deal["id"]]
    if lines:
        discounts = company.discounts[deal["id"]]
        deal["value"] = totals.number(totals.deal_value(lines, discounts, with_tax=company.value_includes_tax))


def _new_company(own: Json, now: datetime) -> Company:
    company = Company(own["id"], own["name"], own["domain"])
    moment = v2_time(now)
    dated: Json = {"is_deleted": False, "add_time": moment, "update_time": moment}
    company.pipelines = [{"id": 1, "name": "Sales", "order_nr": 1, "is_deal_probability_enabled": False} | dated]
    for number, name in enumerate(("Qualified", "Proposal made", "Negotiation"), start=1):
        stage: Json = {"id": number, "order_nr": number, "name": name, "deal_probability": 100, "pipeline_id": 1}
        company.stages.append(stage | {"is_deal_rot_enabled": False, "days_to_rotten": None} | dated)
    for number, (code, name, symbol) in enumerate(
        (
            ("NGN", "Nigerian Naira", "₦"),
            ("USD", "US Dollar", "$"),
            ("EUR", "Euro", "€"),
            ("GBP", "Pound Sterling", "£"),
        ),
        start=1,
    ):
        currency: Json = {"id": number, "code": code, "name": name, "decimal_points": 2, "symbol": symbol}
        company.currencies.append(currency | {"active_flag": True, "is_custom_flag": False})
    for entity in company.fields:
        company.fields[entity] = fields.built_in(entity)
    return company


def _user(company: Company, given: Json, now: datetime) -> Json:
    if extra := sorted(set(given) - {"id", "name", "email", "is_admin", "locale", "phone"}):
        raise SeedError(f"company {company.id}: user {given.get('id')}: unknown key: {', '.join(extra)}")
    user: dict[str, Any] = {
        "email": f"user{given['id']}@example.com",
        "is_admin": False,
        "locale": "en_US",
        "phone": None,
    }
    return user | {"created": v2_time(now)} | given
