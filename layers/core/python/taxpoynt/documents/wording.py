"""What the printed documents say, in a customer's words; paper of any width says the same."""

from __future__ import annotations

from taxpoynt.documents.amounts import day, percent
from taxpoynt.documents.places import Places
from taxpoynt.domain.invoice import TYPES_OF, Invoice, InvoiceLine, LineTax, Reference, TaxSubtotal
from taxpoynt.domain.party import Address, Merchant, Party
from taxpoynt.domain.sale import Payment

ANONYMOUS = "Walk-in customer"
DRAFT = "Draft: not registered with NRS"

_TITLES = {
    "380": "CREDIT NOTE",
    "384": "DEBIT NOTE",
    "385": "SELF-BILLED INVOICE",
    "386": "FACTORED INVOICE",
    "392": "CONSIGNMENT INVOICE",
    "393": "SELF-BILLED CREDIT NOTE",
    "394": "SELF-BILLED INVOICE",
    "397": "FINAL INVOICE",
}
_STATUS = {"PAID": "Paid", "PARTIAL": "Partly paid", "PENDING": "Open", "REJECTED": "Refused by the buyer"}
_MEANS = {
    "10": "cash",
    "20": "cheque",
    "23": "bank draft",
    "30": "bank transfer",
    "42": "bank transfer",
    "48": "card",
    "49": "direct debit",
    "54": "credit card",
    "55": "debit card",
}
_TAXES = {"STANDARD_VAT": "VAT", "ZERO_VAT": "VAT zero-rated", "EXEMPTED": "VAT exempt", "REDUCED_VAT": "VAT reduced"}
_CURRENCIES = {
    "AED": "UAE dirhams",
    "CAD": "Canadian dollars",
    "CHF": "Swiss francs",
    "CNY": "Chinese yuan",
    "EUR": "euros",
    "GBP": "pound sterling",
    "GHS": "Ghanaian cedis",
    "INR": "Indian rupees",
    "JPY": "Japanese yen",
    "KES": "Kenyan shillings",
    "NGN": "Nigerian naira",
    "USD": "US dollars",
    "XAF": "Central African CFA francs",
    "XOF": "West African CFA francs",
    "ZAR": "South African rand",
}


def title(invoice: Invoice) -> str:
    """INVOICE, CREDIT NOTE, DEBIT NOTE and so on."""
    return _TITLES.get(invoice.type_code, "INVOICE")


def is_credit(invoice: Invoice) -> bool:
    """Does this document give money back? Then it asks for none."""
    return invoice.type_code in TYPES_OF["credit_note"]


def status(invoice: Invoice) -> str:
    """Whether it is paid."""
    return _STATUS.get(invoice.payment_status, invoice.payment_status)


def due(invoice: Invoice) -> str:
    """15 October 2026 (net 30 days)."""
    days = (invoice.due_date - invoice.issue_date).days
    return day(invoice.due_date) + (f" (net {days} days)" if days > 0 else "")


def number_of(one: Reference) -> str:
    """The number of an earlier document: the first part of its IRN (reference, section 6a)."""
    return one.irn.partition("-")[0]


def tax_name(tax: TaxSubtotal) -> str:
    """VAT 7.5%, VAT zero-rated, VAT exempt, Stamp duty 1%; NRS's names are codes for machines."""
    if tax.category in ("ZERO_VAT", "EXEMPTED"):
        return _TAXES[tax.category]
    own = tax.name if tax.name != tax.category else ""
    named = _TAXES.get(tax.category) or own or tax.category.replace("_", " ").capitalize()
    rate = percent(tax.rate_percent)
    by_amount = tax.amount and not tax.rate_percent  # stated by the source as an amount: no rate to show
    return named if by_amount or rate in named else f"{named} {rate}"


def line_tax(line: InvoiceLine) -> str:
    """7.5%, exempt, 7.5% + 1%; nothing while it is unknown."""
    taxes = line.taxes or (
        (LineTax(category=line.tax_category, rate_percent=line.tax_rate_percent),) if line.tax_category else ()
    )
    return " + ".join(_line_tax(one) for one in taxes)


def _line_tax(tax: LineTax) -> str:
    if tax.category == "EXEMPTED":
        return "exempt"
    if tax.rate_percent is None:
        return tax.name or tax.category.replace("_", " ").lower()
    return percent(tax.rate_percent)


def tender(payment: Payment) -> str:
    """Cash, card … by NRS's code, else the source's own word."""
    return _MEANS.get(payment.means_code or "", payment.method)


def address_lines(address: Address | None, places: Places) -> list[str]:
    """Street; town, area and state by name; country."""
    if address is None:
        return []
    street = ", ".join(part for part in (address.street, address.unit) if part) or address.free_text
    town = " ".join(part for part in (address.city, address.postal_code) if part)
    area, state = places.lga(address), places.state(address)
    if area and area == address.city:
        area = None
    if state and address.country in (None, "NG") and places.is_known(address) and not state.endswith("Territory"):
        state = f"{state} State"
    place = ", ".join(part for part in (town, area, state, places.country(address)) if part)
    return [line for line in (street, place) if line]


def contact_lines(party: Merchant | Party, places: Places) -> list[str]:
    """Everything below a name."""
    lines = [*address_lines(party.address, places), f"TIN {party.tin}" if party.tin else None]
    return [line for line in (*lines, party.email, party.telephone) if line]


def currency_note(invoice: Invoice) -> str:
    """The currency for those who do not read signs; a foreign one says that it is not naira."""
    name = _CURRENCIES.get(invoice.currency)
    shown = f"{name} ({invoice.currency})" if name else invoice.currency
    return f"All amounts are in {shown}." if invoice.currency == "NGN" else f"All amounts are in {shown}, not in naira."
