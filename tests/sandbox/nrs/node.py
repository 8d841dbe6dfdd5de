"""Reads a JSON object field by field and refuses in NRS's style: one problem at a time, lower-case paths.

`invoicerequest.invoice.invoiceline[0].price.priceunit can not be more than in length or value 3`: names lose their
underscores, indexes start at zero. JSON null counts as absent, and so does an empty text where one is required.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from tests.sandbox.nrs.problems import Problem

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
BIGGEST = Decimal(10) ** 15
MOST_DECIMALS = 12
UUID_LENGTH = 36


def check_uuid(value: str, *, handler: str = "invoice_actions") -> str:
    """The id, or NRS's complaint about its length."""
    if len(value) != UUID_LENGTH:
        raise Problem(f"invalid UUID length: {len(value)}", handler=handler)
    try:
        return str(UUID(value))
    except ValueError:
        raise Problem("invalid UUID format", handler=handler) from None


def read_date(text: str) -> date | None:
    """A real calendar date in the one accepted spelling, else None."""
    if not DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Node:
    """One object of the request and where it stands."""

    value: dict[str, Any]
    path: str

    def at(self, key: str) -> str:
        return f"{self.path}.{key.replace('_', '').lower()}" if self.path else key.replace("_", "").lower()

    def refuse(self, key: str, complaint: str) -> NoReturn:
        raise Problem(f"{self.at(key)} {complaint}")

    def refuse_list(self, key: str, what: str) -> NoReturn:
        self.refuse(key, f"must be a valid {what}, refer to the invoice resource apis")

    def has(self, key: str) -> bool:
        return self.value.get(key) not in (None, "")

    def optional_text(self, key: str, *, least: int = 0, most: int | None = None) -> str | None:
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(key, "must be a string")
        if len(value) < least:
            self.refuse(key, f"must be at least in length or value {least}")
        if most is not None and len(value) > most:
            self.refuse(key, f"can not be more than in length or value {most}")
        return value

    def text(self, key: str, *, least: int = 0, most: int | None = None) -> str:
        """A required text; blank is missing."""
        value = self.value.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            self.refuse(key, "is required")
        found = self.optional_text(key, least=least, most=most)
        assert found is not None
        return found

    def choice(self, key: str, allowed: Collection[str], what: str) -> str:
        value = self.text(key)
        if value not in allowed:
            self.refuse_list(key, what)
        return value

    def optional_number(self, key: str) -> Decimal | None:
        value = self.value.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(key, "must be a number")
        number = Decimal(value)
        if abs(number) >= BIGGEST:
            self.refuse(key, f"can not be more than in length or value {BIGGEST:f}")
        if number != round(number, MOST_DECIMALS):
            self.refuse(key, f"can not have more than {MOST_DECIMALS} decimals")
        return number

    def number(self, key: str, *, above_zero: bool = False) -> Decimal:
        """A required number, never negative. Zero is a value, absence is an error."""
        number = self.optional_number(key)
        if number is None:
            self.refuse(key, "is required")
        if number < 0:
            self.refuse(key, "must be at least in length or value 0")
        if above_zero and number == 0:
            self.refuse(key, "must be greater than 0")
        return number

    def optional_date(self, key: str) -> date | None:
        text = self.optional_text(key)
        if text is None:
            return None
        found = read_date(text)
        if found is None:
            self.refuse(key, "must be a valid date value yyyy-mm-dd (e.g: 2024-04-29)")
        return found

    def date(self, key: str) -> date:
        self.text(key)
        found = self.optional_date(key)
        assert found is not None
        return found

    def email(self, key: str) -> str:
        value = self.text(key, most=100)
        if not EMAIL.fullmatch(value):
            self.refuse(key, "must be a valid email address")
        return value

    def boolean(self, key: str) -> bool:
        value = self.value.get(key)
        if value is None:
            self.refuse(key, "is required")
        if not isinstance(value, bool):
            self.refuse(key, "must be a boolean")
        return value

    def optional_child(self, key: str) -> Node | None:
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(key, "must be an object")
        return Node(value, self.at(key))

    def child(self, key: str) -> Node:
        found = self.optional_child(key)
        if found is None:
            self.refuse(key, "is required")
        return found

    def optional_children(self, key: str) -> list[Node]:
        value = self.value.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(key, "must be an array")
        nodes = []
        for index, row in enumerate(value):
            place = f"{self.at(key)}[{index}]"
            if not isinstance(row, dict):
                raise Problem(f"{place} must be an object")
            nodes.append(Node(row, place))
        return nodes

    def children(self, key: str) -> list[Node]:
        """A required array with at least one row."""
        found = self.optional_children(key)
        if not found:
            self.refuse(key, "is required")
        return found
