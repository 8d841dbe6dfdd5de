"""What a command hands back to `main`, and how it reads files."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxpoynt.errors import BadInput


class Usage(Exception):
    """The command was called in a way that cannot work."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Exit code; data for JSON, ready JSON text, or the bytes of a document; words for people."""

    code: int
    output: Any
    words: tuple[str, ...] = ()


def read_bytes(name: str) -> bytes:
    """A file's bytes; `-` is standard input."""
    if name == "-":
        return sys.stdin.buffer.read()
    return Path(name).read_bytes()


def read_text(name: str) -> str:
    """A file's text; BadInput when it is not UTF-8."""
    try:
        return read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{name}: not UTF-8 text") from None


def read_json_file(name: str) -> Any:
    """A file's JSON with Decimal numbers; BadInput names the file, since a command may read several."""
    from taxpoynt.domain.source import read_json

    try:
        return read_json(read_bytes(name))
    except BadInput as problem:
        raise BadInput(f"{'standard input' if name == '-' else name}: {problem}") from None
