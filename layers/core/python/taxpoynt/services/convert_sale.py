"""The stored sale becomes an invoice draft; number and IRN come later, when nothing is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.conversion.refunds import another_currency, within
from taxpoynt.domain.inputs import ConversionInputs
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.money import plain
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import Fault, FaultsFound, StoreConflict
from taxpoynt.ports import SaleRecord
from taxpoynt.services.conversion_inputs import converted, gathered
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.references import Resolved, resolve, rest_of
from taxpoynt.services.sale_files import put_inputs, put_invoice, put_sale, sale_of
from taxpoynt.services.steps import (
    HELD,
    UNDER_WAY,
    Answer,
    Stores,
    codes_of,
    in_state,
    most,
    state_answer,
    stop_for,
    write,
)


@dataclass(frozen=True, slots=True)
class Made:
    """A draft, its faults, and all it was made from."""

    invoice: Invoice
    faults: list[Fault]
    inputs: ConversionInputs


@dataclass(frozen=True, slots=True)
class ConvertSale:
    """Step one. `software` names the code that runs."""

    stores: Stores
    lists: ListSource
    software: str = ""

    def __call__(self, merchant: str, connector: str, sale_id: str) -> Answer:
        """Keeps the draft even when it has faults, so that people see what is missing; FaultsFound then."""
        stores = self.stores
        record = stores.sales.get(merchant, connector, sale_id)
        if not in_state(record, SaleState.CLAIMED, SaleState.WAITING):
            return state_answer(record)
        found = resolve(stores, record, sale_of(stores.blobs, record))
        if found.waits:
            return state_answer(self._wait(record, found))
        stop_for(stores, record, found.faults)
        made = self._made(record, found)
        draft = replace(
            record,
            state=SaleState.CLAIMED,
            corrects=_against(record, found),
            inputs_key=put_inputs(stores.blobs, merchant, made.inputs),
            invoice_key=put_invoice(stores.blobs, merchant, made.invoice),
            lists_version=made.inputs.lists_version,
            kind=made.invoice.kind,
            currency=made.invoice.currency,
            total=None if made.invoice.gross_total is None else plain(made.invoice.gross_total),
            faults=most(made.faults),
        )
        record = write(stores, record, draft, "converted", codes=codes_of(made.faults), **_fitted_key(record, made))
        if made.faults:
            raise FaultsFound(made.faults)
        return state_answer(record)

    def _made(self, record: SaleRecord, found: Resolved) -> Made:
        """Converted by itself; a credit note then held against what is left of the document it names."""
        stores, lists = self.stores, self.lists.current()
        seller = stores.connections.get_merchant(record.merchant)
        inputs = gathered(
            stores.blobs,
            record,
            seller,
            lists_version=lists.version,
            references=found.references,
            software=self.software,
        )
        sale = sale_of(stores.blobs, record)
        invoice, faults = converted(sale, inputs, lists)
        if found.original is None or sale.document != "credit_note" or invoice.gross_total is None:
            return Made(invoice, faults, inputs)
        if invoice.currency != found.original.currency:
            return Made(invoice, [*faults, another_currency(invoice, found.original.currency)], inputs)
        rows, fault = within(invoice, [rest_of(stores, found.original, record)])
        if not rows:
            return Made(invoice, [*faults, fault] if fault else faults, inputs)
        fitted = put_sale(stores.blobs, record.merchant, sale.model_copy(update={"exact_taxes": rows}))
        inputs = inputs.model_copy(update={"sale_key": fitted})
        return Made(*converted(sale.model_copy(update={"exact_taxes": rows}), inputs, lists), inputs)

    def _wait(self, record: SaleRecord, found: Resolved) -> SaleRecord:
        """A note whose invoice is still on its way: woken by its acceptance, and looked at again in any case."""
        stores, against = self.stores, _against(record, found)
        if record.state is not SaleState.WAITING or record.corrects != against:
            later = stores.clock.now() + (HELD if found.original else UNDER_WAY)
            waiting = replace(record, state=SaleState.WAITING, corrects=against, next_action_at=later)
            record = stores.sales.change(waiting, action="waits_for_invoice")
        original = found.original
        if original and stores.sales.get(original.merchant, original.connector, original.sale_id).state in AT_NRS:
            raise StoreConflict("its invoice was accepted this moment: convert again")
        return record


def _against(record: SaleRecord, found: Resolved) -> str | None:
    """What its credit is taken from and whose acceptance wakes it."""
    return found.original.sale_id if found.original else record.corrects


def _fitted_key(record: SaleRecord, made: Made) -> dict[str, str]:
    """The sale with its tax rows fitted; the one that was claimed stays what the source is compared with."""
    return {} if made.inputs.sale_key == record.sale_key else {"fitted_sale_key": made.inputs.sale_key}
