"""Checking what someone asks POST /webhooks for."""

import socket
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox.kit import Json
from tests.sandbox.pipedrive.errors import webhook
from tests.sandbox.pipedrive.hooks import ACTIONS, OBJECTS, VERSIONS
from tests.sandbox.pipedrive.world import Company

_REQUIRED = ("subscription_url", "event_action", "event_object", "name")
_OPTIONAL = ("user_id", "http_auth_user", "http_auth_password", "version")
LONGEST_NAME = 255
CONNECT_SECONDS = 1.0


def wish(company: Company, caller: int, given: Any) -> Json:
    """The complete wish with its defaults; refused with all faults at once."""
    if not isinstance(given, dict):
        raise webhook(400, {"body": ["must be a JSON object"]})
    wanted: Json = {"user_id": caller, "http_auth_user": None, "http_auth_password": None, "version": "2.0"} | given
    errors: dict[str, list[str]] = {key: ["unknown field"] for key in sorted(set(given) - {*_REQUIRED, *_OPTIONAL})}
    for key in _REQUIRED:
        if not isinstance(wanted.get(key), str) or not wanted[key]:
            errors[key] = ["is required and must be a text"]
    for key, allowed in (("event_action", ACTIONS), ("event_object", OBJECTS), ("version", VERSIONS)):
        if key not in errors and wanted.get(key) not in allowed:
            errors[key] = [f"must be one of {', '.join(allowed)}"]
    errors |= _other_errors(company, wanted, set(errors))
    if errors:
        raise webhook(400, errors)
    return wanted


def _other_errors(company: Company, wanted: Json, known: set[str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if "name" not in known and len(wanted["name"]) > LONGEST_NAME:
        errors["name"] = [f"{LONGEST_NAME} characters at most"]
    if wanted["user_id"] not in company.users:
        errors["user_id"] = ["no such user in this company"]
    if "subscription_url" not in known and not _well_formed(wanted["subscription_url"]):
        errors["subscription_url"] = ["invalid or non-reachable URL"]
    for key in ("http_auth_user", "http_auth_password"):
        if wanted[key] is not None and not isinstance(wanted[key], str):
            errors[key] = ["must be a text"]
    return errors


def _well_formed(url: str) -> bool:
    """The real service wants public HTTPS; here plain http is the local front."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def reachable(url: str) -> bool:
    """Whether something accepts a connection there."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
