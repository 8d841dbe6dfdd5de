"""What `paging`, `poll` and `limits` say about the other blocks of a template, over the plain data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taxpoynt.connector_kit.findings import at, block, items, texts

Problem = tuple[tuple[str | int, ...], str]


def cross_checks(data: Mapping[str, Any]) -> list[Problem]:
    """(path, message) pairs; what has the wrong shape is left to the models."""
    return [*_pages_of_nothing(data), *_lists_nowhere(data), *_windows_without_time(data), *_unknown_facts(data)]


def _pages_of_nothing(data: Mapping[str, Any]) -> Iterator[Problem]:
    for name, resource in block(data, "resources").items():
        if at(resource, "paged") is True and not at(resource, "paging") and at(data, "paging", "style") == "none":
            yield ("resources", name, "paged"), "the template's paging is 'none', and this resource has none of its own"


def _lists_nowhere(data: Mapping[str, Any]) -> Iterator[Problem]:
    for index, request in enumerate(items(data, "poll", "requests")):
        way = at(request, "paging") or at(data, "paging")
        if not at(request, "items") and not at(way, "items"):
            yield ("poll", "requests", index), "nothing says where the list stands: items, here or in the paging"


def _windows_without_time(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Such a list is read from its beginning in every round, and grows for ever."""
    if at(data, "poll", "by") not in (None, "window"):
        return
    for index, request in enumerate(items(data, "poll", "requests")):
        asked = [text for _, text in texts([at(request, "params"), at(request, "body")])]
        named = {name for text in asked for name in re.findall(r"\{([^{}]*)\}", text)}
        if named <= {"until", "account_id"}:  # a misspelt one is told elsewhere
            yield ("poll", "requests", index), "a window needs {since} in the parameters or the body"


def _unknown_facts(data: Mapping[str, Any]) -> Iterator[Problem]:
    facts = block(data, "oauth", "account", "details")
    for index, budget in enumerate(items(data, "limits", "budgets")):
        name = at(budget, "each", "fact")
        if isinstance(name, str) and name not in facts:
            yield ("limits", "budgets", index, "each", "fact"), f"{name!r} is not described under oauth.account.details"
    zone = at(data, "poll", "open", "zone")
    if isinstance(zone, str) and "/" not in zone and zone not in facts:
        yield ("poll", "open", "zone"), f"{zone!r} is not described under oauth.account.details"
