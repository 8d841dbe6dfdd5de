"""NRS's refusals as faults in the merchant's words. Source of the texts: nrs-einvoice reference, section 13."""

from __future__ import annotations

import re
from dataclasses import dataclass

from taxpoynt.errors import Fault
from taxpoynt.nrs.paths import our_path

_QUOTED = 200
"""Characters of a text we do not know that a fault repeats."""
_READ = 4000
"""Characters of a text that are looked at: NRS's own are a line, and a page of an error behind it may be anything."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    code: str
    pattern: re.Pattern[str]
    message: str
    remedy: str


def _refusal(code: str, pattern: str, message: str, remedy: str) -> _Refusal:
    return _Refusal(code, re.compile(pattern), message, remedy)


# A path begins where no character of a path stands before it: else each of n letters would be tried as a beginning.
_PATH = r"(?<![a-z_.\]])(?P<path>[a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)+) "

_REFUSALS = (
    _refusal(
        "NRS-101",
        _PATH + "must be a valid tax category",
        "NRS does not know this tax category.",
        "Choose a tax category from NRS's list, for example STANDARD_VAT, ZERO_VAT or EXEMPTED.",
    ),
    _refusal(
        "NRS-102",
        _PATH + "must be a valid date value",
        "NRS cannot read this date.",
        "Give the date as year-month-day, for example 2026-09-15.",
    ),
    _refusal(
        "NRS-103",
        _PATH + "must be a valid country code",
        "NRS does not know this country.",
        "Give the country as its two-letter code, for example NG.",
    ),
    _refusal(
        "NRS-104",
        _PATH + r"must be at least in length or value (?P<limit>\d+)",
        "This is too short for NRS: it wants at least {limit}.",
        "Complete the value in the source record or in the business profile.",
    ),
    _refusal(
        "NRS-105",
        _PATH + r"can not be more than in length or value (?P<limit>\d+)",
        "This is too long for NRS: it takes at most {limit}.",
        "Shorten the value in the source record; a unit is a code such as EA, KGM or HUR.",
    ),
    _refusal(
        "NRS-106",
        _PATH + r"is required when (?P<other>\w+) is provided",
        "NRS wants this given together with {other}.",
        "Complete the classification of the product: code and category go together.",
    ),
    _refusal(
        "NRS-107",
        _PATH + "is required",
        "NRS wants this given, and it is empty.",
        "Fill it in in the source record or in the business profile.",
    ),
    _refusal(
        "NRS-108",
        _PATH + "(?:must|should|has to) ",
        "NRS does not accept this value: {text}",
        "Correct the value in the source record or in the business profile.",
    ),
    _refusal(
        "NRS-111",
        r"irn validation failed for this business",
        "The invoice reference number (IRN) does not fit the template NRS has for this business.",
        "Check the business id and the 8-character service id in the business profile against the NRS portal.",
    ),
    _refusal(
        "NRS-112",
        r"invalid uuid length",
        "NRS does not accept the business id: it is not complete.",
        "Copy the business id (36 characters) from the NRS portal into the business profile.",
    ),
    _refusal(
        "NRS-121",
        r"terminal state",
        "NRS has closed this invoice: it is paid or was refused by the buyer.",
        "Nothing to do if that is right; otherwise issue a credit note.",
    ),
    _refusal(
        "NRS-122",
        r"can only update payment status of invoices that have been signed",
        "NRS has not registered this invoice yet, so its payment cannot be reported.",
        "Wait until the invoice is accepted; the payment is reported afterwards.",
    ),
    _refusal(
        "NRS-123",
        r"webhook url is not setup",
        "The exchange of invoices is not set up at NRS.",
        "Register the notification address in the NRS portal.",
    ),
)

_WHERE = {"NRS-111": "irn", "NRS-112": "seller.business_id", "NRS-121": "payment_status", "NRS-122": "payment_status"}


def faults_of(details: str, public_message: str) -> tuple[Fault, ...]:
    """What NRS said as one fault (it names one problem at a time); the details say more than the public message."""
    details, public_message = details[:_READ], public_message[:_READ]
    for text in (details, public_message):
        for refusal in _REFUSALS:
            if found := refusal.pattern.search(text.lower()):
                return (_fault(refusal, found, text),)
    return (_unknown(details or public_message),)


def _fault(refusal: _Refusal, found: re.Match[str], text: str) -> Fault:
    parts = found.groupdict()
    path = our_path(parts["path"]) if "path" in parts else _WHERE.get(refusal.code, "")
    message = refusal.message.format(limit=parts.get("limit"), other=parts.get("other"), text=_quoted(text))
    return Fault(refusal.code, path, message, refusal.remedy)


def _unknown(text: str) -> Fault:
    said = f" and says: {_quoted(text)}" if text else " without saying why."
    return Fault(
        "NRS-199",
        "",
        "NRS refused the invoice" + said,
        "Correct what NRS names; if it is not clear, ask support and give the request id.",
    )


def _quoted(text: str) -> str:
    """Printable, on one line, bounded: it is somebody else's text and goes to a page and a table."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return f"“{line[:_QUOTED]}”"
