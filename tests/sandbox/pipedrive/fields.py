"""Field definitions as the four field endpoints of API v2 give them."""

from tests.sandbox.kit import Json, SeedError
from tests.sandbox.pipedrive.world import words

FIELD_TYPES = frozenset(
    words(
        "varchar text varchar_auto double int monetary enum set people org user phone time timerange date daterange"
        " address status stage"
    )
)
_BUILT_IN = {
    "deal": (
        ("title", "Deal Title", "varchar"),
        ("value", "Value", "monetary"),
        ("status", "Status", "status"),
        ("org_id", "Organization", "org"),
        ("person_id", "Contact person", "people"),
        ("won_time", "Won time", "date"),
    ),
    "organization": (("name", "Name", "varchar"), ("address", "Address", "address"), ("owner_id", "Owner", "user")),
    "person": (("name", "Name", "varchar"), ("emails", "Email", "varchar"), ("phones", "Phone", "phone")),
    "product": (
        ("name", "Name", "varchar"),
        ("code", "Product code", "varchar"),
        ("unit", "Unit", "varchar"),
        ("tax", "Tax %", "double"),
    ),
}
_ADDRESS = (
    ("subpremise", "Apartment"),
    ("street_number", "House number"),
    ("route", "Street"),
    ("sublocality", "District"),
    ("locality", "City"),
    ("admin_area_level_1", "State"),
    ("admin_area_level_2", "Region"),
    ("country", "Country"),
    ("postal_code", "ZIP code"),
)


def built_in(entity: str) -> list[Json]:
    """The fields every company has (a few of them: enough to show what a client has to skip)."""
    return [_definition(code, name, kind, custom=False) for code, name, kind in _BUILT_IN[entity]]


def custom(given: Json) -> Json:
    """A custom field from the seed: field_code (40 hex digits), field_name, field_type and, for choices, options."""
    if extra := sorted(set(given) - {"field_code", "field_name", "field_type", "options", "description"}):
        raise SeedError(f"field: unknown key: {', '.join(extra)}")
    code = given.get("field_code", "")
    if len(code) != 40 or not set(code) <= set("0123456789abcdef"):
        raise SeedError(f"a custom field's field_code is 40 hex digits, not {code!r}")
    if given.get("field_type") not in FIELD_TYPES:
        raise SeedError(f"field {code}: field_type must be one of {', '.join(sorted(FIELD_TYPES))}")
    field = _definition(code, given["field_name"], given["field_type"], custom=True)
    return field | {"options": given.get("options"), "description": given.get("description", "")}


def _definition(code: str, name: str, kind: str, *, custom: bool) -> Json:
    return {
        "field_name": name,
        "field_code": code,
        "description": "",
        "field_type": kind,
        "options": None,
        "subfields": _subfields(code, name, kind),
        "is_custom_field": custom,
        "is_optional_response_field": False,
        "ui_visibility": {
            "add_visible_flag": True,
            "details_visible_flag": True,
            "projects_detail_visible_flag": not custom,
            "show_in_pipelines": {"show_in_all": True, "pipeline_ids": []},
        },
        "important_fields": {"enabled": False, "stage_ids": []},
        "required_fields": {"enabled": False, "stage_ids": [], "statuses": {}},
    }


def _subfields(code: str, name: str, kind: str) -> list[Json] | None:
    if kind == "monetary":
        return [
            {"field_code": code, "field_name": f"Amount of {name}", "field_type": "double"},
            {"field_code": "currency", "field_name": f"Currency of {name}", "field_type": "varchar"},
        ]
    if kind == "address":
        return [
            {"field_code": part, "field_name": f"{label} of {name}", "field_type": "varchar"}
            for part, label in _ADDRESS
        ]
    return None
