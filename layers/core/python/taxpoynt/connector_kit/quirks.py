"""Puts right what a platform writes in a way of its own, by the template's `quirks`, before anything reads it. Pure.

Data goes in and out as plain data (mapping.expressions.plain_data); what no quirk names stays as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxpoynt.connector_kit.template_quirks import Quirks

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_EPOCH = ("1970-01-01", "0001-01-01")


def put_right(quirks: Quirks, value: Any) -> Any:
    """The same data with every quirk put right, at any depth."""
    if quirks == _NONE:
        return value
    lower = {name.lower(): name for name in quirks.any_case or ()}
    return _value(quirks, lower, value)


def _value(quirks: Quirks, lower: Mapping[str, str], value: Any) -> Any:
    if isinstance(value, Mapping):
        named = ((_name(quirks, lower, str(key)), inner) for key, inner in value.items())
        return {key: _field(quirks, key, _value(quirks, lower, inner)) for key, inner in named}
    if isinstance(value, list | tuple):
        return [_value(quirks, lower, one) for one in value]
    return value


def _name(quirks: Quirks, lower: Mapping[str, str], key: str) -> str:
    key = (quirks.renamed or {}).get(key, key)
    return lower.get(key.lower(), key)


def _field(quirks: Quirks, key: str, value: Any) -> Any:
    if key in (quirks.always_lists or ()):
        return _list(value)
    if key in (quirks.zero_is_none or ()) and not isinstance(value, bool) and value in (0, "0", ""):
        return None
    if key in (quirks.epoch_is_none or ()) and isinstance(value, str) and value.startswith(_EPOCH):
        return None
    if key in (quirks.ids_18 or ()) and isinstance(value, str) and len(value) == 15:
        return id_18(value)
    return value


def _list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def id_18(short: str) -> str:
    """A 15-character case-sensitive id with its checksum: for each group of five, which letters are capitals."""
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(
        _ALPHABET[sum(1 << place for place, char in enumerate(group) if "A" <= char <= "Z")] for group in groups
    )


_NONE = Quirks()
