"""Wiring of looking back: the desk that asks for it, and the job that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from taxpoynt.connector_kit import loader
from taxpoynt.connector_kit.looking_back import TemplatePast, cannot
from taxpoynt.domain.connection import Connection
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import AT_NRS
from taxpoynt.errors import NotFound
from taxpoynt.ports import BlobStore, Clock, ConnectionStore, JobQueue, PlatformApi, SaleStore
from taxpoynt.ports.known import KnownRecords
from taxpoynt.ports.look_back import LookBackStore
from taxpoynt.services.jobs import Job
from taxpoynt.services.look_back import LookBacks
from taxpoynt.services.run_look_back import RunLookBack
from taxpoynt.storage.look_backs import DynamoLookBacks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def look_backs(
    dynamodb: DynamoDBClient, table: str, connections: ConnectionStore, queue: JobQueue, clock: Clock
) -> LookBacks:
    """For the pages and the API."""
    return LookBacks(connections, DynamoLookBacks(dynamodb, table), queue, clock, why_not)


def why_not(connector: str) -> str:
    """Why a connector's platform does not list its past; empty where it does."""
    return cannot(loader.template(connector))


def look_back_jobs(
    store: LookBackStore,
    connections: ConnectionStore,
    sales: SaleStore,
    blobs: BlobStore,
    queue: JobQueue,
    clock: Clock,
    api: Callable[[Connection], PlatformApi],
    known: Callable[[Connection], KnownRecords],
) -> Mapping[str, Callable[[Job, Callable[[], float]], str]]:
    """`api` gives the client that asks with the low priority. Of `sales` the job gets one question and no more."""

    def is_kept(connection: Connection, ref: RecordRef) -> bool:
        with suppress(NotFound):
            return sales.get(connection.merchant, connection.connector, ref.id).state in AT_NRS
        return False

    def past(connector: str) -> TemplatePast:
        return TemplatePast(loader.template(connector))

    run = RunLookBack(connections, store, blobs, queue, clock, loader.load, past, api, is_kept, known)
    return {"look_back": run}
