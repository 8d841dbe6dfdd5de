"""Wiring of run_sync_job: the one function whose role may decrypt platform tokens."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.authorisers import authorisers
from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.loader import load as connector
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.tokens import StoredTokens
from taxpoynt.domain.connection import Connection
from taxpoynt.ports import PlatformApi, PlatformAuthoriser, TokenStore
from taxpoynt.services.read_delivery import ReadDelivery
from taxpoynt.services.run_sync_job import RunSyncJob
from taxpoynt.services.take_record import TakeRecord
from taxpoynt.services.tend_connection import TendConnection
from taxpoynt.settings import RunSyncJobSettings, load
from taxpoynt.storage.alerts import SnsAlerts
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.secret_store import SecretsManagerStore
from taxpoynt.storage.tokens import DynamoTokenStore
from taxpoynt.storage.workflows import StepFunctionsStarter


@cache
def run_sync_job() -> RunSyncJob:
    """The ready use case."""
    settings = load(RunSyncJobSettings, os.environ)
    clock, dynamodb = SystemClock(), client("dynamodb")
    connections = DynamoConnectionStore(dynamodb, settings.connections_table)
    tokens = DynamoTokenStore(dynamodb, settings.connections_table, client("kms"), settings.tokens_key_arn)
    sales = DynamoSaleStore(dynamodb, settings.invoices_table, clock)
    blobs = S3BlobStore(client("s3"), settings.raw_bucket)
    urls = {"pos": settings.pos_queue_url, "crm": settings.crm_queue_url, "bulk": settings.bulk_queue_url}
    queue = SqsJobQueue(client("sqs"), urls)
    platforms = authorisers(
        secrets=SecretsManagerStore(client("secretsmanager")),
        prefix=settings.platform_secret_prefix,
        endpoints=settings.platform_endpoints,
        clock=clock,
    )
    access = Access(tokens, platforms, json.loads(settings.platform_endpoints), clock)
    starter = StepFunctionsStarter(client("stepfunctions"), conversion=settings.invoice_conversion_arn)
    take = TakeRecord(sales, blobs, starter, clock, access.api)
    deliveries = ReadDelivery(
        connections,
        DynamoEventStore(dynamodb, settings.events_table, clock),
        sales,
        blobs,
        clock,
        connector,
        take,
    )
    tending = TendConnection(
        connections, tokens, queue, clock, connector, access.api, platforms, access.keep, settings.public_url
    )
    alerts = SnsAlerts(client("sns"), settings.alerts_topic_arn)
    jitter = secrets.SystemRandom().random
    return RunSyncJob(deliveries, tending, connections, queue, alerts, clock, jitter)


class Access:
    """Authorised clients of connections, with the fenced refresh inside."""

    def __init__(
        self,
        tokens: TokenStore,
        platforms: Callable[[str], PlatformAuthoriser],
        endpoints: dict[str, str],
        clock: SystemClock,
    ) -> None:
        self._tokens = tokens
        self._platforms = platforms
        self._endpoints = endpoints
        self._clock = clock

    def api(self, connection: Connection) -> PlatformApi:
        """The client; tokens are loaded at its first call and live as long as it does."""
        return PlatformClient(
            template(connection.connector),
            connection.api_base,
            self._stored(connection),
            clock=self._clock,
            endpoint=self._endpoints.get(connection.connector),
        )

    def keep(self, connection: Connection) -> None:
        """Refreshes what has expired, which after a day of silence is every platform's access token."""
        self._stored(connection).current()

    def _stored(self, connection: Connection) -> StoredTokens:
        platform = self._platforms(connection.connector)
        return StoredTokens(
            self._tokens,
            platform.refresh,
            merchant=connection.merchant,
            connection=connection.connection,
            connector=connection.connector,
            owner=secrets.token_hex(8),
            clock=self._clock,
        )
