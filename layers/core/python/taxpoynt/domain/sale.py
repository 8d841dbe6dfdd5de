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


class StatedTax(Model):
    """A tax as the source states it: a rate in percent and/or an amount; `category` where it names NRS's own.

    `reason`: why the supply is zero-rated or exempt, in the source's words. `on_tax`: the source says that this tax is
    reckoned on the price plus the taxes stated before it; never assumed.
    """

    name: str | None = None
    rate_percent: Decimal | None = None
    amount: Decimal | None = None
    category: str | None = None
    reason: str | None = None
    on_tax: bool = False


class Charge(Model):
    """An extra on a line or on the whole document; exactly one of percent and amount is set.

    A percentage is of the line's quantity × price, or of the sum of the lines. `price_basis`: does the amount contain
    the charge's tax; on a line, `unstated` means as the line. `taxes`: the charge's own tax rule; without one a line's
    fee is taxed as its line, and a charge on the document falls on the lines' taxes by their amounts.
    """

    percent: Decimal | None = None
    amount: Decimal | None = None
    reason: str | None = None
    kind: Literal["delivery", "service_charge", "fee", "other"] = "other"
    taxes: tuple[StatedTax, ...] = ()
    price_basis: PriceBasis = "unstated"


class SaleLine(Model):
    """One thing sold.

    `unit_price` is on `price_basis`, before discounts. `stated_total` is the source's own line total (after line
    discounts, without fees, on `price_basis`), kept to check ours against. `path`: where the line stands in the source
    record. `category`, `account`: the platform's group of products and the books' account, by which a merchant may
    decide its tax.
    """

    path: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    price_basis: PriceBasis = "unstated"
    discounts: tuple[Discount, ...] = ()
    fees: tuple[Charge, ...] = ()
    taxes: tuple[StatedTax, ...] = ()
    name: str | None = None
    sku: str | None = None
    product_id: str | None = None
    unit: str | None = None
    category: str | None = None
    account: str | None = None
    classification: Classification | None = None
    stated_total: Decimal | None = None
    from_total: bool = False
    """True for the one line made from a deal without products."""


class Payment(Model):
    """One tender. `method` is the source's word; `means_code` NRS's code where the mapping knows it.

    `amount` is what was handed over and `change` what of it was given back, both positive. `prepayment`: money that
    came before the sale (deposit); `refund`: money given back, positive too.
    """

    method: str
    amount: Decimal
    means_code: str | None = None
    paid_at: datetime | None = None
    kind: Literal["payment", "prepayment", "refund"] = "payment"
    change: Decimal = Decimal(0)


class Withholding(Model):
    """Tax that the buyer keeps back and pays to NRS for the seller: a rate in percent of `base`, and/or an amount.

    `base` None: the sale's amount without tax. Never a part of the invoice's tax or total.
    """

    name: str | None = None
    rate_percent: Decimal | None = None
    amount: Decimal | None = None
    base: Decimal | None = None


class ExactTax(Model):
    """A tax row a correction must come out with; several of one (category, rate) are possible, each right by itself."""

    category: str
    name: str
    rate_percent: Decimal
    base: Decimal
    amount: Decimal


class RecordRef(Model):
    """A source record this sale was made from or depends on: when it changes, a held sale is looked at again."""

    resource: str
    id: str


class Sale(Model):
    """One sale of one merchant on one platform.

    `sale_id` is the platform's id as text; `completed_at` UTC; `business_date` the date in the account's own time zone
    (shown, not legal: legal dates are Africa/Lagos); `stated_total` the platform's own total on `stated_total_basis`,
    without tip and cash rounding; `refers_to` ids of sales this one corrects; `type_code` NRS's code where the source
    makes a special kind (385, 386, 392 ...), None for the usual 381, 380 and 384. `rounding`: the till's cash rounding,
    with its sign, as the till states it. All other amounts are positive, those of credit and debit notes too.
    `exact_taxes`: the tax rows of a correction, so that invoice and notes together are right to the minor unit.
    `platform`: the letters that begin its platform's invoice numbers; None for those of the connector's name.
    `location`: the shop or outlet, by the platform's id. `order_number`: what the same sale is called on another
    platform too (identity rules match on it).
    """

    connector: str
    sale_id: str
    platform: str | None = None
    document: Literal["invoice", "credit_note", "debit_note"] = "invoice"
    type_code: str | None = None
    title: str | None = None
    number: str | None = None
    location: str | None = None
    order_number: str | None = None
    currency: str
    completed_at: datetime
    business_date: date | None = None
    buyer: Party | None = None
    lines: tuple[SaleLine, ...]
    discounts: tuple[Discount, ...] = ()
    charges: tuple[Charge, ...] = ()
    tip: Decimal | None = None
    rounding: Decimal | None = None
    withholding: tuple[Withholding, ...] = ()
    payments: tuple[Payment, ...] = ()
    refers_to: tuple[str, ...] = ()
    exact_taxes: tuple[ExactTax, ...] = ()
    note: str | None = None
    buyer_reference: str | None = None
    stated_total: Decimal | None = None
    stated_total_basis: Literal["net", "gross"] | None = None
    source_url: str | None = None
    depends_on: tuple[RecordRef, ...] = ()
