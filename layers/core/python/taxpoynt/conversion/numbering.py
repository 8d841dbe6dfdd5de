"""Invoice numbers and IRNs: made from the source's own id alone, so that a retry gives the same one.

An IRN is `<number>-<service id>-<YYYYMMDD>`, at most 50 characters (reference, section 6a); 8 + 8 characters and two
hyphens are fixed, which leaves 32 for the number. NRS does not return it: one IRN is one invoice for ever.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date

from taxpoynt.conversion.rule_book import rule
from taxpoynt.errors import BadInput, Fault

IRN_LENGTH = 50
NUMBER_LENGTH = 32
_MERCHANT_PREFIX_LENGTH = 8
_PLATFORM_LENGTH = 4
_DIGEST_LENGTH = 12

_IRN = re.compile(r"([A-Z0-9]+)-([A-Z0-9]{8})-([0-9]{8})")
_NEARLY = re.compile(r"[A-Za-z0-9]+-[A-Za-z0-9]+-[0-9]{8}")
_PLAIN = re.compile(r"[A-Z0-9]+")
_LOOKS_DIGESTED = re.compile(r".*X[A-Z2-7]{12}")
_LOOKS_CORRECTED = re.compile(r".*[CDR][0-9]+")
_CORRECTION = re.compile(r"(.+):([CDR][1-9][0-9]{0,3})")


def invoice_number(connector: str, sale_id: str, prefix: str | None = None, *, platform: str | None = None) -> str:
    """`[merchant prefix]` + the platform's letters + source id, 1–32 capital letters and digits: deal 8 → `PD8`.

    platform: the letters, as the sale has them; None for those of the connector's name.

    An id of capital letters and digits is kept as it is. Any other loses something when stripped (`A-1` would become
    `A1`), and a long one when cut; these get `X` and 12 characters of the id's SHA-256 at the end. A plain id that
    already looks so gets a digest too, so one connector's different ids have different numbers (up to a 60-bit digest
    collision, and storage reserves each number once anyway). A correction of ours is its sale's number and a letter:
    `8:C1` → `PD8C1`, and so a plain id that looks like one (`8C1`) gets a digest. BadInput for an empty id.
    """
    if not sale_id:
        raise BadInput("a sale without an id cannot be numbered")
    start = letters(prefix or "")[:_MERCHANT_PREFIX_LENGTH] + platform_letters(connector, platform)
    room = NUMBER_LENGTH - len(start)
    root, tail = split_correction(sale_id)
    if len(root + tail) <= room and _is_plain(root):
        return start + root + tail
    # surrogatepass: an id is opaque, and an odd one must still have a number
    digest = hashlib.sha256(sale_id.encode("utf-8", "surrogatepass")).digest()
    tail = "X" + base64.b32encode(digest).decode()[:_DIGEST_LENGTH]
    return start + letters(sale_id)[: room - len(tail)] + tail


def split_correction(sale_id: str) -> tuple[str, str]:
    """(`8`, `C1`) for `8:C1`, (`8`, ``) for `8`."""
    correction = _CORRECTION.fullmatch(sale_id)
    return (correction[1], correction[2]) if correction else (sale_id, "")


def _is_plain(source_id: str) -> bool:
    """Nothing is lost when it is stripped, and it looks like nothing that we make."""
    odd = _LOOKS_DIGESTED.fullmatch(source_id) or _LOOKS_CORRECTED.fullmatch(source_id)
    return _PLAIN.fullmatch(source_id) is not None and not odd


def platform_letters(connector: str, platform: str | None = None) -> str:
    """The letters that keep platforms apart: as its template says, else the first three of its name."""
    return letters(platform or "")[:_PLATFORM_LENGTH] or letters(connector)[:3] or "X"


def irn(number: str, service_id: str, issue_date: date) -> str:
    """The IRN; BadInput when its parts cannot make a valid one."""
    whole = f"{number}-{service_id}-{issue_date:%Y%m%d}"
    faults = check_irn(whole, issue_date=issue_date)
    if faults:
        raise BadInput("not an IRN: " + faults[0].code)
    return whole


def check_irn(irn: str, *, issue_date: date | None = None, service_id: str | None = None) -> list[Fault]:
    """Every fault of an IRN: form, length, a real calendar date, the document's date, the merchant's service id."""
    faults = [rule("IRN-004").fault(length=len(irn))] if len(irn) > IRN_LENGTH else []
    parts = _IRN.fullmatch(irn)
    if parts is None:
        return [rule("IRN-006" if _NEARLY.fullmatch(irn) else "IRN-001").fault(), *faults]
    if service_id is not None and parts[2] != service_id:
        faults.append(rule("IRN-005").fault())
    try:
        day = date(int(parts[3][:4]), int(parts[3][4:6]), int(parts[3][6:]))
    except ValueError:
        return [*faults, rule("IRN-002").fault(day=parts[3])]
    if issue_date is not None and day != issue_date:
        faults.append(rule("IRN-003").fault(day=parts[3], issued=issue_date.isoformat()))
    return faults


def letters(text: str) -> str:
    """Capital letters and digits of a text: what NRS takes."""
    return "".join(char for char in text.upper() if char.isascii() and char.isalnum())
