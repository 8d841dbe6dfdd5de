"""Refusals of R-Series: one form for OAuth and tokens, another for the API."""

from http import HTTPStatus

from tests.sandbox.kit import Json, Refused

ISSUER = "https://cloud.lightspeedapp.com"


def oauth(status: int, error: str, description: str, hint: str = "", because: str = "") -> Refused:
    """`{"error", "error_description", "hint"}`."""
    body = {"error": error, "error_description": description, "hint": hint}
    return Refused(status, body, because or hint or description)


def unauthorized(hint: str, because: str = "") -> Refused:
    """The 401 of an access token that is over, revoked or none."""
    words = "The resource owner or authorization server denied the request."
    return oauth(401, "access_denied", words, hint, because)


def body(status: int, message: str) -> Json:
    """As recorded in 2016; the published pages show none. All strings, as everywhere."""
    phrase = HTTPStatus(status).phrase
    return {"httpCode": str(status), "httpMessage": phrase, "message": message, "errorClass": "Exception"}


def api(status: int, message: str, because: str = "", headers: dict[str, str] | None = None) -> Refused:
    """A refusal of the API."""
    return Refused(status, body(status, message), because or message, headers)
