"""Wiring of run_sync_job: the one function whose role may decrypt platform tokens."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache, partial
from typing import TYPE_CHECKING

from taxpoynt.bootstrap.authorisers import authorisers
from taxpoynt.bootstrap.catalogue import catalogue_jobs, catalogue_store
from taxpoynt.bootstrap.locations import location_jobs, location_store
from taxpoynt.bootstrap.look_backs import look_back_jobs
from taxpoynt.bootstrap.pauses import pauses
from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.health import look
from taxpoynt.connector_kit.loader import load as connector
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.pacing import Pace
from taxpoynt.connector_kit.subscribing import webhook_setup
from taxpoynt.connector_kit.tokens import StoredTokens
from taxpoynt.connector_kit.watching import ban_of
from taxpoynt.domain.connection import Connection
from taxpoynt.nrs.resources import code_lists
from taxpoynt.ports import PlatformApi, PlatformAuthoriser, Priority, RateBudget, SecretStore, TokenStore
from taxpoynt.services.chosen import ChosenRules
from taxpoynt.services.code_tables import CodeTables
from taxpoynt.services.correct_sale import CorrectSale
from taxpoynt.services.current_lists import CurrentLists
from taxpoynt.services.known_records import CatalogueRecords
from taxpoynt.services.read_delivery import ReadDelivery
from taxpoynt.services.read_record import ReadRecord
from taxpoynt.services.run_sync_job import RunSyncJob
from taxpoynt.services.take_record import TakeRecord
from taxpoynt.services.tend_connection import TendConnection
from taxpoynt.services.watch_gaps import WatchGaps
from taxpoynt.settings import RunSyncJobSettings, load
from taxpoynt.storage.alerts import SnsAlerts
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.budgets import DynamoRateBudget
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.code_lists import DynamoListNotes
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.look_backs import DynamoLookBacks
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.rules import DynamoRuleStore
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.secret_store import SecretsManagerStore
from taxpoynt.storage.table import Table
from taxpoynt.storage.tokens import DynamoTokenStore
from taxpoynt.storage.watch import DynamoWatchStore
from taxpoynt.storage.workflows import StepFunctionsStarter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@cache
def run_sync_job() -> RunSyncJob:
    """The ready use case."""
    settings = load(RunSyncJobSettings, os.environ)
    clock, dynamodb = SystemClock(), client("dynamodb")
    noting = Noting(Table(dynamodb, settings.invoices_table), "system", clock.now)
    connections = DynamoConnectionStore(dynamodb, settings.connections_table, noting)
    tokens = DynamoTokenStore(dynamodb, settings.connections_table, client("kms"), settings.tokens_key_arn)
    sales = DynamoSaleStore(dynamodb, settings.invoices_table, clock)
    blobs = S3BlobStore(client("s3"), settings.raw_bucket)
    urls = {"pos": settings.pos_queue_url, "crm": settings.crm_queue_url, "bulk": settings.bulk_queue_url}
    queue = SqsJobQueue(client("sqs"), urls)
    kept = SecretsManagerStore(client("secretsmanager"))
    platforms = authorisers(
        secrets=kept,
        prefix=settings.platform_secret_prefix,
        endpoints=settings.platform_endpoints,
        clock=clock,
    )
    budget = rate_budget(settings, dynamodb, kept)
    access = Access(tokens, platforms, json.loads(settings.platform_endpoints), clock, budget)
    starter = StepFunctionsStarter(client("stepfunctions"), conversion=settings.invoice_conversion_arn)
    lists = CurrentLists(DynamoListNotes(dynamodb, settings.connections_table), blobs, clock, code_lists())
    correct = CorrectSale(sales, connections, blobs, starter, clock, lists)
    rules = ChosenRules(DynamoRuleStore(dynamodb, settings.connections_table), CodeTables(blobs))
    catalogue = catalogue_store(settings.catalogue_table, settings.retention, dynamodb)
    known = partial(CatalogueRecords, catalogue, clock)
    read = ReadRecord(sales, blobs, clock, access.api, rules, known)
    take = TakeRecord(sales, blobs, starter, clock, read, correct)
    alerts = SnsAlerts(client("sns"), settings.alerts_topic_arn)
    watches = DynamoWatchStore(dynamodb, settings.connections_table)
    watch = WatchGaps(
        watches,
        connections,
        queue,
        alerts,
        clock,
        lambda name: webhook_setup(template(name)),
        lambda name: ban_of(template(name)),
    )
    deliveries = ReadDelivery(
        connections,
        DynamoEventStore(dynamodb, settings.events_table, clock),
        sales,
        blobs,
        clock,
        connector,
        take,
        queue,
        watch,
    )
    tending = TendConnection(
        connections,
        tokens,
        queue,
        clock,
        connector,
        access.api,
        platforms,
        access.keep,
        settings.public_url,
        watch,
        settings.webhook_secret_prefix,
        pauses(clock),
        access.look,
    )
    jitter = secrets.SystemRandom().random
    shops = location_jobs(connections, location_store(settings.catalogue_table, dynamodb), access.bulk)
    noted = DynamoLookBacks(dynamodb, settings.connections_table)
    past = look_back_jobs(noted, connections, sales, blobs, queue, clock, access.bulk, known)
    more = {**catalogue_jobs(connections, catalogue, queue, access.bulk), **shops, **past}
    return RunSyncJob(deliveries, tending, connections, queue, alerts, clock, jitter, more)


def rate_budget(settings: RunSyncJobSettings, dynamodb: DynamoDBClient, kept: SecretStore) -> RateBudget:
    """Where the rate budgets stand: the table, or a server of its own for deployments that outgrow it."""
    if settings.rate_budget_url == "table":
        return DynamoRateBudget(dynamodb, settings.connections_table)
    from taxpoynt.storage.valkey_budgets import ValkeyRateBudget

    login = kept.get(settings.rate_budget_secret) if settings.rate_budget_secret else {}
    return ValkeyRateBudget(
        settings.rate_budget_url, username=login.get("username") or None, password=login.get("password") or None
    )


class Access:
    """Authorised clients of connections, with the fenced refresh and the shared rate budget inside."""

    def __init__(
        self,
        tokens: TokenStore,
        platforms: Callable[[str], PlatformAuthoriser],
        endpoints: dict[str, str],
        clock: SystemClock,
        budget: RateBudget,
    ) -> None:
        self._budget = budget
        self._tokens = tokens
        self._platforms = platforms
        self._endpoints = endpoints
        self._clock = clock

    def api(self, connection: Connection) -> PlatformApi:
        """The client for sales of now; tokens are loaded at its first call and live as long as it does."""
        return self._client(connection, "live")

    def bulk(self, connection: Connection) -> PlatformApi:
        """The client for what has time: catalogues, what-ifs, history. It leaves the live share of every budget."""
        return self._client(connection, "bulk")

    def _client(self, connection: Connection, priority: Priority) -> PlatformApi:
        return PlatformClient(
            template(connection.connector),
            connection.api_base,
            self._stored(connection),
            clock=self._clock,
            endpoint=self._endpoints.get(connection.connector),
            account_id=connection.account_id,
            pace=self._pace(connection, priority),
        )

    def keep(self, connection: Connection) -> None:
        """Refreshes what has expired, and what was not used for as long as the template allows."""
        spec = template(connection.connector).oauth.refresh
        self._stored(connection).keep(spec.keep_alive_days if spec else None)

    def look(self, connection: Connection) -> Mapping[str, str]:
        """How the connection is, in words."""
        return asdict(look(self.api(connection), template(connection.connector), connection.subscriptions))

    def _stored(self, connection: Connection) -> StoredTokens:
        pace = self._pace(connection, "live", only_tokens=True)
        return StoredTokens(
            self._tokens,
            self._platforms(connection.connector).refresh,
            merchant=connection.merchant,
            connection=connection.connection,
            connector=connection.connector,
            owner=secrets.token_hex(8),
            clock=self._clock,
            permit=lambda: pace.take(template(connection.connector).oauth.token.path),
        )

    def _pace(self, connection: Connection, priority: Priority, *, only_tokens: bool = False) -> Pace:
        return Pace(
            template(connection.connector),
            self._budget,
            merchant=connection.merchant,
            connection=connection.connection,
            facts=connection.account,
            clock=self._clock,
            priority=priority,
            only_tokens=only_tokens,
        )
