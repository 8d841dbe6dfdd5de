"""The note of the current code lists, in memory."""

from __future__ import annotations

from taxpoynt.ports.lists import ListsNote


class FakeListNotes:
    """`broken` holds what reading raises instead."""

    def __init__(self) -> None:
        self.note: ListsNote | None = None
        self.broken: Exception | None = None

    def current(self) -> ListsNote | None:
        if self.broken:
            raise self.broken
        return self.note

    def keep(self, note: ListsNote) -> None:
        self.note = note
