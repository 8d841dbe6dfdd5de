"""Which documents a credit or debit note names, and how much of the credited one is left."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.conversion.corrections import settled
from taxpoynt.conversion.standing import Issued, Sums, left
from taxpoynt.domain.invoice import Reference
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import Fault, NotFound
from taxpoynt.ports import SaleRecord
from taxpoynt.services.families import SENT, is_own, original_of
from taxpoynt.services.sale_files import invoice_of
from taxpoynt.services.same_words import elsewhere
from taxpoynt.services.steps import Stores

NO_INVOICE = "REF-010"
SEVERAL = "REF-011"


@dataclass(frozen=True, slots=True)
class Resolved:
    """`waits`: the invoice it is for is not accepted yet. `original`: the one document a note is held against.

    That is the document it names, or the invoice that replaced it.
    """

    references: tuple[Reference, ...] = ()
    original: SaleRecord | None = None
    faults: tuple[Fault, ...] = ()
    waits: bool = False


def resolve(stores: Stores, record: SaleRecord, sale: Sale) -> Resolved:
    """The IRNs and dates of what `sale` corrects, as they are now."""
    if sale.document == "invoice":
        return Resolved(waits=_credit_open(stores, record))
    if not sale.refers_to:
        return Resolved()  # a note without a reference breaks rule REF-001
    if len(sale.refers_to) > 1:
        return Resolved(faults=(_several(sale),))
    try:
        original = stores.sales.get(record.merchant, record.connector, sale.refers_to[0])
    except NotFound:
        original = None
    if original is not None and original.state is SaleState.WITHDRAWN and original.same_as:
        return Resolved(faults=(elsewhere(sale, original.same_as),))
    if original is None or original.state is SaleState.WITHDRAWN:
        return Resolved(faults=(_no_invoice(sale),))
    original = _standing(stores, original, record)
    if original.state not in AT_NRS or original.irn is None:
        return Resolved(original=original, waits=True)
    return Resolved((Reference(irn=original.irn, issue_date=original.clock.issue_date),), original)


def _standing(stores: Stores, named: SaleRecord, note: SaleRecord) -> SaleRecord:
    """The invoice a refund is held against: the one its platform names, unless we credited it whole and made it anew.

    Another buyer, say, made `8:C1` over all of `8` and invoice `8:R1`: the platform still says `8`. The first invoice
    that is not credited whole, else the newest. Our own notes name exactly what they were made for.
    """
    if is_own(note):
        return named
    family = stores.sales.family(named.merchant, named.connector, original_of(named))
    own = [one for one in family if is_own(one) and one.state is not SaleState.WITHDRAWN]
    later = [one for one in own if one.document == "invoice" and one.sale_id != named.sale_id]
    for newer in later:
        if not any(one.corrects == named.sale_id and one.document == "credit_note" for one in own):
            break
        if named.state not in SENT or not settled(rest_of(stores, named, note)):
            break
        named = newer
    return named


def _credit_open(stores: Stores, record: SaleRecord) -> bool:
    """A new invoice for a changed sale waits until NRS has the credit notes over the old one.

    One that is only being sent may still be refused, and then two invoices would stand for one sale.
    """
    if record.corrects is None:
        return False
    family = stores.sales.family(record.merchant, record.connector, original_of(record))
    notes = [one for one in family if one.document == "credit_note" and is_own(one)]
    return any(one.state not in AT_NRS and one.state is not SaleState.WITHDRAWN for one in notes)


def rest_of(stores: Stores, original: SaleRecord, besides: SaleRecord) -> Sums:
    """What credit notes other than `besides` have left of it."""
    family = stores.sales.family(original.merchant, original.connector, original_of(original))
    notes = [
        Issued(one.sale_id, invoice_of(stores.blobs, one), one.corrects)
        for one in family
        if one.document == "credit_note" and one.state in SENT and one.sale_id != besides.sale_id
    ]
    return left(Issued(original.sale_id, invoice_of(stores.blobs, original)), notes)


def wake(stores: Stores, accepted: SaleRecord) -> None:
    """NRS has it: the notes that wait for it are due at once, and the sweeper takes them up."""
    for one in stores.sales.family(accepted.merchant, accepted.connector, original_of(accepted)):
        if one.state is SaleState.WAITING and (one.corrects == accepted.sale_id or one.document == "invoice"):
            from_now = stores.clock.now()
            if one.next_action_at is None or one.next_action_at > from_now:
                stores.sales.change(replace(one, next_action_at=from_now), action="invoice_accepted")


def _no_invoice(sale: Sale) -> Fault:
    return Fault(
        NO_INVOICE,
        "refers_to",
        f"The sale this refund belongs to ({sale.refers_to[0]}) was never invoiced, and there is none to invoice.",
        "Nothing is owed to NRS for a sale that was never invoiced. If there was one, restore it in the source system.",
    )


def _several(sale: Sale) -> Fault:
    return Fault(
        SEVERAL,
        "refers_to",
        f"This refund gives money back for {len(sale.refers_to)} sales at once.",
        "Make one refund for each sale in the source system.",
    )
