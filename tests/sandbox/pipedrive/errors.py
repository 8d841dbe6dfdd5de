"""Pipedrive's refusals, in its own words where a source has them."""

from typing import Any

from tests.sandbox.kit import Json, Refused

INFO = "Please check developers.pipedrive.com"
BLOCKED_PAGE = (
    "<!DOCTYPE html><html><head><title>Access denied</title></head><body><h1>Error 1015</h1>"
    "<p>You are being rate limited. Cloudflare Ray ID: 8f2a6c1b0d3e4f55</p></body></html>"
)


def body(status: int, error: str) -> Json:
    """`{"success": false, "error", "errorCode", "error_info"}`."""
    return {"success": False, "error": error, "errorCode": status, "error_info": INFO}


def unauthorized(because: str) -> Refused:
    """The 401 of a missing, unknown or expired access token: one text for all three."""
    return Refused(401, body(401, "unauthorized access"), because)


def bad_request(error: str) -> Refused:
    """A request the real service would not understand; the text names the part."""
    return Refused(400, body(400, error), error)


def not_found(what: str, number: Any) -> Refused:
    """No such record, or one that this user may not see."""
    return Refused(404, body(404, f"{what} not found"), f"there is no {what} {number} for this user")


def oauth(status: int, error: str, message: str, because: str = "") -> Refused:
    """The token endpoint's form: `{"success": false, "message", "error"}`."""
    headers = {"WWW-Authenticate": 'Basic realm="Service"'} if status == 401 else None
    return Refused(status, {"success": False, "message": message, "error": error}, because or message, headers)


def webhook(status: int, errors: dict[str, list[str]]) -> Refused:
    """The webhook endpoint's form: `{"status": "error", "success": false, "errors": {field: [text]}}`."""
    shown = "; ".join(f"{field}: {', '.join(texts)}" for field, texts in errors.items())
    return Refused(status, {"status": "error", "success": False, "errors": errors}, shown)
