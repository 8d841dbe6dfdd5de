"""The code lists to convert with now, and those of an earlier version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from taxpoynt.conversion.list_copy import from_bytes, key_of, lists_of, version_of
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.errors import BadInput, NotFound, Retryable
from taxpoynt.ports import BlobStore, Clock
from taxpoynt.ports.lists import ListNotes

LOOK_AGAIN = timedelta(minutes=1)
"""How long a warm environment trusts what it has read: a refresh reaches every one within a minute."""


class ListSource(Protocol):
    """Where steps get the lists from."""

    def current(self) -> CodeLists:
        """What to convert with now."""
        ...

    def of(self, version: str | None) -> CodeLists:
        """Exactly this version; None: the packaged lists. NotFound when they are not kept."""
        ...


@dataclass(slots=True)
class CurrentLists:
    """Last good copy of NRS's lists; the packaged one when nothing was fetched yet or the kept one cannot be read."""

    notes: ListNotes
    blobs: BlobStore
    clock: Clock
    packaged: CodeLists
    _kept: CodeLists | None = field(default=None, init=False)
    _read: CodeLists | None = field(default=None, init=False)
    _looked: datetime | None = field(default=None, init=False)

    def current(self) -> CodeLists:
        """Never older than a minute when the note can be read. Retryable only when nothing is known at all."""
        now = self.clock.now()
        if self._kept is not None and self._looked is not None and now - self._looked < LOOK_AGAIN:
            return self._kept
        try:
            self._kept, self._looked = self._newest(), now
        except Retryable:
            if self._kept is None:
                raise
        return self._kept

    def of(self, version: str | None) -> CodeLists:
        """Exactly this version; None: the packaged lists. NotFound when they are not kept."""
        if version is None or version == self.packaged.version:
            return self.packaged
        if self._read is None or version != self._read.version:
            data = self.blobs.get(key_of(version))
            if version_of(data) != version:
                raise BadInput("a kept copy of the code lists is not what its name says")
            self._read = lists_of(from_bytes(data))
        return self._read

    def _newest(self) -> CodeLists:
        note = self.notes.current()
        try:
            return self.of(note.version if note else None)
        except (NotFound, BadInput):
            return self._kept or self.packaged


@dataclass(frozen=True, slots=True)
class FixedLists:
    """Always the same lists: the command line, which has no stage to ask."""

    lists: CodeLists

    def current(self) -> CodeLists:
        """These."""
        return self.lists

    def of(self, version: str | None) -> CodeLists:
        """These, or NotFound."""
        if version not in (None, self.lists.version):
            raise NotFound("these code lists are not kept here")
        return self.lists
