"""Builds answers in the shape a template expects: puts values where its expressions look for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r'\.?(?:"([^"]+)"|([A-Za-z_][A-Za-z0-9_]*))')


def steps(expression: str) -> list[str]:
    """The keys of a plain path; of several after `||` the first. ValueError for what is no plain path."""
    path = expression.split("||")[0].strip().removeprefix("@").strip()
    found, at = [], 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(f"{expression!r} is no plain path, so the kit cannot put a value there")
        found.append(step[1] or step[2])
        at = step.end()
    return found


def planted(whole: Any, expression: str, value: Any) -> Any:
    """`whole` with the value where the expression looks; the value itself where that is `@`."""
    path = steps(expression)
    if not path:
        return value
    whole = dict(whole) if isinstance(whole, Mapping) else {}
    here = whole
    for step in path[:-1]:
        inner = here.get(step)
        here[step] = dict(inner) if isinstance(inner, Mapping) else {}
        here = here[step]
    here[path[-1]] = value
    return whole


def with_canaries(record: Any, path: str, canary: str) -> Any:
    """A record with a text of ours at a classed path (`emails[].value`, `custom_fields.*`), whatever stood there."""
    return _set(record, path.split("."), canary)


def _set(value: Any, path: list[str], canary: str) -> Any:
    if not path:
        return canary
    step, many = path[0].removesuffix("[]"), path[0].endswith("[]")
    key = "any_key" if step == "*" else step
    whole = dict(value) if isinstance(value, Mapping) else {}
    inner = _set(None, path[1:], canary)
    whole[key] = [inner, inner] if many else inner
    return whole
