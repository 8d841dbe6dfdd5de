"""The zip file of an evidence pack: written one file at a time, and sealed with the digest of itself.

The digests inside cover what the files say; the comment of the zip is the SHA-256 of every byte before it, so headers
and the last bits of compressed streams count too: a changed byte is found wherever it is (verify.py, check_zip).
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass, field
from typing import IO

from taxpoynt.domain.ledger import sha256

ROOM = b"sha256 " + b"0" * 64
"""What the zip is closed with as its comment, so that its length is in what is hashed."""


@dataclass(slots=True)
class Pack:
    """The zip while it is written, and the digests of what is in it."""

    archive: zipfile.ZipFile
    digests: IO[bytes]
    names: set[bytes] = field(default_factory=set)
    """First eight bytes of each name's digest: which blobs stand in it already."""
    files: int = 0

    def add(self, name: str, data: bytes) -> None:
        """A file that is in memory."""
        self.archive.writestr(name, data)
        self._note(name, sha256(data))

    def add_open(self, name: str, source: IO[bytes]) -> None:
        """A file that is on disk."""
        whole = hashlib.sha256()
        source.seek(0)
        with self.archive.open(name, "w") as into:
            while piece := source.read(1 << 16):
                whole.update(piece)
                into.write(piece)
        self._note(name, whole.hexdigest())

    def has(self, name: str) -> bool:
        """Was a file of this name added?"""
        return _short(name) in self.names

    def _note(self, name: str, digest: str) -> None:
        self.digests.write(f"{digest}  {name}\n".encode())
        self.names.add(_short(name))
        self.files += 1


def _short(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:8]


def seal(out: IO[bytes]) -> None:
    """Writes the digest over the comment of the closed zip in `out`, which can be read, written and sought."""
    whole = hashlib.sha256()
    left = out.seek(-len(ROOM), 2)
    out.seek(0)
    while left:
        piece = out.read(min(left, 1 << 16))
        whole.update(piece)
        left -= len(piece)
    out.seek(-64, 2)
    out.write(whole.hexdigest().encode())
