"""The documents about one source record, and what each of them says."""

from __future__ import annotations

from collections.abc import Iterable

from taxpoynt.conversion.standing import Issued
from taxpoynt.domain.keys import root_of
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.ports import BlobStore, SaleRecord
from taxpoynt.services.sale_files import invoice_of

SENT = AT_NRS | {SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN}
"""Its bytes are frozen: NRS has it or is being sent it, so it counts."""
OPEN = frozenset({SaleState.CLAIMED, SaleState.NEEDS_ATTENTION, SaleState.WAITING})
"""Not sent yet: the source or a person may still change what it says."""


def original_of(record: SaleRecord) -> str:
    """The sale the family began with: `8` for `8`, `8:C1`, `8:R1`, and for a refund of `8` or `8:R1`."""
    return root_of(record.corrects or record.sale_id)


def is_own(record: SaleRecord) -> bool:
    """Is it a document about the record the family began with, and no refund with a record of its own?"""
    return root_of(record.sale_id) == original_of(record)


def is_refund(record: SaleRecord) -> bool:
    """A refund with a record of its own at the platform, which it did not take back."""
    return record.document == "credit_note" and not is_own(record) and record.state is not SaleState.WITHDRAWN


def issued(blobs: BlobStore, records: Iterable[SaleRecord]) -> list[Issued]:
    """The documents among `records` that count."""
    return [
        Issued(one.sale_id, invoice_of(blobs, one), None if one.document == "invoice" else one.corrects)
        for one in records
        if one.state in SENT
    ]
