"""The promises every run must keep, whatever was killed, repeated or reordered on the way."""

from __future__ import annotations

import json
from decimal import Decimal

from taxpoynt.domain.keys import sale_key
from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import SaleState, may_follow
from taxpoynt.storage import history
from tests.fakes.outside import fingerprint
from tests.fakes.world import CONNECTOR, MERCHANT, World


def broken_promises(world: World, sale_id: str = "8", total: str = "1075.00") -> list[str]:
    """What went wrong, in a word each; empty when nothing did."""
    record = world.sale(sale_id)
    entries = world.sales.history(MERCHANT, CONNECTOR, sale_id)
    signed = list(world.nrs.signed.values())
    problems = {
        "not exactly one invoice at NRS (P1)": len(signed) != 1,
        "not completed": record.state is not SaleState.COMPLETED,
        "an event without an end (P2)": any("outcome" not in event for event in world.events.events.values()),
        "the amount at NRS is not ours (P3)": any(_payable(body) != Decimal(total) for body in signed),
        "the frozen bytes are not what NRS got": record.body_sha256 not in map(fingerprint, signed),
        "an IRN of another day": any(json.loads(body)["issue_date"] != "2026-03-02" for body in signed),
        "a broken history (P7)": not history.unbroken(sale_key(MERCHANT, CONNECTOR, sale_id), entries),
        "a step that may not be": any(e.before and not may_follow(e.before, e.after) for e in entries),
        "documents are missing": {name for name, key in record.documents.items() if key in world.blobs.blobs}
        != {"stamp", "qr", "pdf", "receipt", "ubl"},
    }
    return [name for name, broken in problems.items() if broken]


def _payable(body: bytes) -> Decimal:
    return Decimal(read_json(body)["legal_monetary_total"]["payable_amount"])
