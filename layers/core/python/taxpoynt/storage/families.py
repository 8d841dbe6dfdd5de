"""Documents that belong together, and how much of one its credit notes have taken: items in the documents' partitions.

`FAMILY#<sale>` stands in the partition of the source record's first sale, written with the claim of each further one.
`CREDITS` stands in the partition of the document that is credited, and is written over the version that was read in
the transaction of the reservation: two notes at once cannot both take the last naira.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from taxpoynt.domain.keys import root_of, sale_key
from taxpoynt.domain.money import plain
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import CreditTooLarge
from taxpoynt.ports import Credit, SaleRecord
from taxpoynt.storage.table import Table

CREDITS = "CREDITS"
FAMILY = "FAMILY#"
_GIVEN_BACK = frozenset({SaleState.NEEDS_ATTENTION, SaleState.WITHDRAWN})
_TAKEN = frozenset({SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN})


def head_of(record: SaleRecord) -> str | None:
    """The first sale of the family that `record` joins; None for that sale itself."""
    head = root_of(record.corrects or record.sale_id)
    return None if head == record.sale_id else head


def member(record: SaleRecord) -> dict[str, Any] | None:
    """The item that makes `record` known to its family."""
    head = head_of(record)
    if head is None:
        return None
    pk = sale_key(record.merchant, record.connector, head)
    return {"pk": pk, "sk": FAMILY + record.sale_id, "sale_id": record.sale_id}


def by_age(record: SaleRecord) -> tuple[str, int, str]:
    """The order in which documents were made; those of one moment in that of their ids."""
    return (record.created_at.isoformat() if record.created_at else "", len(record.sale_id), record.sale_id)


def taken(table: Table, record: SaleRecord, credit: Credit) -> dict[str, Any]:
    """The write that takes `credit`; CreditTooLarge when there is not as much left."""
    pk = sale_key(record.merchant, record.connector, credit.sale_id)
    known, notes = _notes(table, pk)
    notes[record.sale_id] = plain(credit.amount)
    if exceeds(notes, credit):
        raise CreditTooLarge("credit notes would exceed their document")
    return _write(table, pk, known, notes)


def exceeds(notes: dict[str, str], credit: Credit) -> bool:
    """Do all notes together take more than the document says?"""
    return sum(map(Decimal, notes.values()), Decimal(0)) > credit.limit


def given_back(table: Table, was: SaleRecord, new: SaleRecord) -> list[dict[str, Any]]:
    """The write for a note that NRS clearly refused or that is taken back: what it had taken is free again."""
    if not gives_back(was, new):
        return []
    pk = sale_key(new.merchant, new.connector, str(new.corrects))
    known, notes = _notes(table, pk)
    if notes.pop(new.sale_id, None) is None:
        return []
    return [_write(table, pk, known, notes)]


def gives_back(was: SaleRecord, new: SaleRecord) -> bool:
    """Does this change end a credit note's reservation?"""
    return new.document == "credit_note" and bool(new.corrects) and was.state in _TAKEN and new.state in _GIVEN_BACK


def _notes(table: Table, pk: str) -> tuple[int, dict[str, str]]:
    item = table.get(pk, CREDITS)
    return (int(item["version"]), json.loads(item["notes"])) if item else (0, {})


def _write(table: Table, pk: str, known: int, notes: dict[str, str]) -> dict[str, Any]:
    item = {"pk": pk, "sk": CREDITS, "version": known + 1, "notes": notes}
    if known:
        return table.put_request(item, only_if="version = :known", known=known)
    return table.put_request(item, only_if="attribute_not_exists(pk)")
