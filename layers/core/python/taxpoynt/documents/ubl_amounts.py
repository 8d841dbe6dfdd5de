"""Taxes, discounts, charges, tenders and totals in UBL. Every amount is the invoice's own, to the last minor unit."""

from __future__ import annotations

from decimal import Decimal

from taxpoynt.documents.ubl_codes import tax_codes
from taxpoynt.documents.xml_tree import Part, group, value
from taxpoynt.domain.invoice import TYPES_OF, DocumentCharge, Invoice, InvoiceLine, LineTax, TaxSubtotal
from taxpoynt.domain.money import plain, round_money
from taxpoynt.errors import BadInput

CREDITS = TYPES_OF["credit_note"]

_UNDEFINED_MEANS = "1"
"""UNCL 4461: instrument not defined."""


def amount(name: str, sum_: Decimal, currency: str) -> Part:
    """An amount with its currency, at the currency's minor digits or more where it has more."""
    rounded = round_money(sum_, currency)
    return value(name, plain(rounded if rounded == sum_ else sum_), currencyID=currency)


def known(sum_: Decimal | None) -> Decimal:
    """An amount the document cannot do without; BadInput while it is unknown."""
    if sum_ is None:
        raise BadInput("an invoice whose tax is unknown has no UBL form")
    return sum_


def tax_total(invoice: Invoice) -> Part:
    """One subtotal per (category, rate)."""
    rows = [_subtotal(tax, invoice.currency) for tax in invoice.taxes]
    return group("TaxTotal", amount("TaxAmount", known(invoice.tax_total), invoice.currency), *rows)


def _subtotal(tax: TaxSubtotal, currency: str) -> Part:
    reason = tax.reason or (tax.name if tax_codes(tax.category)[1] == "E" else None)
    rate = None if tax.amount and not tax.rate_percent else tax.rate_percent  # stated as an amount, not as a rate
    return group(
        "TaxSubtotal",
        amount("TaxableAmount", tax.base, currency),
        amount("TaxAmount", tax.amount, currency),
        tax_category("TaxCategory", tax.category, tax.name, rate, reason),
    )


def tax_category(
    element: str, category: str, name: str | None, rate: Decimal | None, reason: str | None = None
) -> Part:
    """A category by UNCL 5305 under its kind of tax by UNCL 5153; NRS's own word stands as the name of the scheme."""
    scheme, code = tax_codes(category)
    return group(
        element,
        value("ID", code, schemeID="UNCL5305"),
        value("Name", name),
        value("Percent", plain(rate) if rate is not None else None),
        value("TaxExemptionReason", reason if code in ("E", "Z") else None),
        group("TaxScheme", value("ID", scheme, schemeID="UNCL5153"), value("Name", category)),
    )


def line_categories(line: InvoiceLine) -> list[Part]:
    """Every tax a line bears."""
    taxes = line.taxes or (
        (LineTax(category=line.tax_category, rate_percent=line.tax_rate_percent),) if line.tax_category else ()
    )
    return [
        tax_category("ClassifiedTaxCategory", one.category, one.name, one.rate_percent, one.reason) for one in taxes
    ]


def withholding(invoice: Invoice) -> list[Part]:
    """Shown beside the taxes: the buyer keeps it back, so it is no part of any total."""
    return [
        group(
            "WithholdingTaxTotal",
            amount("TaxAmount", one.amount, invoice.currency),
            group(
                "TaxSubtotal",
                amount("TaxableAmount", one.base, invoice.currency),
                amount("TaxAmount", one.amount, invoice.currency),
                tax_category("TaxCategory", "WITHHOLDING_TAX", one.name, one.rate_percent),
            ),
        )
        for one in invoice.withholding
    ]


def document_charge(one: DocumentCharge, invoice: Invoice) -> Part:
    """A discount or charge on the document; its own taxes where it has a rule of its own."""
    taxes = [tax_category("TaxCategory", tax.category, tax.name, tax.rate_percent, tax.reason) for tax in one.taxes]
    reason = one.reason or ("Charge" if one.charge else "Discount")
    return _allowance(reason, one.percent, one.amount, None, invoice.currency, *taxes, charge=one.charge)


def line_allowances(line: InvoiceLine, currency: str) -> list[Part]:
    """The line's discount and fee, each on quantity × price."""
    gross = line.net + line.discount - line.fee
    found = []
    if line.discount:
        found.append(_allowance("Discount", line.discount_percent, line.discount, gross, currency, charge=False))
    if line.fee:
        found.append(_allowance("Fee", line.fee_percent, line.fee, gross, currency, charge=True))
    return found


def _allowance(
    reason: str,
    percent: Decimal | None,
    sum_: Decimal,
    base: Decimal | None,
    currency: str,
    *taxes: Part,
    charge: bool,
) -> Part:
    return group(
        "AllowanceCharge",
        value("ChargeIndicator", "true" if charge else "false"),
        value("AllowanceChargeReason", reason),
        value("MultiplierFactorNumeric", plain(percent) if percent else None),
        amount("Amount", sum_, currency),
        amount("BaseAmount", base, currency) if base is not None else None,
        *taxes,
    )


def payment_means(invoice: Invoice) -> list[Part]:
    """Each way of paying once: NRS's codes are UNCL 4461's; a way without code by the source's word."""
    ways = dict.fromkeys((one.means_code, None if one.means_code else one.method) for one in invoice.payments)
    due = invoice.due_date.isoformat()
    return [
        group(
            "PaymentMeans",
            value("PaymentMeansCode", code or _UNDEFINED_MEANS, listID="UNCL4461"),
            value("PaymentDueDate", due),
            value("InstructionNote", method),
        )
        for code, method in ways
    ]


def prepaid(invoice: Invoice) -> Decimal:
    """What the tenders settled, at most what there was to pay: tips and change are no part of the invoice.

    Money given back settles a credit note and takes from what was paid of anything else.
    """
    paid = Decimal(0)
    for one in invoice.payments:
        back = one.kind == "refund" and invoice.type_code not in CREDITS
        paid += one.change - one.amount if back else one.amount - one.change
    return max(min(round_money(paid, invoice.currency), known(invoice.payable)), Decimal(0))


def monetary_total(invoice: Invoice) -> Part:
    """PayableAmount = TaxInclusiveAmount + PayableRoundingAmount − PrepaidAmount; withholding is not taken off here."""
    currency, settled = invoice.currency, prepaid(invoice)
    allowances = sum((one.amount for one in invoice.charges if not one.charge), Decimal(0))
    charges = sum((one.amount for one in invoice.charges if one.charge), Decimal(0))
    return group(
        "LegalMonetaryTotal",
        amount("LineExtensionAmount", invoice.lines_total, currency),
        amount("TaxExclusiveAmount", invoice.net_total, currency),
        amount("TaxInclusiveAmount", known(invoice.gross_total), currency),
        amount("AllowanceTotalAmount", allowances, currency) if allowances else None,
        amount("ChargeTotalAmount", charges, currency) if charges else None,
        amount("PrepaidAmount", settled, currency) if settled else None,
        amount("PayableRoundingAmount", invoice.rounding, currency) if invoice.rounding else None,
        amount("PayableAmount", known(invoice.payable) - settled, currency),
    )
