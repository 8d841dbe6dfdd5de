"""Wiring of the lists of shops: where they are kept, the job that reads them, and who is shown them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from taxpoynt.connector_kit.deciding import chosen_settings, locations_setting
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.locations import read_locations
from taxpoynt.domain.connection import Connection
from taxpoynt.domain.locations import Location
from taxpoynt.ports import ConnectionStore, PlatformApi
from taxpoynt.ports.locations import LocationStore
from taxpoynt.services.chosen import ChosenRules
from taxpoynt.services.jobs import Job
from taxpoynt.services.list_locations import ListLocations, ReadLocations
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.locations import DynamoLocationStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def location_store(table: str, dynamodb: DynamoDBClient | None = None) -> DynamoLocationStore:
    """In the catalogue table."""
    return DynamoLocationStore(dynamodb or client("dynamodb"), table)


def lists_shops(connector: str) -> bool:
    """Does the template say how the platform's shops are listed?"""
    return template(connector).locations is not None


def location_jobs(
    connections: ConnectionStore, store: DynamoLocationStore, api: Callable[[Connection], PlatformApi]
) -> Mapping[str, Callable[[Job, Callable[[], float]], str]]:
    """`api` gives the client that asks with the low priority."""

    def read(connection: Connection) -> list[Location] | None:
        return read_locations(api(connection), template(connection.connector))

    return {"locations": ListLocations(connections, store, SystemClock(), read)}


def location_reader(connections: ConnectionStore, store: LocationStore, rules: ChosenRules) -> ReadLocations:
    """With what merchant and operator chose, over the template's default."""

    def chosen(connection: Connection) -> tuple[str | None, Sequence[str]] | None:
        made = template(connection.connector)
        if made.locations is None:
            return None
        name = locations_setting(made)
        counts = chosen_settings(made.settings, rules.of(connection).settings)
        return name, counts[name] if name is not None else ()

    return ReadLocations(connections, store, chosen)
