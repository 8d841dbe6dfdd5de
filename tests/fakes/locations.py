"""A store of shop lists in memory."""

from __future__ import annotations

from taxpoynt.domain.locations import LocationList


class FakeLocationStore:
    """ports.LocationStore."""

    def __init__(self) -> None:
        self.lists: dict[tuple[str, str], LocationList] = {}

    def get(self, merchant: str, connection: str) -> LocationList | None:
        return self.lists.get((merchant, connection))

    def put(self, merchant: str, connection: str, found: LocationList) -> None:
        held = self.get(merchant, connection)
        if held is None or held.asked_at <= found.asked_at:
            self.lists[merchant, connection] = found
