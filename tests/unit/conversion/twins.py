"""The mistakes people really make, as broken copies of the second reckoning; the same comparison must catch each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.unit.conversion.second import Second


class Floats(Second):
    """Binary fractions, and round() as the language has it."""

    def half(self, value: Fraction) -> int:
        return round(float(value))

    def tax(self, parts: Sequence[int], percent: Fraction) -> int:
        return round(float(sum(parts)) * float(percent) / 100)


class PerLine(Second):
    """Tax is rounded on every line, then added up."""

    def tax(self, parts: Sequence[int], percent: Fraction) -> int:
        return sum(self.half(part * percent / 100) for part in parts)


class WholeQuantities(Second):
    """1.5 metres become 1."""

    def quantity(self, line: dict[str, Any]) -> Fraction:
        return Fraction(int(line["quantity"]))


class TaxOnGross(Second):
    """Tax is taken of a price that contains it already: 7.5 of 107.50 is not 8.06."""

    def net_of(self, gross: int, fixed: Fraction, factor: Fraction) -> int:
        return self.half((gross - fixed) * (2 - factor))

    def settle_heaps(self, many: Any) -> Any:
        rows, left = super().settle_heaps(many)
        return {
            row: (base, self.tax([base], row[1] * (1 + row[1] / 100)) if row[1] else amount)
            for row, (base, amount) in rows.items()
        }, left


class NoResidual(Second):
    """What no net and tax add up to is dropped."""

    def residual(self, left: int) -> int:
        return 0


TWINS: dict[str, type[Second]] = {
    "floats": Floats,
    "round per line, then add": PerLine,
    "truncated quantity": WholeQuantities,
    "tax on the gross": TaxOnGross,
    "residual dropped": NoResidual,
}
