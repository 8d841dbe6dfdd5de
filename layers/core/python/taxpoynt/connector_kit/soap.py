"""A SOAP message as plain data, read with the standard library and everything dangerous switched off.

No document type, so no entities and no bombs; no encoding but UTF-8; bounded depth, elements and text. Elements are
told by namespace, never by prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from taxpoynt.errors import BadInput

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
MAX_DEPTH = 32
MAX_ELEMENTS = 50_000


def read_soap(body: bytes, *, root: str, namespaces: Sequence[str], lists: Sequence[str] = ()) -> dict[str, Any]:
    """What stands inside the one `root` element of the SOAP body; BadInput for anything else.

    An element is a text, or an object by local names where it has children; one that repeats, or is named in `lists`,
    is a list. `@type` is the local name of xsi:type; xsi:nil is None. Elements of namespaces that are not named are
    left out.
    """
    reader = _Reader(root, namespaces[0], frozenset(namespaces), frozenset(lists))
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body.decode("utf-8-sig"), True)  # noqa: FBT003 (expat takes no name: this is all of it)
    except (expat.ExpatError, ValueError):
        raise BadInput("not readable as XML") from None
    if reader.found is None:
        raise BadInput(f"a SOAP message without {root}")
    return reader.found


def _refuse(*_: Any) -> None:
    raise BadInput("XML with a document type or instructions")


@dataclass(slots=True)
class _Element:
    space: str
    name: str
    kept: bool
    type: str | None = None
    nil: bool = False
    texts: list[str] = field(default_factory=list)
    children: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class _Reader:
    root: str
    space: str
    spaces: frozenset[str]
    lists: frozenset[str]
    open: list[_Element] = field(default_factory=list)
    seen: int = 0
    found: dict[str, Any] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.seen += 1
        if self.seen > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
            raise BadInput("XML too large or nested too deep")
        space, _, local = name.rpartition(" ")
        element = _Element(space, local, space in self.spaces and self._inside())
        kind = attributes.get(f"{INSTANCE} type")
        element.type = kind.rpartition(":")[2] if kind else None
        element.nil = attributes.get(f"{INSTANCE} nil") in ("true", "1")
        self.open.append(element)

    def _inside(self) -> bool:
        """Below the root everything kept has a kept parent; the root itself stands in Envelope and Body."""
        path = [(one.space, one.name) for one in self.open]
        return any(one.kept for one in self.open[-1:]) or path == [(ENVELOPE, "Envelope"), (ENVELOPE, "Body")]

    def end(self, _: str) -> None:
        element = self.open.pop()
        if not element.kept:
            return
        if len(self.open) > 2:
            self.open[-1].children.setdefault(element.name, []).append(self._value(element))
        elif (element.space, element.name) == (self.space, self.root):
            if self.found is not None:
                raise BadInput(f"a SOAP message with {self.root} twice")
            self.found = self._object(element)

    def text(self, data: str) -> None:
        if self.open and self.open[-1].kept:
            self.open[-1].texts.append(data)

    def _value(self, element: _Element) -> Any:
        if element.nil:
            return None
        return self._object(element) if element.children or element.type else "".join(element.texts).strip()

    def _object(self, element: _Element) -> dict[str, Any]:
        whole: dict[str, Any] = {"@type": element.type} if element.type else {}
        for name, found in element.children.items():
            whole[name] = found if len(found) > 1 or name in self.lists else found[0]
        return whole
