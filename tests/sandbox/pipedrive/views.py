"""What API v2 and v1 show of a record."""

from typing import Any
from zoneinfo import ZoneInfo

from tests.sandbox.kit import Json
from tests.sandbox.pipedrive.access import Call
from tests.sandbox.pipedrive.errors import bad_request
from tests.sandbox.pipedrive.times import parse, v1_time
from tests.sandbox.pipedrive.world import Company, words

# as in a live answer of May 2026; first_won_time has to be asked for
DEAL_KEYS = words(
    "id title creator_user_id value person_id org_id stage_id currency add_time update_time status probability"
    " lost_reason visible_to close_time pipeline_id won_time lost_time stage_change_time local_won_date local_lost_date"
    " local_close_date expected_close_date custom_fields owner_id label_ids is_deleted origin origin_id channel"
    " channel_id is_archived archive_time"
)
_ZERO_COUNTS = words(
    "files_count notes_count followers_count email_messages_count activities_count done_activities_count"
    " undone_activities_count participants_count"
)
_NULLS = words(
    "next_activity_id last_activity_id last_incoming_mail_time last_outgoing_mail_time source_lead_id acv arr mrr"
)
OPTIONAL_DEAL_FIELDS = ("first_won_time", "products_count", "smart_bcc_email", *_ZERO_COUNTS, *_NULLS)
MOST_CUSTOM_FIELDS = 15


def deal_view(call: Call, deal: Json) -> Json:
    """A deal as the query asks for it."""
    shown = {key: deal[key] for key in DEAL_KEYS} | {"custom_fields": custom_fields(call, "deal", deal)}
    extra: Json = dict.fromkeys(_ZERO_COUNTS, 0) | dict.fromkeys(_NULLS)
    extra |= {"first_won_time": deal["first_won_time"], "products_count": len(call.company.lines[deal["id"]])}
    extra["smart_bcc_email"] = f"{call.company.domain}+deal{deal['id']}@pipedrivemail.com"
    return shown | {name: extra[name] for name in call.query.words("include_fields", OPTIONAL_DEAL_FIELDS)}


def record_view(call: Call, entity: str, record: Json) -> Json:
    """An organisation, person or product as the query asks for it."""
    return record | {"custom_fields": custom_fields(call, entity, record)}


def custom_fields(call: Call, entity: str, record: Json) -> Json | None:
    """Every field of the company, null where nothing was filled in; null altogether when there are none on deals."""
    definitions = [field for field in call.company.fields[entity] if field["is_custom_field"]]
    wanted = call.query.words("custom_fields", most=MOST_CUSTOM_FIELDS)
    known = {field["field_code"] for field in definitions}
    if unknown := sorted(set(wanted) - known):
        raise bad_request(f"Parameter 'custom_fields' has unknown keys: {', '.join(unknown)}")
    if not definitions:
        return None if entity == "deal" else {}
    labels = call.query.flag("include_option_labels")
    return {
        field["field_code"]: _shown(field, record["custom_fields"].get(field["field_code"]), labels=labels)
        for field in definitions
        if not wanted or field["field_code"] in wanted
    }


def _shown(field: Json, value: Any, *, labels: bool) -> Any:
    if not labels or value is None or field["field_type"] not in {"enum", "set"}:
        return value
    names = {option["id"]: option["label"] for option in field["options"] or []}
    if field["field_type"] == "enum":
        return {"id": value, "label": names.get(value)}
    return [{"id": option, "label": names.get(option)} for option in value]


def user_view(company: Company, user: Json) -> Json:
    """`GET /api/v1/users/me`."""
    created = parse(user["created"])
    offset = created.astimezone(ZoneInfo(company.timezone)).strftime("%z")
    moment = v1_time(user["created"])
    apps = ("sales", "global", "account_settings")
    return {
        "id": user["id"],
        "name": user["name"],
        "default_currency": company.currency,
        "locale": user["locale"],
        "lang": 1,
        "email": user["email"],
        "phone": user["phone"],
        "activated": True,
        "last_login": moment,
        "created": moment,
        "modified": moment,
        "has_created_company": user["is_admin"],
        "access": [
            {
                "app": app,
                "admin": user["is_admin"],
                "permission_set_id": f"{company.id:08x}-0000-4000-8000-{number:012x}",
            }
            for number, app in enumerate(apps, start=1)
        ],
        "active_flag": True,
        "timezone_name": company.timezone,
        "timezone_offset": f"{offset[:3]}:{offset[3:]}",
        "role_id": 1,
        "icon_url": None,
        "is_you": True,
        "is_deleted": False,
        "company_id": company.id,
        "company_name": company.name,
        "company_domain": company.domain,
        "company_country": company.country,
        "company_industry": None,
        "language": {"language_code": user["locale"][:2], "country_code": user["locale"][3:]},
    }
