"""Reading values out of a body that anyone may have made: every surprise becomes a fault, nothing raises."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.rule_book import rule
from taxpoynt.errors import Fault

MOST = Decimal(10) ** 15
MOST_PLACES = 28
_SHOWN = 40
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(slots=True)
class Findings:
    """The faults of one body, and what the rules need to know. `digits`: decimals of the document's currency."""

    lists: CodeLists
    today: date
    require_state_lga: bool
    digits: int = 2
    tax_date: date | None = None
    faults: list[Fault] = field(default_factory=list)

    def fault(self, code: str, at: str | None = None, **values: object) -> None:
        """A broken rule, at its usual place or at path `at`."""
        self.faults.append(rule(code).fault(at, **values))

    @property
    def unit(self) -> Decimal:
        """The currency's minor unit."""
        return Decimal(1).scaleb(-self.digits)

    def amount(self, holder: dict[str, Any], key: str, path: str, negative: str = "NUM-003") -> Decimal | None:
        """A required amount of money: a number, not negative, with no more decimals than its currency has."""
        value = self.number(holder, key, path, negative)
        if value is not None and -int(value.normalize().as_tuple().exponent) > self.digits:
            self.fault("NUM-005", f"{path}.{key}", digits=self.digits)
        return value

    def number(self, holder: dict[str, Any], key: str, path: str, negative: str = "NUM-003") -> Decimal | None:
        """A required JSON number, also when 0 (section 7.4); None after a fault that leaves nothing to reckon with."""
        raw = holder.get(key)
        at = f"{path}.{key}"
        if raw is None:
            self.fault("NUM-002", at)
            return None
        value = as_decimal(raw)
        if value is None:
            self.fault("NUM-001", at)
            return None
        if not abs(value) < MOST or abs(int(value.as_tuple().exponent)) > MOST_PLACES:
            self.fault("NUM-004", at)
            return None
        if value < 0:
            self.fault(negative, at if negative == "NUM-003" else path)
        return value


def as_decimal(raw: object) -> Decimal | None:
    """A JSON number as Decimal; None for text, true and false, NaN and infinity."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        # beyond 64 digits nothing depends on the value any more, and a huge int is slow to convert
        return Decimal(raw) if raw.bit_length() < 200 else MOST
    if isinstance(raw, float):
        return Decimal(repr(raw)) if math.isfinite(raw) else None
    if isinstance(raw, Decimal) and raw.is_finite():
        return raw
    return None


def as_text(raw: object) -> str | None:
    """Text that holds more than blanks."""
    return raw if isinstance(raw, str) and raw.strip() else None


def as_date(raw: object) -> date | None:
    """A calendar date written YYYY-MM-DD."""
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def shown(raw: object) -> str:
    """A code for a message: short and printable, whatever was sent."""
    if isinstance(raw, str):
        return "".join(char for char in raw[:_SHOWN] if char.isprintable()) or "(empty)"
    return "(missing)" if raw is None else f"(a {type(raw).__name__})"
