"""NRS's code lists: the copies shipped with the package, and the live ones (reference, sections 5.1 and 8.7).

The JSON files beside this one name their source, date and whether they are complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Protocol, TypeVar

from taxpoynt.conversion.lists import CodeList, CodeLists, Country
from taxpoynt.domain.source import read_json
from taxpoynt.errors import NrsUnavailable

V = TypeVar("V")
Row = Mapping[str, Any]


class ResourceReader(Protocol):
    """Whoever can read a live list: `NrsClient`."""

    def resource(self, name: str) -> Any:
        """The rows of the list `name`."""


class _Source(Protocol):
    def __call__(self, name: str) -> tuple[Iterable[Any], bool, str]:
        """Rows, whether they are all, and the version."""


@cache
def code_lists() -> CodeLists:
    """The lists shipped with the package; read on first use."""
    return _build(_shipped)


def refresh(client: ResourceReader, *, today: date) -> CodeLists:
    """The lists as NRS gives them now, all complete, versioned by `today`.

    All or nothing: the client's errors pass, and a list that is empty or not a list is NrsUnavailable; the caller
    keeps its last good copy.
    """

    def live(name: str) -> tuple[Iterable[Any], bool, str]:
        rows = client.resource(name)
        if not isinstance(rows, list) or not rows:
            raise NrsUnavailable(f"NRS gave no rows for {name}")
        return rows, True, f"live {today.isoformat()}"

    return _build(live)


def _shipped(name: str) -> tuple[Iterable[Any], bool, str]:
    whole = read_json((files(__name__) / f"{name}.json").read_bytes())
    return whole["rows"], whole["complete"], f"shipped {whole['as_of']}"


def _build(source: _Source) -> CodeLists:
    def take(name: str, key: str, value: Callable[[Row], V]) -> CodeList[V]:
        found, complete, version = source(name)
        rows = [row for row in found if isinstance(row, Mapping) and _text(row, key)]
        if not rows:
            raise NrsUnavailable(f"NRS's list {name} has no rows with {key}")
        return CodeList({_text(row, key): value(row) for row in rows}, complete, version)

    return CodeLists(
        countries=take("countries", "alpha_2", _country),
        currencies=take("currencies", "code", _digits),
        tax_categories=take("tax-categories", "code", _percent),
        payment_means=take("payment-means", "code", _words),
        invoice_types=take("invoice-types", "code", _words),
        service_codes=take("services-codes", "code", _words),
        hs_codes=take("hs-codes", "hscode", _words),
        states=take("states", "code", _words),
        lgas=take("lgas", "code", _words),
        units=take("invoice-quantity-codes", "code", _words),
    )


def _text(row: Row, key: str) -> str:
    """Trimmed: some official rows have trailing spaces."""
    value = row.get(key)
    return str(value).strip() if isinstance(value, str | int) else ""


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
