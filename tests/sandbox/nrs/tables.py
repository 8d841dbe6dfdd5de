"""The code lists NRS serves. What it serves is what it accepts: a check reads the same rows as the resource routes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

KEYS = {
    "countries": "alpha_2",
    "currencies": "code",
    "tax-categories": "code",
    "payment-means": "code",
    "invoice-types": "code",
    "services-codes": "code",
    "hs-codes": "hscode",
    "vat-exemptions": "harmonized_system_code",
    "states": "code",
    "lgas": "code",
    "invoice-quantity-codes": "code",
}
"""Resource name as in the path -> the key that holds the code."""

_OURS = frozenset({"basis"})
"""Keys of the data files that say where a row comes from; NRS does not serve them."""


def read_lists(folder: Path) -> dict[str, list[Row]]:
    """The rows of every `<resource>.json` in `folder`."""
    return {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["rows"] for name in KEYS}


class Tables:
    """All lists, changeable while the sandbox runs (NRS changes them without notice)."""

    def __init__(self, lists: Mapping[str, Sequence[Row]], extra: Mapping[str, Sequence[Row]] | None = None) -> None:
        self._lock = threading.Lock()
        more = extra or {}
        self._rows = {
            name: [self._served(name, row) for row in [*lists.get(name, ()), *more.get(name, ())]] for name in KEYS
        }

    @staticmethod
    def _served(name: str, row: Row) -> Row:
        served = {key: value for key, value in row.items() if key not in _OURS}
        if name == "vat-exemptions":
            heading = str(row["harmonized_system_code"]).split(".")[0]
            return {"heading_no": heading, "tariff": "", **served}
        return served

    def rows(self, name: str) -> list[Row]:
        with self._lock:
            return list(self._rows[name])

    def has(self, name: str, code: str) -> bool:
        key = KEYS[name]
        with self._lock:
            return any(row[key] == code for row in self._rows[name])

    def row(self, name: str, code: str) -> Row | None:
        key = KEYS[name]
        with self._lock:
            return next((row for row in self._rows[name] if row[key] == code), None)

    def change(self, name: str, *, add: Sequence[Row] = (), remove: Sequence[str] = ()) -> None:
        """Adds rows (replacing those with the same code) and removes codes. KeyError for an unknown list."""
        key = KEYS[name]
        gone = {str(code) for code in remove} | {str(row[key]) for row in add}
        with self._lock:
            kept = [row for row in self._rows[name] if row[key] not in gone]
            self._rows[name] = kept + [self._served(name, dict(row)) for row in add]
