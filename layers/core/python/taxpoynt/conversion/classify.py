"""What is sold, in NRS's lists: the line's own word, the merchant's table, the merchant's default, else nothing."""

from __future__ import annotations

import re

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.domain.party import Classification, MerchantDefaults
from taxpoynt.domain.sale import SaleLine

_SIX_DIGITS = re.compile(r"([0-9]{4})[ .]?([0-9]{2})")


def classify(line: SaleLine, defaults: MerchantDefaults, lists: CodeLists) -> tuple[Classification | None, str]:
    """The line's classification in NRS's form (None: nobody decided) and where it came from."""
    found, why = _found(line, defaults)
    return (completed(found, lists) if found else None), why


def _found(line: SaleLine, defaults: MerchantDefaults) -> tuple[Classification | None, str]:
    if line.classification is not None:
        return line.classification, "the source's own"
    table = defaults.classifications
    for word, key in (("product id", line.product_id), ("SKU", line.sku), ("name", line.name or line.description)):
        if key and key in table:
            return table[key], f"merchant's table by {word}"
    if line.from_total and defaults.deal_line_classification is not None:
        return defaults.deal_line_classification, "merchant's default for deals without products"
    return defaults.classification, "merchant's default"


def completed(found: Classification, lists: CodeLists) -> Classification:
    """`847130` → `8471.30`, missing categories in words from the lists. A wrong code stays: the rules find it."""
    hsn = hs_code(found.hsn_code) if found.hsn_code else None
    product = found.product_category or (lists.hs_codes.get(hsn) if hsn else None)
    service = found.service_category or (lists.service_codes.get(found.isic_code) if found.isic_code else None)
    if (hsn, product, service) == (found.hsn_code, found.product_category, found.service_category):
        return found
    return Classification(
        hsn_code=hsn, product_category=product, isic_code=found.isic_code or None, service_category=service
    )


def hs_code(code: str) -> str:
    """Six digits in NRS's form `NNNN.NN`; anything else as it is (four digits say too little: reference case 31)."""
    six = _SIX_DIGITS.fullmatch(code.strip())
    return f"{six[1]}.{six[2]}" if six else code
