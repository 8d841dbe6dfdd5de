"""Pages from templates, with the headers every page of ours carries."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from taxpoynt.portal import rules_words, words
from taxpoynt.web import Response

LAGOS = timezone(timedelta(hours=1))
"""West Africa Time has no daylight saving, so a fixed offset needs no time zone data in Lambda."""

STATES = {
    "claimed": "being prepared",
    "needs_attention": "needs attention",
    "waiting": "waits for its invoice",
    "withdrawn": "taken back",
    "reserved": "ready to send",
    "submitting": "being sent",
    "unknown": "waiting for NRS",
    "accepted": "accepted by NRS",
    "delivering": "accepted by NRS",
    "completed": "accepted by NRS",
}

_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000; includeSubDomains",  # browsers ignore it on plain http
}


def money(amount: str | None, currency: str | None) -> str:
    """`161250.00`, `NGN` as `₦161,250.00`; other currencies by their code."""
    try:
        number = Decimal(amount or "")
    except InvalidOperation:
        return "not known yet"
    return f"₦{number:,}" if currency == "NGN" else f"{currency} {number:,}"


def moment(at: datetime | None) -> str:
    """A time as a person in Lagos reads it: `23 Nov 2026, 16:05`."""
    return at.astimezone(LAGOS).strftime("%-d %b %Y, %H:%M") if at else ""


def notice_address(public_url: str, token: str) -> str:
    """Where NRS tells of a merchant's documents."""
    return f"{public_url}/nrs/notifications/{token}"


@cache
def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("taxpoynt.portal"), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"money": money, "moment": moment, "state": lambda value: STATES.get(str(value), str(value))}
    environment.filters |= {
        "action": words.action,
        "routine": words.routine,
        "field": words.field,
        "document": words.document,
        "file": words.kind_of_file,
        "delivery": words.delivery,
        "payment": words.payment,
        "until": words.until,
        "quantity": words.quantity,
        "outcome": rules_words.outcome,
        "rule_field": rules_words.field,
        "kind_of_rows": words.kind_of_rows,
        "thousands": lambda number: f"{number or 0:,}",
        "platform": lambda name: str(name).replace("_", " ").title(),
    }
    return environment


def page(template: str, *, status: int = 200, cookies: tuple[str, ...] = (), **view: Any) -> Response:
    """A rendered page; every value is escaped."""
    body = _environment().get_template(f"{template}.html").render(**view)
    return Response(status=status, body=body, headers=_HEADERS, cookies=cookies)


def message(title: str, text: str, *, status: int = 200, cookies: tuple[str, ...] = ()) -> Response:
    """A page that only says something."""
    return page("message", status=status, title=title, text=text, cookies=cookies)


def redirect(url: str, *, cookies: tuple[str, ...] = ()) -> Response:
    """303, so that a form is not sent twice."""
    headers = {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(status=303, headers=headers, cookies=cookies)


def asset(path: str) -> Response | None:
    """A file every page may ask for, by the end of its path: `site.css`, `icon.svg`; None for anything else."""
    name = path.rsplit("/", 1)[-1]
    if name not in _ASSETS:
        return None
    body = resources.files("taxpoynt.portal").joinpath(f"static/{name}").read_text(encoding="utf-8")
    headers = {"content-type": _ASSETS[name], "cache-control": "public, max-age=3600"}
    return Response(status=200, body=body, headers=headers | {"x-content-type-options": "nosniff"})


_ASSETS = {"site.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
