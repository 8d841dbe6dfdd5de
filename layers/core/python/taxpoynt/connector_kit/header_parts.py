"""Headers as they come, and the parts of one that carries a signature. Standard library only; nothing here raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taxpoynt.connector_kit.schemes import Layout, Scheme

Headers = Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str]]
Pairs = Sequence[tuple[str, str]]

MAX_HEADER = 8192
"""Characters of a security header; API Gateway allows about 10 KB for all headers together."""
MAX_SIGNATURES = 10
"""In one header that may hold several: more are nobody's rotation."""


def pairs_of(headers: Headers) -> list[tuple[str, str]]:
    """Lower-case names, one pair a value; what is neither text nor a list of texts is left out."""
    items = headers.items() if isinstance(headers, Mapping) else headers
    pairs: list[tuple[str, str]] = []
    for name, value in items:
        many = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else ()
        pairs += [(name.lower(), one) for one in many if isinstance(name, str) and isinstance(one, str)]
    return pairs


def values(pairs: Pairs, name: str) -> list[str]:
    """Every value of a header. HTTP API events join repeated headers by a comma, which none of those we read holds."""
    return [part.strip(" \t") for key, value in pairs if key == name for part in value.split(",")]


def the_one(pairs: Pairs, name: str) -> str | None:
    """The value of a header; None where it is absent, or there are two different ones."""
    found = set(values(pairs, name))
    return found.pop() if len(found) == 1 else None


def signatures(scheme: Scheme, pairs: Pairs) -> tuple[list[str], Pairs, str]:
    """The signatures in the scheme's header, all parts of that header, and in a word what is wrong with it."""
    if scheme.layout is not None:
        return _from_parts(scheme.layout, [value for name, value in pairs if name == scheme.header])
    texts = set(values(pairs, scheme.header))
    if len(texts) != 1:
        return [], [], "two_signatures" if texts else "no_signature"
    text = texts.pop()
    fits = len(scheme.prefix) < len(text) <= MAX_HEADER and text.startswith(scheme.prefix)
    return [text[len(scheme.prefix) :]], [], "" if fits else "malformed_signature"


def _from_parts(layout: Layout, texts: Sequence[str]) -> tuple[list[str], Pairs, str]:
    if len(set(texts)) != 1 or len(texts[0]) > MAX_HEADER:
        return [], [], "two_signatures" if len(set(texts)) > 1 else "malformed_signature"
    parts = [_part(piece, layout.joined) for piece in texts[0].split(layout.split)]
    for name, value in layout.require.items():
        if {found for key, found in parts if key == name} != {value}:
            return [], [], "wrong_algorithm"
    found = list(dict.fromkeys(value for name, value in parts if name == layout.signature and value))
    if not found or len(found) > MAX_SIGNATURES:
        return [], [], "malformed_signature"
    return found, parts, "" if len(found) == 1 or layout.several else "two_signatures"


def _part(piece: str, joined: str) -> tuple[str, str]:
    name, _, value = piece.strip(" \t").partition(joined)
    return name.strip(" \t"), value.strip(" \t")


def bytes_of(text: str) -> bytes:
    """UTF-8, also for the halves of characters that a command line or a broken sender may leave."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
