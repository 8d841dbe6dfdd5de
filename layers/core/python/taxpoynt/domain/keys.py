"""Every idempotency, dedupe and claim key is made here; an empty part is refused.

A key with an empty part (`m_1##8`) would make strangers share a claim, and libraries happily accept one.
"""

from __future__ import annotations

import hashlib

from taxpoynt.errors import BadInput

SEPARATOR = "#"


def key(*parts: str) -> str:
    """`parts` joined by `#`; BadInput for none, an empty part, or one that holds a separator or control character."""
    if not parts:
        raise BadInput("a key needs parts")
    for part in parts:
        if not part or part != part.strip() or SEPARATOR in part or not part.isprintable():
            raise BadInput("a key part is empty or holds a separator")
    return SEPARATOR.join(parts)


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
