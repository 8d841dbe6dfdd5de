"""What an answer of NRS means: one table from status and text to verdict (reference, sections 4 and 13).

Whether a call is `lasting` (sign above all) decides what "we cannot tell" is called: OutcomeUnknown, where the invoice
may be official by now, or NrsUnavailable, where nothing happened. A doubt falls on the side that looks up first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from taxpoynt.domain.source import read_json
from taxpoynt.errors import (
    BadInput,
    ConfigurationError,
    NrsKeyRefused,
    NrsRefused,
    NrsUnavailable,
    OutcomeUnknown,
    RateLimited,
    Retryable,
)
from taxpoynt.nrs.refusals import faults_of
from taxpoynt.ports import NrsAnswer

LONGEST_WAIT = 900.0
"""Seconds a Retry-After may ask for (security page, part 4: capped at 15 minutes)."""

KEY_REFUSED = "unable to validate api key"
NO_ROUTE = "no route found for this path"
PASSING = (
    "unable to complete this operation at this time",
    "temporarily unavailable",
    "please try again",
    "try again later",
)
"""Texts of an outage; the first is also NRS's answer to an IRN that is used already."""

_LONGEST_TEXT = 1000
_GENERIC = "validation failed: we are unable to process your request"
_DUPLICATE = re.compile(r"duplicate|already (?:been )?(?:used|exists?|signed|registered|submitted)|irn .*exists")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer taken apart; `readable` False when it is not NRS's JSON object (a proxy's page, half an answer)."""

    readable: bool
    data: Any = None
    message: str = ""
    details: str = ""
    public_message: str = ""
    error_id: str | None = None
    has_error: bool = False

    def says(self, *texts: str) -> bool:
        """Does one of its texts contain one of `texts`?"""
        whole = "\n".join((self.details, self.public_message, self.message)).lower()
        return any(text in whole for text in texts)


def open_envelope(body: bytes) -> Envelope:
    """Never raises: an unreadable body is an envelope that is not `readable`."""
    try:
        whole = read_json(body)
    except BadInput:
        return Envelope(readable=False)
    if not isinstance(whole, dict):
        return Envelope(readable=False)
    error = whole.get("error")
    told = error if isinstance(error, dict) else {}
    return Envelope(
        readable=True,
        data=whole.get("data", whole),
        message=_text(whole.get("message")),
        details=_text(told.get("details")),
        public_message=_text(told.get("public_message")),
        error_id=_text(told.get("id"))[:64] or None,
        has_error=bool(told),
    )


def judge(
    status: int, headers: Mapping[str, str], body: bytes, *, lasting: bool, action: bool, now: datetime
) -> NrsAnswer:
    """The answer of a call that succeeded; otherwise raises the verdict.

    `action`: success also needs `data.ok` to be true (section 4). `headers` must find names in any case.
    Raises RateLimited, NrsKeyRefused, NrsRefused, ConfigurationError, and NrsUnavailable or OutcomeUnknown.
    """
    envelope = open_envelope(body)
    if 200 <= status < 300:
        if envelope.readable and (not action or _is_ok(envelope.data)):
            return NrsAnswer(status=status, request_id=_request_id(headers, envelope), body=body)
        request_id = _request_id(headers, envelope)
        raise unsure(f"NRS answered {status} without saying ok", lasting=lasting, request_id=request_id)
    raise _refusal(status, headers, envelope, lasting=lasting, now=now)


def unsure(
    message: str,
    *,
    lasting: bool,
    request_id: str | None = None,
    wait: float | None = None,
    answered: bool = False,
) -> Retryable:
    """The error for "we cannot tell what happened". `answered`: NRS itself said so, which is no outage."""
    kind = OutcomeUnknown if lasting else NrsUnavailable
    error = kind(message, retry_after=wait, request_id=request_id)
    error.answered = answered
    return error


def _refusal(status: int, headers: Mapping[str, str], envelope: Envelope, *, lasting: bool, now: datetime) -> Exception:
    request_id = _request_id(headers, envelope)
    wait = retry_after(headers.get("Retry-After"), now)
    if status == 429:
        return RateLimited("NRS asks us to slow down", retry_after=wait, request_id=request_id)
    if status == 401 or envelope.says(KEY_REFUSED):
        return NrsKeyRefused("NRS refused our key pair", request_id=request_id)
    if status == 413:
        return NrsRefused("NRS refused the document as too large", faults_of("", "too large"), request_id=request_id)
    if not 400 <= status < 500 or status == 408 or not envelope.readable:
        return unsure(f"NRS answered {status}", lasting=lasting, request_id=request_id, wait=wait)
    if not envelope.has_error and envelope.says(NO_ROUTE):
        return ConfigurationError("NRS has no such path: check the base URL and paths", request_id=request_id)
    faults = faults_of(envelope.details, envelope.public_message or envelope.message)
    if envelope.says(*PASSING) or (lasting and _may_be_duplicate(envelope)):
        message = f"NRS answered {status}: outage or number used already"
        error = unsure(message, lasting=lasting, request_id=request_id, wait=wait, answered=True)
        if isinstance(error, OutcomeUnknown) and not envelope.says(*PASSING):
            error.faults = faults
        return error
    return NrsRefused("NRS refused: " + faults[0].code, faults, request_id=request_id)


def does_not_know(status: int, body: bytes) -> bool:
    """Is this the answer to a question about an IRN that NRS does not know, or about which it says nothing?

    Any 4xx but a refused key, a slow-down or a time-out (section 5.1, confirm). Not proof: search as well.
    """
    return 400 <= status < 500 and status not in (401, 408, 429) and not open_envelope(body).says(KEY_REFUSED)


def _may_be_duplicate(envelope: Envelope) -> bool:
    """A duplicate named in so many words, or the general sentence that mentions one, with nothing more exact."""
    general = not envelope.details and envelope.says(_GENERIC)
    return general or bool(_DUPLICATE.search(envelope.details.lower()))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait from a Retry-After of seconds or an HTTP date, between 0 and 15 minutes; None if unreadable."""
    if value is None:
        return None
    text = value.strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return min(float(text), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second for a year or zone beyond all integers
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_WAIT)


def _request_id(headers: Mapping[str, str], envelope: Envelope) -> str | None:
    return envelope.error_id or (headers.get("x-request-id") or "")[:64] or None


def _is_ok(data: Any) -> bool:
    return isinstance(data, dict) and data.get("ok") is True


def _text(value: Any) -> str:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""
