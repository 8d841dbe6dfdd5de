"""What one block of a template says about another."""

from __future__ import annotations

import re
from typing import Any

PLACEHOLDERS = frozenset({"id", "url", "user", "password", "since", "until"})
"""What `{…}` may name in paths, parameters and bodies."""


def cross_checks(data: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """What one block says about another, over the plain data, so that every fault is found in one run.

    (path, message) pairs. Anything that has the wrong shape is left to the model, which reports it.
    """
    found: list[tuple[tuple[str | int, ...], str]] = []
    if isinstance(data, dict):
        found += _unknown_resources(data)
        found += _unknown_placeholders((), data)
    return found


def _unknown_resources(data: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    resources, records = data.get("resources"), data.get("records")
    if not isinstance(resources, dict) or not isinstance(records, dict):
        return found
    for name, record in records.items():
        if name not in resources:
            found.append((("records", name), f"resource {name!r} is not described under resources"))
        related = record.get("related") if isinstance(record, dict) else None
        for index, one in enumerate(related if isinstance(related, list) else []):
            wanted = one.get("resource") if isinstance(one, dict) else None
            if isinstance(wanted, str) and wanted not in resources:
                place = ("records", name, "related", index, "resource")
                found.append((place, f"resource {wanted!r} is not described under resources"))
    poll = data.get("poll")
    if isinstance(poll, dict) and isinstance(poll.get("record"), str) and poll["record"] not in records:
        found.append((("poll", "record"), f"record {poll['record']!r} is not described under records"))
    return found


def _unknown_placeholders(path: tuple[str | int, ...], value: Any) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        skip = {"mapping", "vectors"} if not path or path == ("webhooks",) else set()
        return [
            one for key, item in value.items() if key not in skip for one in _unknown_placeholders((*path, key), item)
        ]
    if isinstance(value, list):
        return [one for index, item in enumerate(value) for one in _unknown_placeholders((*path, index), item)]
    if not isinstance(value, str) or path[-1] in _EXPRESSIONS:
        return []
    names = re.findall(r"\{([^}]*)\}", value)
    return [(path, f"unknown placeholder {{{name}}}") for name in names if name not in PLACEHOLDERS]


_EXPRESSIONS = frozenset({"ids", "item", "items", "when", "next", "id", "account", "source"})
"""Keys whose value is JMESPath, where braces mean something else."""
