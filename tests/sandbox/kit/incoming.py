"""Reading a control call."""

from typing import Any

from flask import request

from tests.sandbox.kit.errors import ControlError


def json_object(known: frozenset[str] | None = None) -> dict[str, Any]:
    """The call's JSON object ({} without a body); ControlError on anything else or on a key not in `known`."""
    if not request.get_data():
        return {}
    data = request.get_json(force=True, silent=True)
    if not isinstance(data, dict):
        raise ControlError("the body must be a JSON object")
    if known is not None and (extra := sorted(set(data) - known)):
        raise ControlError(f"unknown key: {', '.join(extra)}; known: {', '.join(sorted(known))}")
    return data


def number(data: dict[str, Any], key: str, default: float | None = None) -> float:
    """A number from 0 on; ControlError when it is missing (without a default) or something else."""
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ControlError(f'"{key}" must be a number from 0 on')
    return value
