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


class InvoiceLine(Model):
    """One line, priced without tax.

    net = round(quantity × unit_price_net) − discount + fee, rounded at the currency's minor digits.
    `tax_category`, `tax_rate_percent` and `tax` are None while the tax treatment is unknown (a fault says so).
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


class DocumentCharge(Model):
    """An allowance (`charge` False) or an extra charge (True) on the whole document, positive amount, net."""

    charge: bool
    amount: Decimal
    percent: Decimal | None = None
    reason: str | None = None


class TaxSubtotal(Model):
    """Tax of one (category, rate): base and amount, rounded."""

    category: str
    name: str
    rate_percent: Decimal
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
    payable = gross_total + rounding.
    """

    connector: str
    sale_id: str
    type_code: str
    kind: InvoiceKind
    currency: str
    tax_currency: str = "NGN"
    number: str | None = None
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
    payments: tuple[Payment, ...] = ()
    balance_due: Decimal | None = None
    refers_to: tuple[Reference, ...] = ()
    note: str | None = None
    buyer_reference: str | None = None
    trace: tuple[TraceEntry, ...] = ()
