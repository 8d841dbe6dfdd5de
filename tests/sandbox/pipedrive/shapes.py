"""Records as they are kept: defaults for what a seed or a control call leaves out."""

import uuid
from datetime import datetime

from tests.sandbox.kit import Json, SeedError
from tests.sandbox.pipedrive.times import v2_time
from tests.sandbox.pipedrive.totals import line_sum, number
from tests.sandbox.pipedrive.world import Company, words

ADDRESS_PARTS = words(
    "country admin_area_level_1 admin_area_level_2 locality sublocality route street_number subpremise postal_code"
)

# Values a client can count on seeing as null are null here, too: the specification calls many of them strings.
_DEAL: Json = {
    "title": "Untitled deal",
    "value": 0,
    "person_id": None,
    "org_id": None,
    "stage_id": 1,
    "status": "open",
    "probability": None,
    "lost_reason": None,
    "visible_to": 3,
    "close_time": None,
    "pipeline_id": 1,
    "won_time": None,
    "first_won_time": None,
    "lost_time": None,
    "stage_change_time": None,
    "local_won_date": None,
    "local_lost_date": None,
    "local_close_date": None,
    "expected_close_date": None,
    "label_ids": [],
    "is_deleted": False,
    "origin": "ManuallyCreated",
    "origin_id": None,
    "channel": None,
    "channel_id": None,
    "is_archived": False,
    "archive_time": None,
}
_ORGANIZATION: Json = {
    "name": "Unnamed organisation",
    "address": None,
    "is_deleted": False,
    "visible_to": 3,
    "label_ids": [],
    "website": None,
    "linkedin": None,
    "industry": None,
    "annual_revenue": None,
    "employee_count": None,
}
_PERSON: Json = {
    "name": "Unnamed person",
    "first_name": None,
    "last_name": None,
    "org_id": None,
    "emails": [],
    "phones": [],
    "is_deleted": False,
    "visible_to": 3,
    "label_ids": [],
    "picture_id": None,
}
_PRODUCT: Json = {
    "name": "Unnamed product",
    "code": None,
    "unit": None,
    "tax": 0,
    "description": None,
    "category": None,
    "is_deleted": False,
    "is_linkable": True,
    "visible_to": 3,
    "billing_frequency": "one-time",
    "billing_frequency_cycles": None,
    "prices": [],
}
DEFAULTS: dict[str, Json] = {
    "deal": _DEAL,
    "organization": _ORGANIZATION,
    "person": _PERSON,
    "product": _PRODUCT,
}
_EVERY = ("id", "owner_id", "add_time", "update_time", "custom_fields")
LINE_KEYS = frozenset(
    words(
        "id deal_id product_id product_variation_id name order_nr item_price quantity discount discount_type sum"
        " currency tax tax_method comments is_enabled billing_frequency billing_frequency_cycles billing_start_date"
        " add_time update_time"
    )
)


def known_keys(entity: str) -> frozenset[str]:
    """What may be said about such a record."""
    own = {"deal": ("currency", "creator_user_id"), "organization": ("org_id",)}.get(entity, ())
    return frozenset((*DEFAULTS[entity], *_EVERY, *own))


def new_record(company: Company, entity: str, given: Json, now: datetime) -> Json:
    """A whole record; SeedError names a key that such a record has not."""
    if unknown := sorted(set(given) - known_keys(entity)):
        raise SeedError(f"{entity} {given.get('id', '(new)')}: unknown key: {', '.join(unknown)}")
    record_id = given.get("id", company.next_id(entity))
    owner = given.get("owner_id", company.user()["id"])
    record = {"id": record_id, "owner_id": owner, "add_time": v2_time(now), "update_time": v2_time(now)}
    if entity == "deal":
        record |= {"currency": company.currency, "creator_user_id": owner}
    if entity == "organization":
        record["org_id"] = record_id
    record |= DEFAULTS[entity] | given
    record["custom_fields"] = check_custom_fields(company, entity, given.get("custom_fields") or {})
    if entity == "organization":
        record["address"] = address(record["address"])
    return record


def check_custom_fields(company: Company, entity: str, given: Json) -> Json:
    """`given`, if this company has every one of the keys."""
    known = {field["field_code"] for field in company.fields[entity] if field["is_custom_field"]}
    if unknown := sorted(set(given) - known):
        raise SeedError(f"this company has no {entity} field {', '.join(unknown)}")
    return dict(given)


def address(given: Json | str | None) -> Json | None:
    """All parts, most of them null when only the text is known: an address typed through the API is not geocoded."""
    if given is None:
        return None
    known = {"value": given} if isinstance(given, str) else given
    if unknown := sorted(set(known) - {"value", *ADDRESS_PARTS}):
        raise SeedError(f"address: unknown part: {', '.join(unknown)}")
    return {"value": None} | dict.fromkeys(ADDRESS_PARTS) | known


def new_line(company: Company, deal: Json, given: Json, line_id: int, now: datetime) -> Json:
    """A product line of the deal, `sum` computed."""
    if unknown := sorted(set(given) - LINE_KEYS):
        raise SeedError(f"deal {deal['id']}: a product line has no {', '.join(unknown)}")
    product = company.records["product"].get(given.get("product_id", 0))
    if product is None:
        raise SeedError(f"deal {deal['id']}: a product line needs the product_id of a product in the catalogue")
    line: Json = {
        "id": line_id,
        "sum": 0,
        "tax": product["tax"],
        "deal_id": deal["id"],
        "name": product["name"],
        "product_id": product["id"],
        "product_variation_id": None,
        "order_nr": 10 * (len(company.lines.get(deal["id"], [])) + 1),
        "add_time": v2_time(now),
        "update_time": v2_time(now),
        "comments": "",
        "currency": deal["currency"],
        "discount": 0,
        "quantity": 1,
        "item_price": _price(product, deal["currency"]),
        "tax_method": "exclusive",
        "discount_type": "percentage",
        "is_enabled": True,
        "billing_frequency": "one-time",
        "billing_frequency_cycles": None,
        "billing_start_date": None,
    }
    line |= given
    return summed(company, line)


def summed(company: Company, line: Json) -> Json:
    """The line with its `sum` put right; SeedError when a value is none that Pipedrive has."""
    choices = {
        "discount_type": {"percentage", "amount"},
        "tax_method": {"inclusive", "exclusive", "none"},
        "billing_frequency": {"one-time", "weekly", "monthly", "quarterly", "semi-annually", "annually"},
    }
    for key, allowed in choices.items():
        if line[key] not in allowed:
            raise SeedError(f"product line: {key} must be one of {', '.join(sorted(allowed))}, not {line[key]!r}")
    cycles = line["billing_frequency_cycles"]
    if (line["billing_frequency"] == "weekly" and cycles is None) or (cycles is not None and not 0 < cycles <= 208):
        raise SeedError("product line: weekly billing needs billing_frequency_cycles, and cycles are 1 to 208")
    line["sum"] = number(line_sum(line, amount_per_unit=company.amount_discount_per_unit))
    return line


def new_discount(deal: Json, given: Json, user: int, now: datetime) -> Json:
    """A discount on the whole deal."""
    if given.get("type") not in {"percentage", "amount"} or "amount" not in given:
        raise SeedError('a deal discount needs "type" (percentage or amount) and "amount"')
    moment = v2_time(now)
    own = {"id": str(uuid.uuid4()), "description": "", "deal_id": deal["id"], "created_at": moment, "created_by": user}
    return own | {"updated_at": moment, "updated_by": user} | given


def _price(product: Json, currency: str) -> float:
    return next((price["price"] for price in product["prices"] if price["currency"] == currency), 0)
