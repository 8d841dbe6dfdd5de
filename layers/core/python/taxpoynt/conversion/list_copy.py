"""NRS's code lists as bytes that can be kept and read again: one text, one version (reference, section 8.7).

The version is the hash of the text, so the same rows have the same version wherever they came from, and what an
invoice was made with can be proved years later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from taxpoynt.conversion.lists import CodeList, CodeLists, Country
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput

V = TypeVar("V")
Row = Mapping[str, Any]

CODE_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "countries": "alpha_2",
        "currencies": "code",
        "tax-categories": "code",
        "payment-means": "code",
        "invoice-types": "code",
        "services-codes": "code",
        "hs-codes": "hscode",
        "states": "code",
        "lgas": "code",
        "invoice-quantity-codes": "code",
        "vat-exemptions": "harmonized_system_code",
    }
)
"""Every list, as NRS's paths call it → the key of a row that holds the code."""

VERSION_DIGITS = 16


@dataclass(frozen=True, slots=True)
class OneList:
    """Rows of one list. `complete`: they are all there are; False for what the public knows a part of."""

    rows: tuple[Row, ...]
    complete: bool


Copy = Mapping[str, OneList]
"""All lists by name."""


def usable_rows(name: str, rows: Any) -> tuple[Row, ...]:
    """Rows that have a code; none when it is no list at all."""
    if not isinstance(rows, list):
        return ()
    return tuple(row for row in rows if isinstance(row, Mapping) and _text(row, CODE_KEYS[name]))


def to_bytes(copy: Copy) -> bytes:
    """The one text of these rows: names and keys in order, no spaces."""
    whole = {name: {"complete": one.complete, "rows": list(one.rows)} for name, one in copy.items()}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_number).encode()


def from_bytes(data: bytes) -> Copy:
    """What `to_bytes` wrote; BadInput for anything else."""
    whole = read_json(data)
    try:
        return {name: OneList(tuple(whole[name]["rows"]), bool(whole[name]["complete"])) for name in CODE_KEYS}
    except (KeyError, TypeError):
        raise BadInput("not a copy of the code lists") from None


def version_of(data: bytes) -> str:
    """Names a copy for ever."""
    return hashlib.sha256(data).hexdigest()[:VERSION_DIGITS]


def key_of(version: str) -> str:
    """Where a copy is kept: no merchant's, and a class of its own."""
    return f"shared/lists/{version}.json"


def lists_of(copy: Copy) -> CodeLists:
    """The lists for rules and converter; BadInput when one has no usable row."""
    version = version_of(to_bytes(copy))

    def take(name: str, value: Callable[[Row], V]) -> CodeList[V]:
        rows = usable_rows(name, list(copy[name].rows))
        if not rows:
            raise BadInput(f"the list {name} has no rows with {CODE_KEYS[name]}")
        return CodeList({_text(row, CODE_KEYS[name]): value(row) for row in rows}, copy[name].complete, version)

    return CodeLists(
        countries=take("countries", _country),
        currencies=take("currencies", _digits),
        tax_categories=take("tax-categories", _percent),
        payment_means=take("payment-means", _words),
        invoice_types=take("invoice-types", _words),
        service_codes=take("services-codes", _words),
        hs_codes=take("hs-codes", _words),
        states=take("states", _words),
        lgas=take("lgas", _words),
        units=take("invoice-quantity-codes", _words),
        version=version,
    )


def _text(row: Row, key: str) -> str:
    """Trimmed: some official rows have trailing spaces."""
    value = row.get(key)
    return str(value).strip() if isinstance(value, str | int) else ""


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        raise TypeError(f"no JSON for {type(value).__name__}")
    return f"{value:f}"


def _words(row: Row) -> str:
    return _text(row, "name") or _text(row, "value") or _text(row, "description")


def _country(row: Row) -> Country:
    return Country(_text(row, "name"), _text(row, "alpha_2"), _text(row, "alpha_3"))


def _digits(row: Row) -> int:
    digits = row.get("decimal_digits")
    return digits if isinstance(digits, int) else 2


def _percent(row: Row) -> Decimal | None:
    """A number or a text like one; `Not Available` is None."""
    given = row.get("percent")
    if isinstance(given, int | Decimal):
        return Decimal(given)
    text = given.strip().removesuffix("%") if isinstance(given, str) else ""
    return Decimal(text) if text.replace(".", "", 1).isdecimal() else None
