"""The numbered rules over an `Invoice`: what only we can know of it, then the rules for every NRS body.

One rule set: the invoice is put into NRS's words and judged like anyone's body, and the paths come back in ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from taxpoynt.conversion.body_rules import check_body
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.nrs_shape import nrs_shape
from taxpoynt.conversion.numbering import check_irn
from taxpoynt.conversion.rates import FOREIGN, VAT_TYPES
from taxpoynt.conversion.rule_book import rule
from taxpoynt.domain.invoice import Invoice, InvoiceLine, LineTax
from taxpoynt.domain.money import plain
from taxpoynt.errors import Fault

_SERVICE_ID = re.compile(r"[A-Z0-9]{8}")

_WORDS = (
    ("accounting_supplier_party", "seller"),
    ("accounting_customer_party", "buyer"),
    ("business_id", "seller.business_id"),
    ("invoice_type_code", "type_code"),
    ("invoice_kind", "kind"),
    ("document_currency_code", "currency"),
    ("tax_currency_code", "tax_currency"),
    ("billing_reference", "refers_to"),
    ("payment_means_code", "means_code"),
    ("payment_means", "payments"),
    ("allowance_charge", "charges"),
    ("tax_total[0].tax_subtotal", "taxes"),
    ("tax_total[0].tax_amount", "tax_total"),
    ("legal_monetary_total.line_extension_amount", "lines_total"),
    ("legal_monetary_total.tax_exclusive_amount", "net_total"),
    ("legal_monetary_total.tax_inclusive_amount", "gross_total"),
    ("legal_monetary_total.payable_amount", "payable"),
    ("invoice_line", "lines"),
    ("party_name", "name"),
    ("postal_address", "address"),
    ("street_name", "street"),
    ("city_name", "city"),
    ("postal_zone", "postal_code"),
    ("item.sellers_item_identification", "sku"),
    ("item.", ""),
    ("invoiced_quantity", "quantity"),
    ("line_extension_amount", "net"),
    ("price.price_amount", "unit_price_net"),
    ("price.base_quantity", "quantity"),
    ("price.price_unit", "unit"),
    ("_rate", "_percent"),
    ("discount_amount", "discount"),
    ("fee_amount", "fee"),
    ("hsn_code", "classification.hsn_code"),
    ("product_category", "classification.product_category"),
    ("isic_code", "classification.isic_code"),
    ("service_category", "classification.service_category"),
    ("taxable_amount", "base"),
    ("tax_amount", "amount"),
    ("tax_category.id", "category"),
    ("tax_category.percent", "rate_percent"),
)
"""NRS's words and ours, longer ones before their parts."""


def check(invoice: Invoice, lists: CodeLists, *, today: date | None = None) -> list[Fault]:
    """Every broken rule of `invoice`, paths in its own words (`lines[0].classification.hsn_code`).

    Not judged while they do not exist yet: number and IRN, and totals that wait for an unknown tax. `today` (Lagos)
    finds issue dates in the future; without it the issue date is taken as today.
    """
    body = nrs_shape(invoice)
    require = invoice.seller.defaults.require_state_lga
    faults = [*_seller_faults(invoice), *_tax_faults(invoice)]
    judged = check_body(body, lists, today=today or invoice.issue_date, require_state_lga=require)
    return faults + [replace(one, path=our_path(one.path)) for one in judged if not _is_explained(one, invoice)]


def our_path(path: str) -> str:
    """`invoice_line[0].price.price_unit` → `lines[0].unit`."""
    for theirs, ours in _WORDS:
        path = path.replace(theirs, ours)
    return path


def _seller_faults(invoice: Invoice) -> list[Fault]:
    service = invoice.seller.service_id
    if service is None or not _SERVICE_ID.fullmatch(service):
        return [rule("SELLER-020").fault()]
    if invoice.irn is None:
        return []
    return [fault for fault in check_irn(invoice.irn, service_id=service) if fault.code == "IRN-005"]


def _tax_faults(invoice: Invoice) -> list[Fault]:
    faults = []
    for place, line in enumerate(invoice.lines):
        if line.tax is None:
            faults.append(rule("TAX-002").fault(f"lines[{place}].tax_category"))
        faults += _foreign(_taxes_of(line), f"lines[{place}].tax_category")
    for place, charge in enumerate(invoice.charges):
        faults += _foreign(charge.taxes, f"charges[{place}]")
    if invoice.tax_total is None and not faults and invoice.lines:
        faults.append(rule("TAX-002").fault("charges"))
    return faults


def _taxes_of(line: InvoiceLine) -> Sequence[LineTax]:
    """Invoices of earlier versions have one tax a line and no list of them."""
    if line.taxes or line.tax_category is None:
        return line.taxes
    return (LineTax(category=line.tax_category, rate_percent=line.tax_rate_percent),)


def _foreign(taxes: Sequence[LineTax], path: str) -> list[Fault]:
    return [
        rule("TAX-003").fault(path, percent=plain(tax.rate_percent or Decimal(0)))
        for tax in taxes
        if tax.category == FOREIGN
    ]


def _is_explained(fault: Fault, invoice: Invoice) -> bool:
    """Is the fault only the shadow of something that another fault, or the stage of the invoice, already tells?"""
    if fault.path == "irn":
        return invoice.irn is None
    unsettled = invoice.tax_total is None or not invoice.lines
    if fault.path.startswith(("tax_total", "legal_monetary_total")) and unsettled:
        return True
    # A tax that the law does not know is in no list (TAX-004) and no base of VAT (TAX-008, TAX-013); TAX-003 says so.
    # TAX-010 and TAX-011 tell of a line whose VAT is not clear.
    if fault.code not in ("TAX-004", "TAX-008", "TAX-013"):
        return False
    return any(_is_unclear(one) for one in (*map(_taxes_of, invoice.lines), *_own_taxes(invoice)))


def _own_taxes(invoice: Invoice) -> Iterator[Sequence[LineTax]]:
    return (charge.taxes for charge in invoice.charges if charge.taxes)


def _is_unclear(taxes: Sequence[LineTax]) -> bool:
    """Is there a foreign tax, or not exactly one VAT?"""
    kinds = [tax.category for tax in taxes]
    return FOREIGN in kinds or sum(kind in VAT_TYPES for kind in kinds) != 1
