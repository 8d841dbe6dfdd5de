"""Every idempotency, dedupe and claim key is made here; an empty part is refused.

A key with an empty part (`m_1##8`) would make strangers share a claim, and libraries happily accept one.
"""

from __future__ import annotations

import hashlib
import re

from taxpoynt.errors import BadInput

SEPARATOR = "#"
NOBODY = "nobody"
"""Stands for the merchant of a delivery that names none we know. Merchants' ids begin with `m_`."""


def key(*parts: str) -> str:
    """`parts` joined by `#`; BadInput for none, an empty part, or one that holds a separator or control character."""
    if not parts:
        raise BadInput("a key needs parts")
    for part in parts:
        if not part or part != part.strip() or SEPARATOR in part or not part.isprintable():
            raise BadInput("a key part is empty or holds a separator")
    return SEPARATOR.join(parts)


def below(*parts: str) -> str:
    """What every longer key under `parts` begins with; the separator ends the last part, so no other id does."""
    return key(*parts) + SEPARATOR


def sale_key(merchant: str, connector: str, sale_id: str) -> str:
    """The claim key of a sale: one per source record for ever."""
    return key("M", merchant, "S", connector, sale_id)


def event_key(merchant: str, connector: str, event_id: str) -> str:
    """The claim key of an event."""
    return key("M", merchant, "E", connector, event_id)


def execution_name(merchant: str, connector: str, sale_id: str, attempt: str) -> str:
    """A Step Functions name for one run over a claimed sale: its claim key and the attempt, as far as names allow.

    At most 80 characters of letters, digits, `-` and `_`; long or odd ids are replaced by their digest.
    """
    digest = hashlib.sha256(sale_key(merchant, connector, sale_id).encode()).hexdigest()[:24]
    readable = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in f"{connector}-{sale_id}")[:32]
    return f"{readable}-{digest}-{attempt}"[:80]


_CORRECTION = re.compile(r"(.+):[CDR][1-9][0-9]{0,3}")


def correction_id(sale_id: str, letter: str, number: int) -> str:
    """The id of a document made from the same source record: `8:C1` credit note, `8:D1` debit note, `8:R1` invoice."""
    return f"{root_of(sale_id)}:{letter}{number}"


def root_of(sale_id: str) -> str:
    """`8` for `8:C1` and for `8`: the id the platform gave."""
    found = _CORRECTION.fullmatch(sale_id)
    return found[1] if found else sale_id


def is_correction_id(sale_id: str) -> bool:
    """Would `sale_id` be one of ours? No platform's own id may look so."""
    return _CORRECTION.fullmatch(sale_id) is not None
