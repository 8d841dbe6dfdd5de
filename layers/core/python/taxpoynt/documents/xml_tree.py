"""A small writer of XML: parts in the order given, nothing empty, equal input gives equal bytes.

The standard library writes; nothing here reads XML, so nothing here can be attacked with it.
"""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree.ElementTree import Element, ElementTree, indent, register_namespace

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, whatever the escaping (Char production)."""

Part = Element | None


def value(component: str, text: str | None, /, **attributes: str | None) -> Part:
    """A basic component; None, which is left out, for a text that says nothing."""
    shown = _possible(text)
    if not shown:
        return None
    kept = {key: said for key, one in attributes.items() if (said := _possible(one))}
    part = Element(f"{{{CBC}}}{component}", kept)
    part.text = shown
    return part


def group(name: str, *parts: Part) -> Part:
    """An aggregate of the parts that are there; None when there are none."""
    kept = [part for part in parts if part is not None]
    return _filled(Element(f"{{{CAC}}}{name}"), kept) if kept else None


def document(name: str, *parts: Part) -> bytes:
    """A whole UBL document `name` (`Invoice`, `CreditNote`), UTF-8."""
    space = f"urn:oasis:names:specification:ubl:schema:xsd:{name}-2"
    for prefix, uri in (("", space), ("cac", CAC), ("cbc", CBC)):
        register_namespace(prefix, uri)
    root = _filled(Element(f"{{{space}}}{name}"), [part for part in parts if part is not None])
    indent(root)
    out = BytesIO()
    ElementTree(root).write(out, encoding="UTF-8", xml_declaration=True)
    return out.getvalue() + b"\n"


def _possible(text: str | None) -> str:
    return _NOT_XML.sub(" ", text).strip() if text else ""


def _filled(whole: Element, parts: list[Element]) -> Element:
    whole.extend(parts)
    return whole
