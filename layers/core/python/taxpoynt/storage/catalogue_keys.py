"""Keys of the catalogue table: the tenant first in each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taxpoynt.domain.catalogue import KINDS, Feed
from taxpoynt.domain.keys import key
from taxpoynt.ports.catalogue import Turn

LIST = "LIST"
"""The one item of a connection's shops."""


def partition(feed: Feed) -> str:
    """The rows of one kind of one connection: 1,000 writes a second, more than any platform's limit lets us read."""
    return key("M", feed.merchant, "C", feed.connection, feed.kind.upper())


def place_of(feed: Feed, row_id: str) -> dict[str, Any]:
    """The partition is ours to name, whatever a cursor says."""
    return {"pk": {"S": partition(feed)}, "sk": {"S": row_id}}


def sync_pk(merchant: str, connection: str) -> str:
    """Where the states of a connection are, and whose turn it is."""
    return key("M", merchant, "C", connection, "SYNC")


def seen_pk(feed: Feed) -> str:
    """What walks have shown."""
    return key("M", feed.merchant, "C", feed.connection, "SEEN", feed.kind)


def shown_sk(walk: str, number: int) -> str:
    """One page of a walk."""
    return key(walk, f"{number:07}")


def locations_pk(merchant: str, connection: str) -> str:
    """Where the list of a connection's shops is."""
    return key("M", merchant, "C", connection, "LOCATIONS")


def turn_key(turn: Turn) -> dict[str, str]:
    """The item that says who works on a connection."""
    return {"pk": sync_pk(turn.merchant, turn.connection), "sk": "TURN"}


def partitions(merchant: str, connection: str) -> Iterator[str]:
    """Everything of a connection, the states last."""
    feeds = [Feed(merchant=merchant, connection=connection, kind=kind) for kind in KINDS]
    yield from map(partition, feeds)
    yield from map(seen_pk, feeds)
    yield locations_pk(merchant, connection)
    yield sync_pk(merchant, connection)
