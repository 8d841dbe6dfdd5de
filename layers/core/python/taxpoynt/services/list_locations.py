"""Keeps the list of a connection's shops, and tells it to people and programs together with what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.locations import Location, LocationList, merged, untold
from taxpoynt.errors import NeedsReauthorisation, NotFound, Rejected
from taxpoynt.ports import Clock, ConnectionStore
from taxpoynt.ports.locations import LocationStore
from taxpoynt.services.jobs import Job


@dataclass(frozen=True, slots=True)
class ListLocations:
    """The job `locations`. `read` asks the platform with the low priority; None where it has no shops to tell of."""

    connections: ConnectionStore
    store: LocationStore
    clock: Clock
    read: Callable[[Connection], Sequence[Location] | None]

    def __call__(self, job: Job, _remaining: Callable[[], float]) -> str:
        """What became of it, in a word. Whatever may be better later is raised, and the job comes back."""
        connection = self._active(job)
        if connection is None:
            return "not active"
        now, ids = self.clock.now(), (connection.merchant, connection.connection)
        try:
            told = self.read(connection)
        except NeedsReauthorisation:
            raise
        except Rejected as problem:  # a right that is lacking: the list stays, and says that it is old
            self.store.put(*ids, untold(self.store.get(*ids), type(problem).__name__, now))
            return f"refused: {type(problem).__name__}"
        if told is None:
            return "no shops to list"
        if not told:  # an account has a shop; nothing at all would make every chosen one look closed
            self.store.put(*ids, untold(self.store.get(*ids), "NoneShown", now))
            return "none shown"
        found = merged(self.store.get(*ids), told, now)
        self.store.put(*ids, found)
        return f"listed {len(found.present)} shops"  # the first word counts in the metrics

    def _active(self, job: Job) -> Connection | None:
        try:
            found = self.connections.get_connection(job.merchant, job.connection)
        except NotFound:
            return None
        return found if found.status is ConnectionStatus.ACTIVE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shops:
    """setting: the one that names the shops that invoice (None: there is none); chosen: what it says; empty: all."""

    listed: LocationList | None
    setting: str | None
    chosen: tuple[str, ...]

    def issues(self, location: Location) -> bool:
        """Do sales of this shop become invoices, as far as the choice goes?"""
        return not self.chosen or location.id in self.chosen


@dataclass(frozen=True, slots=True)
class ReadLocations:
    """Every call takes the merchant first; ids of others are NotFound.

    chosen: setting and shops, as they count for a connection now; None for a platform without shops.
    """

    connections: ConnectionStore
    store: LocationStore
    chosen: Callable[[Connection], tuple[str | None, Sequence[str]] | None]

    def __call__(self, merchant: str, connection: str) -> Shops:
        """NotFound for a platform that has no shops to choose from."""
        found = self.connections.get_connection(merchant, connection)
        chosen = self.chosen(found)
        if chosen is None:
            raise NotFound(f"{found.connector} has no shops to choose from")
        setting, wanted = chosen
        return Shops(listed=self.store.get(merchant, connection), setting=setting, chosen=tuple(wanted))
