"""What differs between two invoices of one record, field by field, and by how many kobo. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.money import minor_digits, plain

_LEFT_OUT = {"trace", "lists_version", "seller", "number", "irn", "refers_to", "connector", "platform"}
"""What no rule changes, or what is not decided before an invoice is reserved."""
_NO_MONEY = frozenset({"quantity", "percent", "rate_percent", "tax_rate_percent"})
"""Numbers that are no amounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field in the words of the invoice (`lines[0].unit_price`); None: it is not there on that side.

    kobo: of an amount, the difference in minor units of its currency; with a fraction where a unit price has one.
    """

    field: str
    before: str | None
    after: str | None
    kobo: Decimal | None = None

    def redacted(self, data_class: str | None) -> FieldChange:
        """Without the values themselves, if a class hides them: that something changed may be known."""
        if data_class is None:
            return self
        mark = f"[{data_class}]"
        before, after = (None if one is None else mark for one in (self.before, self.after))
        return replace(self, before=before, after=after, kobo=None)


def changes(before: Invoice | None, after: Invoice | None) -> tuple[FieldChange, ...]:
    """Every field that differs, in the order of the invoice."""
    if before is None or after is None:
        return ()
    old, new = dict(_fields(before)), dict(_fields(after))
    same_currency = before.currency == after.currency
    return tuple(
        _change(path, old.get(path), new.get(path), before.currency if same_currency else None)
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    )


def minor_units(amount: Decimal, currency: str) -> Decimal:
    """An amount in the smallest unit of its currency."""
    return amount.scaleb(minor_digits(currency))


def _change(path: str, old: Any, new: Any, currency: str | None) -> FieldChange:
    amounts = [one if isinstance(one, Decimal) else Decimal(0) if one is None else None for one in (old, new)]
    is_money = any(isinstance(one, Decimal) for one in (old, new)) and path.rpartition(".")[2] not in _NO_MONEY
    kobo = None
    if is_money and currency is not None and amounts[0] is not None and amounts[1] is not None:
        kobo = minor_units(amounts[1] - amounts[0], currency)
    return FieldChange(field=path, before=_text(old), after=_text(new), kobo=kobo)


def _fields(invoice: Invoice) -> Iterator[tuple[str, Any]]:
    """Every value that is there; a line's place in the record is no field of it."""
    for path, value in _leaves(invoice.model_dump(exclude=_LEFT_OUT), ""):
        if value is not None and not re.fullmatch(r"lines\[\d+\]\.path", path):
            yield path, value


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _leaves(one, f"{path}[{place}]")
    else:
        yield path, value


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value) if isinstance(value, Decimal) else str(value)
