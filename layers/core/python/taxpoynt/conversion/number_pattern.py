"""Invoice numbers by a pattern that the merchant chose: what they begin with, then the sale's own id.

`{prefix}` is the profile's, `{location}` the shop's, `{platform}` ours (`PD`); between them stand capital letters and
digits. So that no two sales ever read the same, what a number begins with ends with a letter, and only an id that is
all digits is kept as it is: the digits at the end are the id, and what stands before them is the rest. Any other id
gets a digest, as in numbering.py. Storage reserves each number once in any case.
"""

from __future__ import annotations

import base64
import hashlib
import re

from taxpoynt.conversion.numbering import NUMBER_LENGTH, letters, platform_letters, split_correction

LONGEST_START = 16
_PATTERN = re.compile(r"(?:[A-Z0-9]|\{(?:prefix|platform|location)\})*\{sale\}")
_PART = re.compile(r"\{(\w+)\}")
_LOOKS_CORRECTED = re.compile(r".*[0-9][CDR]")
_DIGITS = re.compile(r"[0-9]+")


def pattern_fault(pattern: str) -> str | None:
    """What is wrong with a pattern, in words; None when nothing is."""
    if not _PATTERN.fullmatch(pattern):
        return "a number is capital letters, digits, {prefix}, {platform} and {location}, and ends with {sale}"
    fixed = re.sub(r".*\}", "", pattern.removesuffix("{sale}"))
    return start_fault(fixed) if fixed else None


def start_fault(start: str) -> str | None:
    """Why numbers may not begin so, in words; None when they may."""
    if not re.fullmatch(r"[A-Z0-9]*", start):
        return "NRS takes capital letters and digits only"
    if start and not start[-1].isalpha():
        return "it must end with a letter: after a digit, nobody could tell where the sale's own number begins"
    if _LOOKS_CORRECTED.fullmatch(start):
        return "it may not end with a digit and C, D or R: so end the numbers of credit and debit notes"
    return f"it may have {LONGEST_START} characters at most" if len(start) > LONGEST_START else None


def start_of(
    pattern: str, connector: str, *, prefix: str | None, location: str | None, platform: str | None = None
) -> str:
    """What the numbers of a connector and shop begin with; an absent part leaves nothing. platform: its letters."""
    whose = platform_letters(connector, platform)
    parts = {"prefix": letters(prefix or ""), "platform": whose, "location": location or ""}
    return _PART.sub(lambda found: parts.get(found[1], ""), pattern.removesuffix("{sale}"))


def chosen_number(start: str, connector: str, sale_id: str) -> str:
    """The number of a sale, at most 32 characters: deal 8 with start `INV` → `INV8`, its first credit note `INV8C1`.

    A start that is none (a prefix changed since the pattern was checked) and an id that is not all digits get a digest.
    """
    root, tail = split_correction(sale_id)
    number = start + root + tail
    if _DIGITS.fullmatch(root) and start_fault(start) is None and len(number) <= NUMBER_LENGTH:
        return number
    return apart(start, connector, sale_id)


def apart(start: str, connector: str, sale_id: str) -> str:
    """The number that no other sale has, whatever its platform and id: with a digest of both at the end."""
    whole = f"{connector}\x00{sale_id}".encode("utf-8", "surrogatepass")
    tail = "X" + base64.b32encode(hashlib.sha256(whole).digest()).decode()[:12]
    return (letters(start)[:LONGEST_START] + letters(sale_id))[: NUMBER_LENGTH - len(tail)] + tail
