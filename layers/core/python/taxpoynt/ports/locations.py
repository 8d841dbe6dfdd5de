"""Where the list of a connection's shops is kept."""

from __future__ import annotations

from typing import Protocol

from taxpoynt.domain.locations import LocationList


class LocationStore(Protocol):
    """One list a connection; it goes when the rest of the connection's catalogue is forgotten."""

    def get(self, merchant: str, connection: str) -> LocationList | None:
        """As it was stored last; None before the first time."""
        ...

    def put(self, merchant: str, connection: str, found: LocationList) -> None:
        """In place of what was there, unless that was asked for later."""
        ...
