"""Wiring of the catalogue: its store, and the jobs that keep it in step."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from taxpoynt import retention
from taxpoynt.connector_kit.catalogue import TemplateCatalogue
from taxpoynt.connector_kit.loader import template
from taxpoynt.domain.connection import Connection
from taxpoynt.ports import ConnectionStore, JobQueue, PlatformApi
from taxpoynt.services.jobs import Job
from taxpoynt.services.sync_catalogue import ForgetCatalogue, SyncCatalogue
from taxpoynt.storage.catalogue import DynamoCatalogueStore, life_of
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def catalogue_store(table: str, periods: str = "{}", dynamodb: DynamoDBClient | None = None) -> DynamoCatalogueStore:
    """`periods`: the stage's own clocks as JSON (taxpoynt.retention)."""
    days = life_of(retention.rules(json.loads(periods)))
    return DynamoCatalogueStore(dynamodb or client("dynamodb"), table, SystemClock(), days)


def catalogue_of(connector: str) -> TemplateCatalogue:
    """What a connector's template says of its platform's catalogue."""
    return TemplateCatalogue(template(connector))


def sync_minutes(connector: str) -> int | None:
    """Between two looks: those of the kind that wants them most often. None for a platform that has no catalogue."""
    return min((sync.every_minutes for sync in template(connector).syncs.by_kind().values()), default=None)


def catalogue_jobs(
    connections: ConnectionStore,
    store: DynamoCatalogueStore,
    queue: JobQueue,
    api: Callable[[Connection], PlatformApi],
) -> Mapping[str, Callable[[Job, Callable[[], float]], str]]:
    """`api` gives the client that asks with the low priority."""
    return {
        "sync": SyncCatalogue(connections, store, queue, SystemClock(), catalogue_of, api),
        "forget_catalogue": ForgetCatalogue(connections, store, queue),
    }
