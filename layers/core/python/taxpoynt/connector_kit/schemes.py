"""Signature schemes as the ack path sees them: plain and light. Standard library only.

template_signatures.py says what each field means and checks what a template says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxpoynt.connector_kit.header_parts import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One call as it came. `url` is the address from our configuration with the query as it was called, never Host."""

    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Where the time of signing stands: one of header, part (of the signature header), body (top-level key)."""

    unit: str
    header: str | None = None
    part: str | None = None
    body: str | None = None
    tolerance_seconds: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a header with several parts is taken apart."""

    split: str
    joined: str
    signature: str
    require: Mapping[str, str] = field(default_factory=dict)
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """From the secret to the key's bytes."""

    prefix: str = ""
    encoding: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One scheme of a template."""

    name: str
    kind: str
    header: str = ""
    when: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    encoding: str = ""
    prefix: str = ""
    layout: Layout | None = None
    sign: Sequence[str] = ()
    timestamp: Stamp | None = None
    url: str = "as_called"
    key: Key = field(default_factory=Key)
    older: bool = False
    doubtful: bool = False


def scheme_of(data: Mapping[str, Any]) -> Scheme:
    """A scheme from the template's plain data; TypeError for a key or shape that the template's check would refuse."""
    blocks = {"layout": Layout, "timestamp": Stamp, "key": Key}
    return Scheme(**{name: blocks[name](**value) if name in blocks else value for name, value in data.items()})
