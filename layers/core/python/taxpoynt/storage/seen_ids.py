"""Which ids a walk has shown: sorted 64-bit digests, 8 bytes a row.

Two of a million ids share a digest once in 40 million walks; then a row that is gone stays until the next check.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable

SIZE = 8


class SeenIds:
    """ports.catalogue.SeenIds."""

    def __init__(self, digests: array[int]) -> None:
        self._sorted = digests

    @classmethod
    def of(cls, ids: Iterable[str]) -> SeenIds:
        """From ids."""
        return cls(array("Q", sorted({_digest(one) for one in ids})))

    @classmethod
    def joined(cls, parts: Iterable[bytes]) -> SeenIds:
        """From what `to_bytes` gave for each page."""
        every: array[int] = array("Q")
        for part in parts:
            every.extend(_read(part))
        every = array("Q", sorted(every))
        unique: array[int] = array("Q")
        for one in every:
            if not unique or unique[-1] != one:
                unique.append(one)
        return cls(unique)

    def to_bytes(self) -> bytes:
        """The same on every machine."""
        copy = array("Q", self._sorted)
        if sys.byteorder == "big":
            copy.byteswap()
        return copy.tobytes()

    def __contains__(self, row_id: object) -> bool:
        digest = _digest(str(row_id))
        at = bisect_left(self._sorted, digest)
        return at < len(self._sorted) and self._sorted[at] == digest

    def __len__(self) -> int:
        return len(self._sorted)


def _digest(row_id: str) -> int:
    return int.from_bytes(hashlib.sha256(row_id.encode()).digest()[:SIZE], "big")


def _read(part: bytes) -> array[int]:
    found: array[int] = array("Q")
    found.frombytes(part)
    if sys.byteorder == "big":
        found.byteswap()
    return found
