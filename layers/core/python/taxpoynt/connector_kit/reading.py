"""What a connector's own Python gathers while it reads a record: faults, explanations, what the mapping rules give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.domain.party import Address, Classification, Party
from taxpoynt.domain.sale import Sale, SaleLine, StatedTax
from taxpoynt.errors import Fault
from taxpoynt.mapping.engine import Explained, Layer, Mapped, apply
from taxpoynt.mapping.targets import DOCUMENT_TARGETS, LINE_TARGETS, Kind

_ADDRESS = tuple(Address.model_fields)
_OF_LINE = ("sku", "unit", "description", "category", "account")


@dataclass(slots=True)
class Reading:
    """`plain`: the view as expressions see it (mapping.expressions.exact_data)."""

    layers: Sequence[Layer]
    plain: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)

    def fault(self, code: str, path: str, message: str, remedy: str) -> None:
        """One more thing that stands against the sale."""
        self.faults.append(Fault(code, path, message, remedy))

    def document(self) -> Mapping[str, str]:
        """The values of the rules for the whole document, by target."""
        return self._mapped(DOCUMENT_TARGETS, {}).values

    def mapped_line(self, made: SaleLine, place: int, line: Any, product: Any) -> SaleLine:
        """`made` with what the rules say of it; `line` and `product` are exact data, as the rules see them."""
        values = self._mapped(LINE_TARGETS, {"line": line, "product": product}, f"lines[{place}].").values
        found = {name: values.get(f"line.classification.{name}") for name in Classification.model_fields}
        changes: dict[str, Any] = {name: values[f"line.{name}"] for name in _OF_LINE if f"line.{name}" in values}
        if any(found.values()):
            changes["classification"] = Classification(**found)
        if "line.tax_category" in values:
            rate = made.taxes[0].rate_percent if made.taxes else None
            changes["taxes"] = (StatedTax(category=values["line.tax_category"], rate_percent=rate),)
        return made.model_copy(update=changes)

    def result(self, made: Sale | None) -> SaleReading:
        """Everything together."""
        return SaleReading(sale=made, faults=tuple(self.faults), explained=tuple(self.explained))

    def _mapped(self, targets: Mapping[str, Kind], extra: Mapping[str, Any], path: str = "") -> Mapped:
        found = apply(self.layers, {**self.plain, **extra}, targets, path=path)
        self.faults += found.faults
        self.explained += found.explained
        return found


def buyer_of(values: Mapping[str, str]) -> Party:
    """The buyer as the document's values tell it; parts that nothing tells are None."""
    address = {part: values.get(f"buyer.address.{part}") for part in _ADDRESS}
    plain = {name: values.get(f"buyer.{name}") for name in Party.model_fields if name != "address"}
    return Party.model_validate({**plain, "address": Address(**address) if any(address.values()) else None})
