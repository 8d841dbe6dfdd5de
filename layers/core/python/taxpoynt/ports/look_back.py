"""Looking back: what is read of a platform's past, and where it is noted how far that has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from taxpoynt.domain.look_back import LookBack
from taxpoynt.domain.sale import RecordRef
from taxpoynt.ports.platform import PlatformApi


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPage:
    """What one request of a walk back showed.

    records: the latest first; none while a stretch is not read to its end. place: where to go on, None at the end.
    reached: everything the platform changed since then was listed (None: it does not list by time).
    ended: `beginning` (no older ones are looked for), or `long enough` (too many requests).
    """

    records: Sequence[RecordRef] = ()
    place: str | None
    reached: datetime | None = None
    ended: Literal["beginning", "long enough"] | None = None


class PastRecords(Protocol):
    """What a connector's template says of going back; pure, but for what talks through `PlatformApi`."""

    def begin(self, cursor: str | None, now: datetime) -> str:
        """The first place; `cursor` is the connection's. Rejected, with why, where the platform cannot list its past.

        Busy while the first polling of the connection must come to its end before.
        """
        ...

    def page(self, api: PlatformApi, place: str) -> PastPage:
        """One request. BadInput for a place that is none; PlatformRefused where the list cannot be read."""
        ...


class LookBackStore(Protocol):
    """One look back a connection, the last one. It goes by itself once its records are gone."""

    def get(self, merchant: str, connection: str) -> LookBack | None: ...
    def save(self, look_back: LookBack) -> LookBack:
        """Writes over the version it was read at and returns it with the next one; StoreConflict otherwise."""
        ...
