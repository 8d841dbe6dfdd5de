"""The source record in our terms: parties, lines, taxes, discounts, tenders; still no tax decision."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from taxpoynt.domain.model import Model
from taxpoynt.domain.party import Classification, Party

PriceBasis = Literal["exclusive", "inclusive", "unstated"]
"""Do prices contain tax? `unstated`: the source does not say; prices are net and the merchant's default decides."""


class Discount(Model):
    """A reduction in percent of its base or as an amount in the sale's currency; exactly one of the two is set."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    reason: str | None = None


class Charge(Model):
    """An extra on the whole document (delivery, service charge); exactly one of percent and amount is set."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    reason: str | None = None


class StatedTax(Model):
    """A tax as the source states it: a rate in percent and/or an amount; `category` where it names NRS's own."""

    name: str | None = None
    rate_percent: Decimal | None = None
    amount: Decimal | None = None
    category: str | None = None


class SaleLine(Model):
    """One thing sold.

    `unit_price` is on `price_basis`, before discounts. `stated_total` is the source's own line total (after line
    discounts, on `price_basis`), kept to check ours against. `path`: where the line stands in the source record.
    """

    path: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    price_basis: PriceBasis = "unstated"
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[StatedTax, ...] = ()
    name: str | None = None
    sku: str | None = None
    product_id: str | None = None
    unit: str | None = None
    classification: Classification | None = None
    stated_total: Decimal | None = None
    from_total: bool = False
    """True for the one line made from a deal without products."""


class Payment(Model):
    """One tender. `method` is the source's word; `means_code` NRS's code where the mapping knows it."""

    method: str
    amount: Decimal
    means_code: str | None = None
    paid_at: datetime | None = None


class RecordRef(Model):
    """A source record this sale was made from or depends on: when it changes, a held sale is looked at again."""

    resource: str
    id: str


class Sale(Model):
    """One sale of one merchant on one platform.

    `sale_id` is the platform's id as text; `completed_at` UTC; `business_date` the date in the account's own time zone
    (shown, not legal: legal dates are Africa/Lagos); `stated_total` the platform's own total on `stated_total_basis`;
    `refers_to` ids of sales this one refunds.
    """

    connector: str
    sale_id: str
    document: Literal["invoice", "credit_note"] = "invoice"
    title: str | None = None
    number: str | None = None
    currency: str
    completed_at: datetime
    business_date: date | None = None
    buyer: Party | None = None
    lines: tuple[SaleLine, ...]
    discounts: tuple[Discount, ...] = ()
    charges: tuple[Charge, ...] = ()
    tip: Decimal | None = None
    payments: tuple[Payment, ...] = ()
    refers_to: tuple[str, ...] = ()
    note: str | None = None
    buyer_reference: str | None = None
    stated_total: Decimal | None = None
    stated_total_basis: Literal["net", "gross"] | None = None
    source_url: str | None = None
    depends_on: tuple[RecordRef, ...] = ()
