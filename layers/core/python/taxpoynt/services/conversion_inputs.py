"""A conversion from what is kept of it: the pipeline and `ops explain` make the invoice by this one function.

So what is kept cannot be less than what is needed: an input that is not in `ConversionInputs` cannot be used.
"""

from __future__ import annotations

from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.decided import Table, at_location, decided
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.number_pattern import start_of
from taxpoynt.conversion.supplied import supply
from taxpoynt.domain.inputs import ConversionInputs, Reading
from taxpoynt.domain.invoice import Invoice, Reference, TraceEntry
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Sale
from taxpoynt.errors import Fault
from taxpoynt.ports import BlobStore, SaleRecord, StoredMerchant
from taxpoynt.services.sale_files import inputs_of, supplied_of


def gathered(
    blobs: BlobStore,
    record: SaleRecord,
    merchant: StoredMerchant,
    *,
    lists_version: str,
    references: tuple[Reference, ...] = (),
    software: str = "",
) -> ConversionInputs:
    """What the record was read by, and with it all that its conversion takes now."""
    return inputs_of(blobs, record).model_copy(
        update={
            "sale_key": record.sale_key,
            "merchant": merchant.profile,
            "profile_version": merchant.version,
            "supplied": supplied_of(blobs, record),
            "references": references,
            "lists_version": lists_version,
            "issue_date": record.clock.issue_date,
            "issue_time": record.clock.issue_time,
            "software": software,
        }
    )


def converted(sale: Sale, inputs: ConversionInputs, lists: CodeLists) -> tuple[Invoice, list[Fault]]:
    """The draft and its faults, from the sale that `inputs.sale_key` names and from nothing else."""
    if inputs.issue_date is None or inputs.issue_time is None:
        raise ValueError("inputs of a record that was read and never converted")
    sale, trace = supply(sale, inputs.supplied)
    merchant = inputs.merchant or Merchant()
    if inputs.reading is not None:
        sale, more = _decided(sale, inputs, inputs.reading, trace)
        trace = (*trace, *more)
        merchant = at_location(merchant, inputs.reading.decisions.locations.get(sale.location or ""))
    invoice, faults = convert(
        sale,
        merchant,
        issue_date=inputs.issue_date,
        issue_time=inputs.issue_time,
        lists=lists,
        refers_to=inputs.references,
    )
    told = {
        "trace": (*trace, *invoice.trace),
        "lists_version": lists.version,
        "number_start": _start(sale, merchant, inputs.reading),
    }
    return invoice.model_copy(update=told), faults


def _decided(
    sale: Sale, inputs: ConversionInputs, reading: Reading, trace: tuple[TraceEntry, ...]
) -> tuple[Sale, tuple[TraceEntry, ...]]:
    """With the product table and the tax rules; a note made of a difference has what its invoice had."""
    if inputs.difference is not None and sale.document != "invoice":
        return sale, ()
    codes = reading.version("codes")
    table = Table(reading.codes, f"product table version {codes.number}" if codes else "product table")
    supplied = [one.path for one in trace if one.rule == "supplied"]
    return decided(sale, reading.decisions, table, supplied=supplied)


def _start(sale: Sale, merchant: Merchant, reading: Reading | None) -> str | None:
    """What the number begins with; None where no pattern was chosen."""
    if reading is None or reading.decisions.number is None:
        return None
    shop = reading.decisions.locations.get(sale.location or "")
    return start_of(
        reading.decisions.number,
        sale.connector,
        prefix=merchant.defaults.invoice_prefix,
        location=shop.prefix if shop else None,
        platform=sale.platform,
    )
