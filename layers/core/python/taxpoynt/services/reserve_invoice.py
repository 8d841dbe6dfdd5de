"""Number, IRN and the exact bytes, once: a retry never changes one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from taxpoynt.conversion.refunds import TOO_MUCH
from taxpoynt.domain.identity import SameKey
from taxpoynt.domain.inputs import ConversionInputs
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.money import plain
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import ContentConflict, CreditTooLarge, Fault, FaultsFound, StoreConflict
from taxpoynt.ports import Credit, SaleRecord
from taxpoynt.services.evidence import keep_as_evidence
from taxpoynt.services.final_invoice import BodyMaker, numbered
from taxpoynt.services.sale_files import digest, inputs_of, invoice_of, put_body, put_invoice, sale_of
from taxpoynt.services.same_sale import Met, SameSale, union
from taxpoynt.services.same_words import maybe
from taxpoynt.services.steps import UNDER_WAY, Answer, Stores, codes_of, in_state, state_answer, stop_for, write


@dataclass(frozen=True, slots=True)
class ReserveInvoice:
    """Step three."""

    stores: Stores
    body: BodyMaker

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Freezes; a number that another sale holds already (the merchant's pattern changed) gives way to one apart.

        A sale that is another platform's ends here at the latest, or is asked about: FaultsFound. ContentConflict when
        another sale holds the IRN.
        """
        stores = self.stores
        record = stores.sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.CLAIMED):
            return state_answer(record)
        if record.checked_key is None or record.checked_key != record.invoice_key:
            raise StoreConflict("another conversion of this sale is at work: its draft is not checked yet")
        draft, inputs = invoice_of(stores.blobs, record), inputs_of(stores.blobs, record)
        met = self._met(record, draft, inputs)
        if met is not None and met.verdict.word != "go":
            return self._not_alone(record, met)
        sealed = met.writes("sealed") if met else []
        record = replace(record, identity=union(record.identity, met.identity)) if met else record
        try:
            return self._reserve(record, numbered(record, draft), inputs, sealed)
        except ContentConflict:
            if record.number:
                raise
            return self._reserve(record, numbered(record, draft, apart=True), inputs, sealed)

    def _met(self, record: SaleRecord, draft: Invoice, inputs: ConversionInputs) -> Met | None:
        """The sale at every key where it may meet another platform's; None where nothing is compared."""
        rules = inputs.reading.identity if inputs.reading else None
        if rules is None:
            return None
        same = SameSale(self.stores.sales, self.stores.clock)
        return same.at_reserve(record, sale_of(self.stores.blobs, record), draft, rules)

    def _not_alone(self, record: SaleRecord, met: Met) -> Answer:
        """Ends for the other sale, or asks whether it is that one."""
        stores, to = self.stores, met.verdict.to
        same = SameSale(stores.sales, stores.clock)
        if met.verdict.word == "lost" or to is None:
            return state_answer(same.end(record, met))
        faults = (maybe(to, same.find(record.merchant, to.name)),)
        asked = replace(record, faults=faults, same_as=to.name, identity=union(record.identity, met.identity))
        write(stores, record, asked, "faults_found", codes=codes_of(faults))
        raise FaultsFound(faults)

    def _reserve(
        self, record: SaleRecord, invoice: Invoice, inputs: ConversionInputs, sealed: Sequence[SameKey]
    ) -> Answer:
        stores = self.stores
        body = self.body(invoice)
        reserved = replace(
            record,
            state=SaleState.RESERVED,
            number=invoice.number,
            irn=invoice.irn,
            invoice_key=put_invoice(stores.blobs, record.merchant, invoice),
            body_key=put_body(stores.blobs, record.merchant, str(invoice.irn), body),
            body_sha256=digest(body),
            faults=(),
            next_action_at=stores.clock.now() + UNDER_WAY,
        )
        keep_as_evidence(stores.blobs, reserved, inputs)
        credit = self._credit(record, invoice)
        try:
            return state_answer(stores.sales.reserve(reserved, action="reserved", credit=credit, same=sealed))
        except CreditTooLarge:
            stop_for(stores, record, [self._too_large(record, invoice)])
            raise

    def _credit(self, record: SaleRecord, invoice: Invoice) -> Credit | None:
        """What a credit note takes of the document it names: claimed with its IRN, so no two take the same naira."""
        if record.document != "credit_note" or record.corrects is None or invoice.gross_total is None:
            return None
        original = self.stores.sales.get(record.merchant, record.connector, record.corrects)
        limit = invoice_of(self.stores.blobs, original).gross_total or Decimal(0)
        return Credit(sale_id=original.sale_id, amount=invoice.gross_total, limit=limit)

    def _too_large(self, record: SaleRecord, invoice: Invoice) -> Fault:
        return Fault(
            TOO_MUCH,
            "gross_total",
            f"This credit note over {plain(invoice.gross_total or Decimal(0))} {invoice.currency} and the earlier ones "
            f"together exceed the document they correct ({record.corrects}).",
            "Correct the refund in the source system, or the other refunds of this sale; it goes on by itself.",
        )
