"""Where looking back is noted, in memory."""

from __future__ import annotations

from dataclasses import replace

from taxpoynt.domain.look_back import LookBack
from taxpoynt.errors import StoreConflict


class FakeLookBackStore:
    """ports.look_back.LookBackStore.

    lost: so many coming writes are made, and their answers lost; taken: somebody else always writes first.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], LookBack] = {}
        self.lost = 0
        self.taken = False

    def get(self, merchant: str, connection: str) -> LookBack | None:
        return self.kept.get((merchant, connection))

    def save(self, look_back: LookBack) -> LookBack:
        known = self.get(look_back.merchant, look_back.connection)
        if self.taken or (known.version if known else 0) != look_back.version:
            raise StoreConflict("somebody else wrote first")
        stored = replace(look_back, version=look_back.version + 1)
        self.kept[look_back.merchant, look_back.connection] = stored
        if self.lost:
            self.lost -= 1
            raise StoreConflict("the same request again, after a lost answer")
        return stored
