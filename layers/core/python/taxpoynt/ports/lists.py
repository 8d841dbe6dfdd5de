"""Which copy of NRS's code lists is the current one. The copies themselves are blobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsNote:
    """version: of the current copy; packaged: of the copy our own code came with when it was made.

    fetched_at: when every list last came from NRS; tried_at: when we last asked; problems: lists that did not pass.
    """

    version: str
    packaged: str
    fetched_at: datetime | None
    tried_at: datetime
    problems: tuple[str, ...] = ()


class ListNotes(Protocol):
    """One note for the whole stage."""

    def current(self) -> ListsNote | None: ...
    def keep(self, note: ListsNote) -> None: ...
