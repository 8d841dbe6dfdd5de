"""Refusals of X-Series: `{"error", "message"}`; no catalogue of them is published."""

from tests.sandbox.kit import Refused

_NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    422: "Unprocessable Entity",
}


def body(status: int, message: str) -> dict[str, str]:
    """The general form."""
    return {"error": _NAMES.get(status, "Error"), "message": message}


def api(status: int, message: str, because: str = "") -> Refused:
    """A refusal of the API."""
    return Refused(status, body(status, message), because or message)


def too_many(headers: dict[str, str], because: str) -> Refused:
    """429 in the vendor's words."""
    words = {"error": "Too Many Requests", "message": "Rate limiting enforced"}
    return Refused(429, words, because, headers)


def oauth(error: str, description: str, because: str = "") -> Refused:
    """400 of the token endpoint."""
    return Refused(400, {"error": error, "error_description": description}, because or description)
