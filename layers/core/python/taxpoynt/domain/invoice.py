"""The legal document made from a sale: type, number, IRN, totals, tax breakdown. All amounts in `currency`, Decimal."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Literal

from taxpoynt.domain.model import Model
from taxpoynt.domain.party import Classification, Merchant, Party
from taxpoynt.domain.sale import Payment

InvoiceKind = Literal["B2B", "B2C", "B2G"]

INVOICE_TYPE = "381"
CREDIT_NOTE_TYPE = "380"
DEBIT_NOTE_TYPE = "384"
"""NRS swaps 380 and 381 against UNCL 1001 and Peppol: here 381 is the invoice (reference, section 8.1)."""

CORRECTION_TYPES = (CREDIT_NOTE_TYPE, DEBIT_NOTE_TYPE, "393")
"""Those that must name the document they correct; 393 is a self-billed credit note."""

TYPES_OF = {
    "invoice": (INVOICE_TYPE, "385", "386", "392", "394", "397"),
    "credit_note": (CREDIT_NOTE_TYPE, "393"),
    "debit_note": (DEBIT_NOTE_TYPE,),
}
"""NRS's type codes of each document a sale can be, the usual one first; the rest of the list is no invoice."""


class LineTax(Model):
    """One tax of a line or document charge; `amount` is its share of the document's tax (None while unknown)."""

    category: str
    name: str | None = None
    rate_percent: Decimal | None = None
    amount: Decimal | None = None
    reason: str | None = None


class InvoiceLine(Model):
    """One line, priced without tax.

    net = round(quantity × unit_price_net) − discount + fee, rounded at the currency's minor digits.
    `tax_category` and `tax_rate_percent` are those of its VAT, `tax` is the sum of all its taxes; all three are None
    while the tax treatment is unknown (a fault says so). `taxes`: every tax of the line, VAT first.
    """

    path: str
    name: str
    description: str
    sku: str
    quantity: Decimal
    unit: str
    unit_price_net: Decimal
    discount_percent: Decimal
    discount: Decimal
    fee_percent: Decimal
    fee: Decimal
    net: Decimal
    tax_category: str | None
    tax_rate_percent: Decimal | None
    tax: Decimal | None
    classification: Classification | None
    taxes: tuple[LineTax, ...] = ()


class DocumentCharge(Model):
    """An allowance (`charge` False) or an extra charge (True) on the whole document, positive amount, net.

    `taxes`: those of a charge with a tax rule of its own; empty for one that falls on the lines' taxes.
    """

    charge: bool
    amount: Decimal
    percent: Decimal | None = None
    reason: str | None = None
    kind: Literal["discount", "delivery", "service_charge", "fee", "other", "tip", "residual"] | None = None
    taxes: tuple[LineTax, ...] = ()


class TaxSubtotal(Model):
    """Tax of one (category, rate): base and amount, rounded. `reason`: why it is zero-rated or exempt."""

    category: str
    name: str
    rate_percent: Decimal
    base: Decimal
    amount: Decimal
    reason: str | None = None


class WithheldTax(Model):
    """Tax the buyer keeps back and pays to NRS for the seller: shown, no part of tax total or payable."""

    name: str
    rate_percent: Decimal | None = None
    base: Decimal
    amount: Decimal


class TraceEntry(Model):
    """One step of the calculation, for people: rule, where, what went in and what came out."""

    rule: str
    path: str
    detail: str


class Reference(Model):
    """An earlier document this one corrects."""

    irn: str
    issue_date: date


class Invoice(Model):
    """A computed document. `number` and `irn` are None until reserved; totals with tax are None while one is unknown.

    net_total = Σ line.net − allowances + charges; gross_total = net_total + tax_total;
    payable = gross_total + rounding (the till's cash rounding, which is no part of the taxed document: NRS is sent
    gross_total); withheld = Σ withholding; prepaid = Σ prepayments;
    balance_due = payable − withheld − all that was paid, never below 0.
    `lists_version`: the code lists it was checked against. `platform`: the letters of its sale's platform.
    `number_start`: what its number begins with, where the merchant chose a pattern; None for our own numbers.
    """

    connector: str
    sale_id: str
    platform: str | None = None
    type_code: str
    kind: InvoiceKind
    currency: str
    tax_currency: str = "NGN"
    number: str | None = None
    number_start: str | None = None
    irn: str | None = None
    issue_date: date
    issue_time: time
    due_date: date
    tax_point_date: date
    payment_status: str = "PENDING"
    seller: Merchant
    buyer: Party | None
    lines: tuple[InvoiceLine, ...]
    charges: tuple[DocumentCharge, ...] = ()
    lines_total: Decimal
    net_total: Decimal
    taxes: tuple[TaxSubtotal, ...] = ()
    tax_total: Decimal | None
    gross_total: Decimal | None
    tip: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)
    payable: Decimal | None
    withholding: tuple[WithheldTax, ...] = ()
    withheld: Decimal = Decimal(0)
    prepaid: Decimal = Decimal(0)
    payments: tuple[Payment, ...] = ()
    balance_due: Decimal | None = None
    refers_to: tuple[Reference, ...] = ()
    note: str | None = None
    buyer_reference: str | None = None
    lists_version: str | None = None
    trace: tuple[TraceEntry, ...] = ()
