"""Transforms of texts and lists of texts. Docstrings are the reference (docs/reference/transforms.md)."""

from __future__ import annotations

import html
import re
import string
from typing import Any

from taxpoynt.mapping.values import NoValue, items_of, number_of, stripped, text_of

_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"(?i)<(br|/p|/li|/div|/tr|/h[1-6])\b[^<>]{0,200}>")


def strip(value: Any, _argument: Any) -> str:
    """Without spaces around it, and with one space for any run of spaces and line breaks inside."""
    return stripped(value)


def upper(value: Any, _argument: Any) -> str:
    """In capital letters."""
    return text_of(value).upper()


def lower(value: Any, _argument: Any) -> str:
    """In small letters."""
    return text_of(value).lower()


def title(value: Any, _argument: Any) -> str:
    """Each word with a capital first letter and small ones after it: `ada's SHOP` becomes `Ada's Shop`."""
    return string.capwords(text_of(value))


def digits(value: Any, _argument: Any) -> str:
    """Only the digits 0 to 9: `RC-12 34` becomes `1234`."""
    return re.sub(r"[^0-9]", "", text_of(value))


def default(value: Any, argument: str) -> Any:
    """The argument where there is nothing, or an empty text; everything else as it is."""
    return argument if value is None or value == "" else value


def concat(value: Any, argument: str) -> str:
    """The parts of a list with the argument between them; what is nothing or blank is left out."""
    if not isinstance(value, list):
        return text_of(value)
    parts = [stripped(part) for part in items_of(value) if part is not None]
    return argument.join(part for part in parts if part)


def join(value: Any, argument: str) -> str:
    """As concat, of a list only: one value where a list was expected is refused."""
    return concat(list(items_of(value)), argument)


def split(value: Any, argument: dict[str, Any]) -> str:
    """One part of a text that is cut at every `by`; `take` counts from 0, from the end with -1."""
    parts = text_of(value).split(argument["by"])
    index: int = argument["take"]
    if not -len(parts) <= index < len(parts):
        raise NoValue(f"has no part {index}")
    return parts[index].strip()


def replace(value: Any, argument: dict[str, str]) -> str:
    """Every `from` as `to`, letter by letter: no patterns."""
    text, old, new = text_of(value), argument["from"], argument["to"]
    if len(new) > len(old) and text.count(old) * len(new) > 10 * len(text) + 1000:
        raise NoValue("too long")
    return text.replace(old, new)


def between(value: Any, argument: dict[str, str]) -> str:
    """What stands after the first `after` and before the next `before`; either may be left out.

    A text without them gives nothing.
    """
    text = text_of(value)
    for mark, side in ((argument.get("after"), 2), (argument.get("before"), 0)):
        if mark is not None:
            parts = text.partition(mark)
            if not parts[1]:
                raise NoValue(f"has no {mark!r}")
            text = parts[side]
    return text.strip()


def cut(value: Any, argument: dict[str, int]) -> str:
    """`length` characters from `start` (0 is the first): for codes with fixed places."""
    text = text_of(value)[argument["start"] :][: argument["length"]]
    if len(text) < argument["length"]:
        raise NoValue("too short")
    return text


def html_to_text(value: Any, _argument: Any) -> str:
    """Text without HTML tags and entities, on one line; a line break or the end of a paragraph is a space."""
    without = _TAG.sub("", _BREAK.sub(" ", text_of(value)))
    printable = "".join(char if char.isprintable() else " " for char in html.unescape(without))
    return " ".join(printable.split())


def first(value: Any, _argument: Any) -> Any:
    """The first of a list that is not empty; a single value is itself."""
    return next((one for one in _listed(value) if one not in (None, "", [], {})), None)


def last(value: Any, _argument: Any) -> Any:
    """The last of a list that is not empty; a single value is itself."""
    return next((one for one in reversed(_listed(value)) if one not in (None, "", [], {})), None)


def boolean(value: Any, _argument: Any) -> str:
    """`true` or `false`, from a truth value, 1 and 0, or true/false, yes/no, y/n, t/f, on/off in any case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.strip().casefold() in _TRUTH:
        return _TRUTH[value.strip().casefold()]
    if not isinstance(value, str) and number_of(value) in (0, 1):
        return "true" if value else "false"
    raise NoValue("neither true nor false")


_TRUTH = dict.fromkeys(("true", "yes", "y", "t", "on", "1"), "true") | dict.fromkeys(
    ("false", "no", "n", "f", "off", "0"), "false"
)


def _listed(value: Any) -> list[Any]:
    return list(items_of(value)) if isinstance(value, list) else [value]
