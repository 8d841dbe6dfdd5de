"""Which objects of the raw bucket back a sale, and what retention class they are given when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from taxpoynt import retention
from taxpoynt.domain.inputs import ConversionInputs
from taxpoynt.errors import NotFound
from taxpoynt.ports import BlobStore, HistoryEntry, SaleRecord, SaleStore
from taxpoynt.services.families import original_of


def keep_as_evidence(blobs: BlobStore, record: SaleRecord, inputs: ConversionInputs) -> None:
    """Before a sale is reserved: what its invoice is made of leaves the short clocks of drafts and cached records.

    NotFound when something is gone already (a sale that waited for half a year): it must be fetched anew.
    """
    changed = inputs.difference.changed_sale_key if inputs.difference else None
    named = (inputs.sale_key, changed)  # a refund's sale with its tax rows fitted; what the source showed of a change
    made_from = [place for place in (record.record_key, record.sale_key, *named, *_drafts(record)) if place]
    if blobs.mark(made_from, retention.EVIDENCE) < len(set(made_from)):
        raise NotFound("what this invoice is made from is no longer kept")


def places(record: SaleRecord, history: Iterable[HistoryEntry] = ()) -> list[str]:
    """Every object the sale and its history name."""
    answers = [key for entry in history for name, key in entry.detail.items() if name.endswith("_key")]
    kept = (record.record_key, record.sale_key, *_drafts(record), record.checked_key, record.body_key)
    return list(dict.fromkeys(key for key in (*kept, *record.documents.values(), *answers) if key))


def of_kin(sales: SaleStore, record: SaleRecord, stays: Callable[[SaleRecord], bool]) -> frozenset[str]:
    """Objects of `record` that a document of its family which stays is made from too.

    A credit note may name the very source record and supplied values of its invoice, and is the difference to its sale.
    """
    first = original_of(record)
    kin = sales.family(record.merchant, record.connector, first)
    with suppress(NotFound):  # a refund may come before its sale
        kin.append(sales.get(record.merchant, record.connector, first))
    found: set[str] = set()
    for one in kin:
        if one.sale_id != record.sale_id and stays(one):
            history = sales.history(one.merchant, one.connector, one.sale_id)
            found.update(places(one, history), (record.sale_key,) if record.body_key else ())
    return frozenset(found)


def _drafts(record: SaleRecord) -> tuple[str | None, ...]:
    return record.invoice_key, record.inputs_key, record.supplied_key
