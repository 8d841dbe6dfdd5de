"""Hides classed fields of records, as the template's `data` block names them. Pure.

Used wherever a source record is shown to somebody who need not see it: previews, answers for support. Logs show none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from taxpoynt.connector_kit.template_data import DataClass, DataClasses

HIDDEN: tuple[DataClass, ...] = ("secret", "personal", "business")
"""What is hidden unless the caller says otherwise."""
SHORTEST = 4

_AMOUNT = re.compile(r"[0-9]{1,7}|[0-9]*\.[0-9]+")


def redacted(classes: DataClasses, resource: str, record: Any, *, hide: Collection[DataClass] = HIDDEN) -> Any:
    """A copy of a record (or a list of them) in which every value of a hidden class is `[personal]` or its like.

    Empty values stay: that a field is empty tells of nobody, and people ask why a rule found nothing.
    """
    marks = [
        (tuple(path.replace("[]", "").split(".")), f"[{kind}]")
        for kind, fields in classes.by_class().items()
        if kind in hide
        for path in fields.get(resource, ())
    ]
    return _hidden(record, marks)


def redacted_view(
    classes: DataClasses, view: Mapping[str, Any], *, hide: Collection[DataClass] = HIDDEN
) -> dict[str, Any]:
    """Every resource of a view, each by its own fields."""
    return {name: redacted(classes, name, value, hide=hide) for name, value in view.items()}


def classed_texts(
    classes: DataClasses, view: Mapping[str, Any], *, hide: Collection[DataClass] = HIDDEN
) -> dict[str, str]:
    """Every text of a hidden class that stands in the view, in small letters, with its mark (`[personal]`).

    Left out is what is part of anything: texts of less than SHORTEST characters, and amounts.
    """
    found = _differing(view, redacted_view(classes, view, hide=hide))
    return {text.casefold(): mark for text, mark in found if len(text) >= SHORTEST and not _AMOUNT.fullmatch(text)}


def mark_in(texts: Mapping[str, str], value: Any) -> str | None:
    """The mark of a classed text that stands in a value, wherever it came from; None where there is none."""
    whole = str(value).casefold()
    return next((mark for text, mark in texts.items() if text in whole), None)


def _differing(value: Any, shown: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _differing(inner, shown[key])
    elif isinstance(value, list | tuple):
        for one, other in zip(value, shown, strict=True):
            yield from _differing(one, other)
    elif value != shown:
        yield str(value), str(shown)


def class_of(classes: DataClasses, resource: str, path: str) -> DataClass | None:
    """The strictest class of a field, named without indexes (`emails.value`); None where it has none."""
    steps = tuple(path.replace("[]", "").split("."))
    for kind, fields in classes.by_class().items():
        for one in fields.get(resource, ()):
            named = tuple(one.replace("[]", "").split("."))
            if len(named) <= len(steps) and all(want in ("*", step) for want, step in zip(named, steps, strict=False)):
                return kind
    return None


def _hidden(value: Any, marks: Sequence[tuple[tuple[str, ...], str]]) -> Any:
    if isinstance(value, list | tuple):
        return [_hidden(one, marks) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {key: _field(str(key), inner, marks) for key, inner in value.items()}


def _field(key: str, value: Any, marks: Sequence[tuple[tuple[str, ...], str]]) -> Any:
    """The strictest mark that ends here hides all of the value; those that go on look inside."""
    here = [(path, mark) for path, mark in marks if path[0] in ("*", key)]
    ends = next((mark for path, mark in here if len(path) == 1), None)
    if ends is not None:
        return masked(value, ends)
    return _hidden(value, [(path[1:], mark) for path, mark in here])


def masked(value: Any, mark: str) -> Any:
    """The same shape with `mark` for every value; empty ones and yes or no stay."""
    if isinstance(value, Mapping):
        return {key: masked(inner, mark) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one, mark) for one in value]
    return value if value in (None, "") or isinstance(value, bool) else mark
