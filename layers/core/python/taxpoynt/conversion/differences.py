"""The lines of credit and debit notes: positive differences in the words of the documents they correct."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from taxpoynt.conversion.exact import VAT_TYPES, partition, units_of
from taxpoynt.conversion.standing import AMOUNT_ONLY, Group, Item, Items, Sums, is_nameless
from taxpoynt.conversion.units import allocate, from_units, percent_of, to_units, unit_price
from taxpoynt.domain.invoice import DocumentCharge, Invoice, InvoiceLine
from taxpoynt.domain.money import minor_digits
from taxpoynt.domain.sale import Charge, Discount, ExactTax, SaleLine, StatedTax

QUANTITY = "correction.quantity"


def exact_rows(rows: Sums, names: Mapping[Group, str], currency: str) -> tuple[ExactTax, ...]:
    """Tax rows that NRS takes one by one; a pair no rows can tell (below some forty kobo) has the tax of its base."""
    digits = minor_digits(currency)
    found = []
    for group, (base, tax) in rows.items():
        pairs = partition(base, tax, group[1]) or [(base, percent_of(base, group[1]))]
        found += [
            ExactTax(
                category=group[0],
                name=names.get(group, group[0]),
                rate_percent=group[1],
                base=from_units(one, digits),
                amount=from_units(other, digits),
            )
            for one, other in pairs
        ]
    return tuple(found)


def told(rows: Sums) -> bool:
    """Can every pair be told in rows that are right?"""
    return all(partition(base, tax, group[1]) is not None for group, (base, tax) in rows.items())


def names_of(*invoices: Invoice) -> dict[Group, str]:
    """What the taxes are called."""
    return {(one.category, one.rate_percent): one.name for invoice in invoices for one in invoice.taxes}


def mirror(invoice: Invoice) -> tuple[tuple[SaleLine, ...], tuple[Discount, ...], tuple[Charge, ...]]:
    """The whole document once more: its lines, document discounts and charges as they stand, prices without tax."""
    lines = tuple(_copy(line, f"{QUANTITY}[{place}]") for place, line in enumerate(invoice.lines))
    charges = [one for one in invoice.charges if one.kind != "residual"]
    discounts = tuple(Discount(amount=one.amount, reason=one.reason) for one in charges if not one.charge)
    return lines, discounts, tuple(_charge(one) for one in charges if one.charge)


def _copy(line: InvoiceLine, path: str) -> SaleLine:
    discounts = (Discount(amount=line.discount),) if line.discount else ()
    fees = (Charge(amount=line.fee),) if line.fee else ()
    return _sale_line(line, path, line.quantity, line.unit_price_net).model_copy(
        update={"discounts": discounts, "fees": fees}
    )


def _charge(one: DocumentCharge) -> Charge:
    kinds = {"delivery": "delivery", "service_charge": "service_charge", "fee": "fee"}
    return Charge.model_validate(
        {
            "amount": one.amount,
            "reason": one.reason,
            "kind": kinds.get(one.kind or "", "other"),
            "taxes": [_stated(tax.category, tax.name, tax.rate_percent, tax.reason, tax.amount) for tax in one.taxes],
            "price_basis": "exclusive",
        }
    )


def lines_for(rows: Sums, many: Items, currency: str) -> tuple[SaleLine, ...]:
    """Lines that add up to the bases of `rows`; `many` says which things the difference falls on, and how heavily."""
    found: list[SaleLine] = []
    whole = {name: item for group in many.values() for name, item in group.items()}
    for group, (base, _) in rows.items():
        if group[0] not in VAT_TYPES or not base:
            continue
        own = {name: item for name, item in many.get(group, {}).items() if item.net} or many.get(group) or whole
        parts = allocate(base, [abs(item.net) for item in own.values()])
        for (name, item), part in zip(own.items(), parts, strict=True):
            if part:
                found.append(_difference(name, _worded(item, whole), group, part, len(found), currency))
    return tuple(found)


def _worded(item: Item, others: Mapping[str, Item]) -> Item:
    """A document charge has no unit and no classification: those of the heaviest line stand in."""
    if item.line is not None:
        return item
    known = [one for one in others.values() if one.line is not None]
    heaviest = max(known, key=lambda one: abs(one.net), default=item)
    return Item(heaviest.line, Decimal(0), item.raw, item.net)


def _difference(name: str, item: Item, group: Group, part: int, place: int, currency: str) -> SaleLine:
    digits, line = minor_digits(currency), item.line
    quantity, price = abs(item.quantity), from_units(part, digits)
    if line is None:
        stated = StatedTax(category=group[0], rate_percent=group[1])
        path = f"{AMOUNT_ONLY}[{place}]"
        return SaleLine(
            path=path, description=name, quantity=Decimal(1), unit_price=price, price_basis="exclusive", taxes=(stated,)
        )
    if quantity and (item.quantity > 0) == (item.net > 0):
        same = to_units(line.unit_price_net * quantity, digits) == part
        each = line.unit_price_net if same else unit_price(part, quantity, digits)
        made = _sale_line(line, f"{QUANTITY}[{place}]", quantity, each)
    else:
        made = _sale_line(line, f"{AMOUNT_ONLY}[{place}]", Decimal(1), price)
    if item.quantity == 0 and name not in (line.name, line.sku):  # a document charge, in a line's form
        made = made.model_copy(update={"name": name, "description": name, "sku": None})
    reason = line.taxes[0].reason if line.taxes else None
    return made.model_copy(update={"taxes": (_stated(group[0], None, group[1], reason),)})


def _sale_line(line: InvoiceLine, path: str, quantity: Decimal, price: Decimal) -> SaleLine:
    taxes = tuple(_stated(one.category, one.name, one.rate_percent, one.reason, one.amount) for one in line.taxes)
    if not taxes and line.tax_category is not None:
        taxes = (_stated(line.tax_category, None, line.tax_rate_percent, None),)
    return SaleLine(
        path=path,
        name=line.name,
        description=line.description,
        sku=None if is_nameless(line) else line.sku,
        quantity=quantity,
        unit_price=price,
        price_basis="exclusive",
        unit=line.unit,
        classification=line.classification,
        taxes=taxes,
    )


def _stated(
    category: str, name: str | None, percent: Decimal | None, reason: str | None, amount: Decimal | None = None
) -> StatedTax:
    """`amount`: of a tax without a rate (stamp duty), which is what it is."""
    own = amount if percent is None else None
    return StatedTax(category=category, name=name, rate_percent=percent, reason=reason, amount=own)


def amount_of(units: int, currency: str) -> str:
    """`1,075.00 NGN`, for people."""
    return f"{from_units(units, minor_digits(currency)):,f} {currency}"


def gross_of(invoice: Invoice) -> int:
    """With tax, in minor units."""
    return units_of(invoice.gross_total, invoice.currency)
