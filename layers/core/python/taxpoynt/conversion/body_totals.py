"""Rules over taxes and sums of an NRS body. Source: nrs-einvoice reference, sections 7.4, 8.2 and 9."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from taxpoynt.conversion.body_values import Findings, shown
from taxpoynt.conversion.rates import VAT_TYPES, WITHHOLDING, rate_of
from taxpoynt.domain.invoice import CORRECTION_TYPES
from taxpoynt.domain.money import plain

_TOTALS = ("line_extension_amount", "tax_exclusive_amount", "tax_inclusive_amount", "payable_amount")


def check_totals(body: dict[str, Any], line_amounts: Sequence[Decimal | None], found: Findings) -> None:
    """Taxes, document discounts and the four totals; a sum is judged only when all its parts can be read."""
    adjustment = _check_charges(body.get("allowance_charge"), found)
    tax, bases = _check_tax_total(body.get("tax_total"), found)
    totals = body.get("legal_monetary_total")
    if not isinstance(totals, dict):
        found.fault("SUM-001")
        return
    path = "legal_monetary_total"
    lines, exclusive, inclusive, payable = (found.amount(totals, key, path) for key in _TOTALS)
    known = [amount for amount in line_amounts if amount is not None]
    if line_amounts and len(known) == len(line_amounts):
        _compare("SUM-002", f"{path}.line_extension_amount", lines, sum(known, Decimal(0)), found)
    _compare("SUM-003", f"{path}.tax_exclusive_amount", exclusive, _sum(lines, adjustment), found)
    _compare("SUM-004", f"{path}.tax_inclusive_amount", inclusive, _sum(exclusive, tax), found)
    _compare("SUM-005", f"{path}.payable_amount", payable, inclusive, found)
    if payable == 0 and body.get("invoice_type_code") in CORRECTION_TYPES:
        found.fault("SUM-010")
    _compare("TAX-008", "tax_total[0].tax_subtotal", exclusive, bases, found)


def _sum(*parts: Decimal | None) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if len(known) == len(parts) else None


def _compare(code: str, at: str, stated: Decimal | None, ours: Decimal | None, found: Findings) -> None:
    """Differences below the minor unit are other people's binary fractions, not wrong sums."""
    if stated is not None and ours is not None and abs(stated - ours) >= found.unit:
        found.fault(code, at, stated=plain(stated), ours=plain(ours))


def _check_charges(charges: Any, found: Findings) -> Decimal | None:
    """Charges less discounts; None when one cannot be read."""
    if charges is None:
        return Decimal(0)
    if not isinstance(charges, list):
        found.fault("CHARGE-001")
        return None
    parts: list[Decimal | None] = []
    for place, one in enumerate(charges):
        path = f"allowance_charge[{place}]"
        if not isinstance(one, dict) or not isinstance(one.get("charge_indicator"), bool):
            found.fault("CHARGE-001", path)
            parts.append(None)
            continue
        amount = found.amount(one, "amount", path)
        parts.append(amount if amount is None or one["charge_indicator"] else -amount)
    return _sum(*parts)


def _check_tax_total(tax_total: Any, found: Findings) -> tuple[Decimal | None, Decimal | None]:
    """(tax, Σ bases of VAT-type subtotals), None where they cannot be told."""
    only = tax_total[0] if isinstance(tax_total, list) and len(tax_total) == 1 else None
    rows = only.get("tax_subtotal") if isinstance(only, dict) else None
    if not isinstance(only, dict) or not isinstance(rows, list) or not rows:
        found.fault("TAX-001")
        return None, None
    tax = found.amount(only, "tax_amount", "tax_total[0]")
    read = [_check_subtotal(row, f"tax_total[0].tax_subtotal[{place}]", found) for place, row in enumerate(rows)]
    _compare("TAX-007", "tax_total[0].tax_amount", tax, _sum(*(amount for _, amount, _ in read)), found)
    bases = [base for base, _, category in read if category in VAT_TYPES]
    if not bases and all(found.lists.tax_categories.allows(category) for _, _, category in read):
        found.fault("TAX-013")
    return tax, _sum(*bases) if bases else None


def _check_subtotal(row: Any, path: str, found: Findings) -> tuple[Decimal | None, Decimal | None, str]:
    row = row if isinstance(row, dict) else {}
    base, tax = found.amount(row, "taxable_amount", path), found.amount(row, "tax_amount", path)
    category = row.get("tax_category")
    category = category if isinstance(category, dict) else {}
    percent = found.number(category, "percent", f"{path}.tax_category")
    name = category.get("id")
    if not isinstance(name, str) or not name or not found.lists.tax_categories.allows(name):
        found.fault("TAX-004", f"{path}.tax_category.id", value=shown(name))
    if name == WITHHOLDING:
        found.fault("TAX-012", f"{path}.tax_category.id")
    law = rate_of(name, found.tax_date or found.today) if isinstance(name, str) else None
    if law is not None and percent is not None and percent != law:
        at = f"{path}.tax_category.percent"
        found.fault("TAX-005", at, category=shown(name), law=plain(law), stated=plain(percent))
    if base is not None and tax is not None and percent is not None:
        exact = base * percent / 100
        if abs(tax - exact) > found.unit / 2:
            ours = plain(exact.quantize(found.unit, ROUND_HALF_UP))
            values = {"stated": plain(tax), "percent": plain(percent), "base": plain(base), "ours": ours}
            found.fault("TAX-006", f"{path}.tax_amount", **values)
    return base, tax, name if isinstance(name, str) else ""
