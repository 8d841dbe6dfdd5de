"""How long a sale that an open circuit keeps from NRS rests, so that an outage of days does not fill its history.

The first few waits are the circuit's own, so a short outage delays nobody. Then they double to an hour, one entry each;
never past the last two hours of the legal day, in which it is looked at every quarter of an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

from taxpoynt.ports import SaleRecord
from taxpoynt.services.steps import UNDER_WAY

QUICK = 4
"""Waits of the circuit's own length, seconds to minutes."""
LONGEST = timedelta(hours=1)
NEAR = timedelta(hours=2)
"""Before the legal due time."""
NEAR_PAUSE = timedelta(minutes=15)


def rest(record: SaleRecord, now: datetime) -> timedelta:
    """From `put_offs`, those in a row so far; at least UNDER_WAY, because somebody may be at work that long."""
    grown = min(UNDER_WAY * (1 << min(max(record.put_offs - QUICK, 0), 5)), LONGEST) * _spread(record)
    left = record.clock.due_at - now
    if timedelta(0) < left <= NEAR:
        grown = min(grown, NEAR_PAUSE)
    elif left > NEAR:
        grown = min(grown, left - NEAR)
    return max(UNDER_WAY, grown)


def _spread(record: SaleRecord) -> float:
    """Three quarters to all of it, another part for each sale and turn, so that they do not all come back at once."""
    return 0.75 + crc32(f"{record.merchant} {record.sale_id} {record.put_offs}".encode()) / 2**34
