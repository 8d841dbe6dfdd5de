"""Finding a code by the words a shopkeeper would use: `hair` finds 9602, `rice` both the crop and the grain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from taxpoynt.conversion.lists import CodeList

MOST = 20
LONG = 5
"""Letters from which on a word may also stand inside another: `phones` in `telephones`, but not `rice` in `price`."""

_WORD = re.compile(r"[a-z0-9]+")


def search(rows: Mapping[str, str] | CodeList[str], wanted: str, *, most: int = MOST) -> list[tuple[str, str]]:
    """(code, words) of the best matches, best first: the code itself, then every word found, whole words first.

    Endings are forgiven (`consulting` finds `consultancy`); nothing wanted finds nothing.
    """
    table = rows.rows if isinstance(rows, CodeList) else rows
    number = re.sub(r"[^0-9]", "", wanted)
    words = _WORD.findall(wanted.casefold())
    if not words:
        return []
    ranked = []
    for code, text in table.items():
        if number and re.sub(r"[^0-9]", "", code).startswith(number) and not any(word.isalpha() for word in words):
            ranked.append((0, code, text))
        elif score := _score(words, _WORD.findall(text.casefold())):
            ranked.append((100 - score, code, text))
    return [(code, text) for _, code, text in sorted(ranked)[:most]]


def _score(words: list[str], known: Iterable[str]) -> int:
    """0 unless every word is found somehow; more for whole words and for words near the beginning."""
    there = list(known)
    total = 0
    for word in words:
        if word in there:
            total += 10 + (there.index(word) < 4)
            continue
        stem = word[: max(4, len(word) - 3)]
        if any(one.startswith(stem) for one in there):
            total += 5
        elif len(word) >= LONG and any(stem in one for one in there):
            total += 2
        else:
            return 0
    return total
