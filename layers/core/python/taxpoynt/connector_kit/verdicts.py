"""Status → verdict: the one table, and what a template overrides.

A redirect is a refusal: nothing with credentials is ever sent after one. HTML where JSON was asked is an outage
(a proxy or a login page speaks, not the API).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from taxpoynt.connector_kit.limit_headers import date_wait, wait_told
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_limits import Limits
from taxpoynt.connector_kit.template_records import VerdictOverride
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput, NeedsReauthorisation, NotFound, PlatformRefused, PlatformUnavailable, RateLimited
from taxpoynt.mapping.expressions import find, plain_data
from taxpoynt.mapping.transforms import NoValue

Kind = Literal["ok", "unauthorised", "ended", "not_found", "rate_limited", "unavailable", "refused"]

BY_STATUS: dict[int, Kind] = {
    401: "unauthorised",
    404: "not_found",
    408: "unavailable",
    410: "not_found",
    425: "unavailable",
    429: "rate_limited",
}
BY_CLASS: dict[int, Kind] = {2: "ok", 3: "refused", 4: "refused", 5: "unavailable"}


MOMENT = 2.0
"""Seconds to wait when nobody says how long."""
_WAIT = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,9})?")
"""Retry-After in seconds; RFC 9110 wants whole ones, Shopify writes `2.0`."""
MAX_ERROR = 262_144
"""Bytes of an error body that are looked into."""


class RefusedWithStatus(PlatformRefused):
    """A refusal whose status matters to the caller (402 and 403: this plan or grant does not have the resource)."""

    def __init__(self, message: str, *, status: int, request_id: str | None = None) -> None:
        super().__init__(message, request_id=request_id)
        self.status = status


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer; header names in lower case. `repr` shows no body: a token answer is one too."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """Without parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def kind_of(answer: HttpAnswer, template: Template) -> Kind:
    """The verdict on an answer, template overrides first."""
    override = _override(answer, template)
    if override is not None:
        return override.verdict
    kind = BY_STATUS.get(answer.status) or BY_CLASS.get(answer.status // 100, "unavailable")
    return "unavailable" if kind == "ok" and answer.content_type == "text/html" else kind


def raise_for(answer: HttpAnswer, template: Template, *, what: str, now: datetime) -> None:
    """Raises the error that an answer means; returns for a success. `what` (`GET /api/v2/deals/8`) goes into it."""
    kind = kind_of(answer, template)
    if kind == "ok":
        return
    request_id = request_id_of(answer, template.limits)
    message = f"{template.name}: {what} answered {answer.status}"
    if kind == "rate_limited":
        raise RateLimited(message, retry_after=wait_of(answer, template, now), request_id=request_id)
    if kind == "unavailable":
        raise PlatformUnavailable(message, retry_after=_said_wait(answer, template, now), request_id=request_id)
    if kind == "not_found":
        raise NotFound(message, request_id=request_id)
    if kind in ("unauthorised", "ended"):
        raise NeedsReauthorisation(message, request_id=request_id)
    raise RefusedWithStatus(message, status=answer.status, request_id=request_id)


def wait_of(answer: HttpAnswer, template: Template, now: datetime) -> float:
    """Seconds to wait after a 429: what is said, else until the budget that is used up is whole again, else a moment.

    The caller caps it; a day is a long time to hold a message.
    """
    for told in (_said_wait(answer, template, now), wait_told(template.limits.budgets, answer.headers, now)):
        if told is not None:
            return told
    return MOMENT


def pause_of(answer: HttpAnswer, template: Template, now: datetime) -> float:
    """Seconds for which nobody should call: what a 429 means, or an outage that says how long; 0 otherwise."""
    kind = kind_of(answer, template)
    if kind == "rate_limited":
        return wait_of(answer, template, now)
    return (_said_wait(answer, template, now) or 0.0) if kind == "unavailable" else 0.0


def request_id_of(answer: HttpAnswer, limits: Limits) -> str | None:
    """The platform's own id of the request, as far as it is printable and short."""
    found = answer.headers.get(limits.request_id_header or "", "")
    return found[:100] if found and found.isprintable() else None


def _said_wait(answer: HttpAnswer, template: Template, now: datetime) -> float | None:
    """Retry-After as seconds or date, else what the body says, else what the template knows of this answer."""
    text = answer.headers.get("retry-after", "").strip()
    named = float(text) if _WAIT.fullmatch(text) else date_wait(text, now)
    override = _override(answer, template)
    if named is not None or override is None:
        return named
    if override.wait_at is not None:
        found = _in_body(answer, override.wait_at)
        seconds = _seconds(found)
        if seconds is not None:
            return seconds
    return override.wait_seconds


def _seconds(found: Any) -> float | None:
    """A number of seconds up to a day, as a number or a text; anything else is none."""
    if isinstance(found, bool) or not isinstance(found, int | str):
        return None
    text = str(found)
    whole, _, rest = text.partition(".")
    fits = (
        text.isascii() and 0 < len(whole) < 6 and len(rest) < 10 and whole.isdigit() and (rest == "" or rest.isdigit())
    )
    return float(text) if fits else None


def _override(answer: HttpAnswer, template: Template) -> VerdictOverride | None:
    for override in template.verdicts:
        if override.status not in (None, answer.status) or override.content_type not in (None, answer.content_type):
            continue
        if override.when is None or _in_body(answer, override.when) is True:
            return override
    return None


def _in_body(answer: HttpAnswer, expression: str) -> Any:
    """What a JSON body says; None for any other body, and where the expression does not fit it."""
    if len(answer.body) > MAX_ERROR:
        return None
    try:
        return find(expression, plain_data(read_json(answer.body)))
    except (BadInput, NoValue):
        return None
