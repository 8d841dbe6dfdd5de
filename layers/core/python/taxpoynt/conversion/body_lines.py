"""Rules over the lines of an NRS body. Source: nrs-einvoice reference, sections 7.3 and 9."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from taxpoynt.conversion.body_values import Findings, as_text, shown
from taxpoynt.domain.money import plain

_HSN = re.compile(r"[0-9]{4}\.[0-9]{2}")
_ISIC = re.compile(r"[0-9]{4}")
NAME_LENGTH = 100


def check_lines(lines: Any, found: Findings) -> list[Decimal | None]:
    """The lines' amounts, None where one cannot be read."""
    if not isinstance(lines, list) or not lines:
        found.fault("LINE-001")
        return []
    return [_check_line(line, f"invoice_line[{place}]", found) for place, line in enumerate(lines)]


def _check_line(line: Any, path: str, found: Findings) -> Decimal | None:
    if not isinstance(line, dict):
        found.fault("LINE-002", path)
        return None
    _check_classification(line, path, found)
    _check_item(line.get("item"), f"{path}.item", found)
    return _check_amounts(line, path, found)


def _check_item(item: Any, path: str, found: Findings) -> None:
    item = item if isinstance(item, dict) else {}
    name = as_text(item.get("name"))
    if name is None:
        found.fault("LINE-003", f"{path}.name")
    elif len(name) > NAME_LENGTH:
        found.fault("LINE-004", f"{path}.name")
    if as_text(item.get("description")) is None:
        found.fault("LINE-005", f"{path}.description")
    if as_text(item.get("sellers_item_identification")) is None:
        found.fault("LINE-006", f"{path}.sellers_item_identification")


def _check_classification(line: dict[str, Any], path: str, found: Findings) -> None:
    """Exactly one pair: HS code and product category, or ISIC code and service category; blanks count as absent."""
    hsn, product, isic, service = (
        None if line.get(key) in (None, "") else line[key]
        for key in ("hsn_code", "product_category", "isic_code", "service_category")
    )
    goods, services = hsn is not None or product is not None, isic is not None or service is not None
    if goods == services:
        found.fault("CLASS-002" if goods else "CLASS-001", path)
    if goods:
        _check_pair(
            (hsn, product), ("hsn_code", "product_category"), ("CLASS-003", "CLASS-004", "CLASS-005"), path, found
        )
    if services:
        codes = ("CLASS-006", "CLASS-007", "CLASS-008")
        _check_pair((isic, service), ("isic_code", "service_category"), codes, path, found)


def _check_pair(
    values: tuple[Any, Any], keys: tuple[str, str], codes: tuple[str, str, str], path: str, found: Findings
) -> None:
    code, words = values
    form, known = (_HSN, found.lists.hs_codes) if keys[0] == "hsn_code" else (_ISIC, found.lists.service_codes)
    if not isinstance(code, str) or not form.fullmatch(code):
        found.fault(codes[0], f"{path}.{keys[0]}")
    elif not known.allows(code):
        found.fault(codes[1], f"{path}.{keys[0]}", value=code)
    if as_text(words) is None:
        found.fault(codes[2], f"{path}.{keys[1]}")


def _check_amounts(line: dict[str, Any], path: str, found: Findings) -> Decimal | None:
    quantity = found.number(line, "invoiced_quantity", path, "LINE-008")
    if quantity == 0:
        found.fault("LINE-007", f"{path}.invoiced_quantity")
    price, base = _check_price(line.get("price"), path, found)
    gross = None
    if quantity is not None and price is not None and base is not None and base > 0:
        gross = (quantity * price / base).quantize(found.unit, ROUND_HALF_UP)
    discount = _check_rated(line, "discount", gross, path, found)
    fee = _check_rated(line, "fee", gross, path, found)
    amount = found.amount(line, "line_extension_amount", path)
    if gross is not None and discount is not None and fee is not None and amount is not None:
        ours = gross - discount + fee
        if abs(ours - amount) > found.unit:
            found.fault("LINE-012", f"{path}.line_extension_amount", stated=plain(amount), ours=plain(ours))
    return amount


def _check_price(price: Any, line_path: str, found: Findings) -> tuple[Decimal | None, Decimal | None]:
    path = f"{line_path}.price"
    price = price if isinstance(price, dict) else {}
    amount = found.number(price, "price_amount", path)
    if amount is not None and amount < 0:
        found.fault("LINE-008", line_path)
    base = found.number(price, "base_quantity", path)
    if base == 0:
        found.fault("LINE-009", f"{path}.base_quantity")
    unit = price.get("price_unit")
    if not isinstance(unit, str) or not 1 <= len(unit.strip()) <= 3:
        found.fault("LINE-010", f"{path}.price_unit")
    elif unit not in found.lists.units:
        # Also while only a part of the list is known: reference case 27 wants an unknown unit refused, and a wrong
        # unit is easier mended before than after NRS refuses it. The live list has them all.
        found.fault("LINE-011", f"{path}.price_unit", value=shown(unit))
    return amount, base


def _check_rated(line: dict[str, Any], what: str, gross: Decimal | None, path: str, found: Findings) -> Decimal | None:
    """A discount or fee: both numbers present, and within 0.01 of each other when a rate is given (rule 2)."""
    rate = found.number(line, f"{what}_rate", path)
    amount = found.amount(line, f"{what}_amount", path)
    if rate and rate > 0 and amount is not None and gross is not None:
        ours = (gross * rate / 100).quantize(found.unit, ROUND_HALF_UP)
        if abs(ours - amount) > found.unit:
            at = f"{path}.{what}_amount"
            found.fault("LINE-013", at, stated=plain(amount), rate=plain(rate), ours=plain(ours))
    return amount
