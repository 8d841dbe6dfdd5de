"""Which code made an invoice: kept with every conversion, so that a later difference can be told from a mistake."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_DECIDING = ("connectors", "conversion", "domain", "mapping", "nrs")
"""Packages whose code or data can change an invoice's bytes."""


@cache
def software() -> str:
    """Sixteen characters of the digest over that code, the same wherever it runs."""
    whole = hashlib.sha256()
    for package in _DECIDING:
        for name, data in _sources(files("taxpoynt") / package, package):
            whole.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for one in sorted(folder.iterdir(), key=lambda each: each.name):
        if one.is_dir() and one.name != "__pycache__":
            found += _sources(one, f"{name}/{one.name}")
        elif one.name.endswith((".py", ".yaml", ".json")):
            found.append((f"{name}/{one.name}", one.read_bytes()))
    return found
