"""Status → verdict: the one table, and what a template overrides.

A redirect is a refusal: nothing with credentials is ever sent after one. HTML where JSON was asked is an outage
(a proxy or a login page speaks, not the API).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_records import Limits
from taxpoynt.errors import NeedsReauthorisation, NotFound, PlatformRefused, PlatformUnavailable, RateLimited

Kind = Literal["ok", "unauthorised", "not_found", "rate_limited", "unavailable", "refused"]

BY_STATUS: dict[int, Kind] = {
    401: "unauthorised",
    404: "not_found",
    408: "unavailable",
    410: "not_found",
    425: "unavailable",
    429: "rate_limited",
}
BY_CLASS: dict[int, Kind] = {2: "ok", 3: "refused", 4: "refused", 5: "unavailable"}


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
    for override in template.verdicts:
        if override.status == answer.status and override.content_type in (None, answer.content_type):
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
        raise RateLimited(message, retry_after=retry_after(answer, template.limits, now), request_id=request_id)
    if kind == "unavailable":
        raise PlatformUnavailable(message, retry_after=_named_wait(answer, now), request_id=request_id)
    if kind == "not_found":
        raise NotFound(message, request_id=request_id)
    if kind == "unauthorised":
        raise NeedsReauthorisation(message, request_id=request_id)
    raise RefusedWithStatus(message, status=answer.status, request_id=request_id)


def request_id_of(answer: HttpAnswer, limits: Limits) -> str | None:
    """The platform's own id of the request, as far as it is printable and short."""
    found = answer.headers.get(limits.request_id_header or "", "")
    return found[:100] if found and found.isprintable() else None


def retry_after(answer: HttpAnswer, limits: Limits, now: datetime) -> float:
    """Seconds to wait after a 429: Retry-After, else the next day when the daily budget is used up, else the burst's.

    The caller caps it; a day is a long time to hold a message.
    """
    named = _named_wait(answer, now)
    if named is not None:
        return named
    if answer.headers.get(limits.daily_remaining_header or "", "").strip() == "0":
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - now).total_seconds()
    burst = answer.headers.get(limits.burst_reset_header or "", "").strip()
    return float(burst) if burst.isascii() and burst.isdigit() and len(burst) < 6 else 2.0


def _named_wait(answer: HttpAnswer, now: datetime) -> float | None:
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 8:
        return float(text)
    try:
        at = parsedate_to_datetime(text) if text else None
    except (ValueError, IndexError):
        return None
    if at is None:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
