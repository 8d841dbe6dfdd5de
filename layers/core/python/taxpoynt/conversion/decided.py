"""A merchant's decisions laid over a sale: product table, tax rules, the shop's defaults. Pure.

The product table goes by product id, then SKU, then name; what a person supplied for this sale stays. A rate is never
made here: a category has the law's on the day, or the one the source states.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from taxpoynt.domain.decisions import By, CodeRow, Decisions, LocationRule, TaxRule
from taxpoynt.domain.invoice import TraceEntry
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Sale, SaleLine, StatedTax

KEYS: tuple[By, ...] = ("product_id", "sku", "name")
"""By what a product table is asked, the surest first."""
_WORDS: Mapping[str, str] = {
    "product_id": "product id",
    "sku": "SKU",
    "name": "name",
    "category": "category",
    "account": "account",
}


@dataclass(frozen=True, slots=True)
class Table:
    """What a product table says of the lines of one sale, by `sku:AB-1`; `words` name it: `table version 3`."""

    rows: Mapping[str, CodeRow]
    words: str = "product table"

    def of(self, line: SaleLine) -> tuple[CodeRow, str] | None:
        """The row of a line, and how it was found."""
        for key in keys_of(line):
            if (row := self.rows.get(key)) is not None:
                by, _, value = key.partition(":")
                return row, f"{self.words}, {_WORDS[by]} {value}"
        return None


def keys_of(line: SaleLine) -> Iterator[str]:
    """Under which keys a product table may know what a line sells."""
    for by in KEYS:
        if value := value_of(line, by):
            yield f"{by}:{value}"


def value_of(line: SaleLine, by: By) -> str | None:
    """What a line says where rules look; a line without a name has its description for one."""
    found = getattr(line, by) or (line.description if by == "name" else None)
    return found.strip() or None if found else None


def decided(
    sale: Sale, decisions: Decisions, table: Table, *, supplied: Collection[str] = ()
) -> tuple[Sale, tuple[TraceEntry, ...]]:
    """The sale with everything that was decided, and why for each line it changes. supplied: paths that stay."""
    trace: list[TraceEntry] = []
    lines, number = [], 0
    for line in sale.lines:
        if line.quantity == 0:  # on no invoice, so it has no number there
            lines.append(line)
            continue
        lines.append(_line(line, f"lines[{number}]", decisions, table, supplied, trace))
        number += 1
    return sale.model_copy(update={"lines": tuple(lines)}), tuple(trace)


def _line(
    line: SaleLine, path: str, decisions: Decisions, table: Table, supplied: Collection[str], trace: list[TraceEntry]
) -> SaleLine:
    found = table.of(line)
    row, where = found or (CodeRow(), "")
    if row.classification and not any(one.startswith(f"{path}.classification") for one in supplied):
        line = line.model_copy(update={"classification": row.classification})
        trace.append(TraceEntry(rule="product-table", path=f"{path}.classification", detail=where))
    if row.unit and f"{path}.unit" not in supplied:
        line = line.model_copy(update={"unit": row.unit})
        trace.append(TraceEntry(rule="product-table", path=f"{path}.unit", detail=where))
    if f"{path}.taxes" in supplied:
        return line
    if row.tax_category:
        return _taxed(line, path, row.tax_category, row.tax_reason, ("product-table", where), trace)
    rule = _rule(line, decisions.tax)
    if rule is None:
        return line
    where = f"tax rule: {_WORDS[rule.by]} {value_of(line, rule.by)}"
    return _taxed(line, path, rule.tax_category, rule.reason, ("tax-rule", where), trace)


def _rule(line: SaleLine, rules: tuple[TaxRule, ...]) -> TaxRule | None:
    """The first one that fits."""
    return next((rule for rule in rules if value_of(line, rule.by) in rule.values), None)


def _taxed(
    line: SaleLine, path: str, category: str, reason: str | None, why: tuple[str, str], trace: list[TraceEntry]
) -> SaleLine:
    """The line under `category`; what the source charged stays, so that a wrong decision shows instead of hiding it."""
    rule, where = why
    if len(line.taxes) > 1:
        detail = f"{where}: left alone, because the source states {len(line.taxes)} taxes"
        trace.append(TraceEntry(rule=rule, path=f"{path}.tax_category", detail=detail))
        return line
    stated = line.taxes[0] if line.taxes else StatedTax()
    tax = stated.model_copy(update={"category": category, "reason": reason or stated.reason})
    trace.append(TraceEntry(rule=rule, path=f"{path}.tax_category", detail=f"{category} ({where})"))
    return line.model_copy(update={"taxes": (tax,)})


def at_location(merchant: Merchant, rule: LocationRule | None) -> Merchant:
    """The seller with the defaults of a shop."""
    if rule is None or (rule.tax_category is None and rule.classification is None):
        return merchant
    changes = {"tax_category": rule.tax_category, "classification": rule.classification}
    own = {name: value for name, value in changes.items() if value is not None}
    return merchant.model_copy(update={"defaults": merchant.defaults.model_copy(update=own)})
