"""The invoice reference number against a business's template (reference, section 6a)."""

from __future__ import annotations

import re
from datetime import date

from tests.sandbox.nrs.node import read_date
from tests.sandbox.nrs.problems import IRN_REFUSED, sentence

IRN = re.compile(r"([A-Z0-9]+)-([A-Z0-9]{8})-(\d{4})(\d{2})(\d{2})")
_SERVICE_ID = re.compile(r"\}\}-([A-Z0-9]{8})-\{\{")
LONGEST = 50


def service_id(template: str) -> str:
    """The fixed eight characters in `{{invoice_id(…)}}-94ND90NR-{{YYYYMMDD(…)}}`."""
    found = _SERVICE_ID.search(template)
    if found is None:
        raise ValueError(f"no service id in the template {template!r}")
    return found[1]


def parts(irn: str) -> tuple[str, str, date] | None:
    """(number, service id, date), or None for what is no IRN at all."""
    found = IRN.fullmatch(irn)
    if found is None or len(irn) > LONGEST:
        return None
    day = read_date(f"{found[3]}-{found[4]}-{found[5]}")
    return None if day is None else (found[1], found[2], day)


def check_irn(irn: str, template: str, *, issue_date: date | None = None, number: str | None = None) -> None:
    """Refuses an IRN that does not fit the template, the invoice's date or its number."""
    found = parts(irn)
    if (
        found is None
        or found[1] != service_id(template)
        or (issue_date is not None and found[2] != issue_date)
        or (number is not None and found[0] != number)
    ):
        raise sentence(IRN_REFUSED)
