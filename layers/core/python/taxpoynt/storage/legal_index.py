"""Index `by_legal`: every sale NRS does not hold yet, by its legal due time; keys only, so that looking is cheap.

Two classes, told apart by kind: what the law gives 24 hours (B2C, and whatever is not converted yet), and what must be
cleared but has no hour (B2B, B2G), where the same time is our own target.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.ports import LegalWatch, SaleRecord
from taxpoynt.storage.items import iso, up_to
from taxpoynt.storage.table import Table, shard

LEGAL_SHARDS = 4
"""Two index writes a sale: 4 × 1,000 a second carry 2,000 sales a second."""
ALERT_BEFORE = timedelta(hours=4)
"""The reference alerts at 20 of the 24 hours (section 14)."""

LAW, TARGET = "LAW", "TARGET"


def legal_keys(record: SaleRecord, pk: str) -> dict[str, str]:
    """The index keys of a state item; none once NRS holds the document or the source took it back.

    Nor while a person has still to say whether a change makes a document at all.
    """
    if record.state in AT_NRS or record.state is SaleState.WITHDRAWN or is_undecided(record):
        return {}
    number = shard(pk, LEGAL_SHARDS)
    return {"legal_pk": _pk(_class_of(record.kind), number), "legal_sk": f"{iso(record.clock.due_at)}#{pk}"}


def is_undecided(record: SaleRecord) -> bool:
    """A change after acceptance that is a question: the law's hours begin with the answer (docs/decisions/0011)."""
    asked = any(fault.code.startswith("CHANGE-") for fault in record.faults)
    return record.state is SaleState.NEEDS_ATTENTION and asked


def legal_watch(table: Table, now: datetime) -> LegalWatch:
    """The first of each shard, and one page (1 MB, some 5,000 keys) of what is late in each."""
    first: list[str] = []
    for number in range(LEGAL_SHARDS):
        page, _ = table.query("legal_pk = :pk", index="by_legal", limit=1, pk=_pk(LAW, number))
        first += [str(item["legal_sk"]).partition("#")[0] for item in page]
    return LegalWatch(
        earliest=datetime.fromisoformat(min(first)) if first else None,
        late=_late(table, LAW, now),
        late_targets=_late(table, TARGET, now),
    )


def _late(table: Table, kind: str, now: datetime) -> int:
    condition, until = "legal_pk = :pk AND legal_sk <= :until", up_to(now + ALERT_BEFORE)
    pages = [
        table.query(condition, index="by_legal", pk=_pk(kind, number), until=until)[0] for number in range(LEGAL_SHARDS)
    ]
    return sum(len(page) for page in pages)


def _class_of(kind: str | None) -> str:
    return TARGET if kind in ("B2B", "B2G") else LAW


def _pk(kind: str, number: int) -> str:
    return f"LEGAL#{kind}#{number:02}"
