"""The same answers as XML, which is what R-Series speaks unless it is asked for JSON."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tests.sandbox.kit import Json

_IRREGULAR = {"Category": "Categories", "TaxCategory": "TaxCategories"}


def plural(entity: str) -> str:
    """The root element of a list."""
    return _IRREGULAR.get(entity, entity + "s")


def to_xml(answer: Json, entity: str) -> str:
    """A list's root is the plural of `entity`, a single record is the root itself; anything else is a Response."""
    attributes = answer.get("@attributes", {})
    if "next" in attributes:
        inner = _element(entity, answer.get(entity, []))
        return _document(f"<{plural(entity)}{_attributes(attributes)}>{inner}</{plural(entity)}>")
    if entity in answer:
        return _document(_element(entity, answer[entity]))
    inner = "".join(_element(name, value) for name, value in answer.items() if name != "@attributes")
    return _document(f"<Response{_attributes(attributes)}>{inner}</Response>")


def _document(root: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def _attributes(values: Json) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        inner = "".join(_element(key, one) for key, one in value.items() if key != "@attributes")
        return f"<{name}{_attributes(value.get('@attributes', {}))}>{inner}</{name}>"
    return f"<{name}>{escape(value)}</{name}>"
