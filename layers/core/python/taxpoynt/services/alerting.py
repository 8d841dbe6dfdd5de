"""An alert a topic and hour, however many sales run into the same trouble."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from taxpoynt.errors import StoreConflict
from taxpoynt.ports import Alerts, Clock, ConnectionStore

QUIET = timedelta(hours=1)


class HasConnections(Protocol):
    """Where it is remembered that somebody was told."""

    @property
    def connections(self) -> ConnectionStore:
        """Where alerts are noted."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...


def alert_once(stores: HasConnections, alerts: Alerts, topic: str, subject: str, text: str) -> bool:
    """Sends unless the same topic was sent within the hour; True if it was sent now.

    Sent first and noted afterwards: a crash in between repeats an alert, which is better than losing it.
    """
    now = stores.clock.now()
    if stores.connections.peek("alert", topic, now) is not None:
        return False
    alerts.send(subject, text)
    stores.connections.forget("alert", topic)
    with suppress(StoreConflict):  # somebody else noted it in the same moment
        stores.connections.put_once("alert", topic, {"sent": now.isoformat()}, now + QUIET)
    return True
