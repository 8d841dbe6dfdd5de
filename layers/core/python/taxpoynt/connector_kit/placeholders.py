"""Puts values where a template's `{name}` stands, in texts and in bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def filled(value: Any, values: Mapping[str, str]) -> Any:
    """`value` with every `{name}` of `values` replaced, at any depth; what is no text stays as it is."""
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, Mapping):
        return {key: filled(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, values) for item in value]
    return value


def filled_texts(given: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The same for parameters."""
    return {name: str(filled(value, values)) for name, value in given.items()}
