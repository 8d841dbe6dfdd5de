"""How long until a connection is polled again: its template's pace, over what was found of late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from taxpoynt.connector_kit.cadence import pause_after
from taxpoynt.connector_kit.loader import template
from taxpoynt.domain.connection import Connection
from taxpoynt.ports import Clock


def pauses(clock: Clock) -> Callable[[Connection], timedelta]:
    """By connection, at the moment it is asked."""

    def pause(connection: Connection) -> timedelta:
        found_at = connection.found_at or connection.created_at
        return pause_after(template(connection.connector).poll, found_at, clock.now(), connection.account)

    return pause
