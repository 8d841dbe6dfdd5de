"""Wiring of the operator's commands: the stores of one stage, found by the outputs of its stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from taxpoynt.bootstrap.catalogue import catalogue_of, catalogue_store
from taxpoynt.bootstrap.explaining import masked_explanation
from taxpoynt.bootstrap.software import software
from taxpoynt.bootstrap.submissions import nrs_desks
from taxpoynt.connector_kit.loader import load
from taxpoynt.domain.ledger import entry_faults, from_bytes, sha256
from taxpoynt.errors import ConfigurationError, NotFound
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from taxpoynt.ports import QueueName
from taxpoynt.services.current_lists import CurrentLists
from taxpoynt.services.explain_invoice import ExplainInvoice
from taxpoynt.services.export_evidence import ExportEvidence
from taxpoynt.services.masked_explanation import MaskedExplanation
from taxpoynt.services.read_catalogue import ReadCatalogue
from taxpoynt.services.reconcile_claims import ReconcileClaims
from taxpoynt.services.seal_ledger import SealLedger, place
from taxpoynt.services.steps import Stores
from taxpoynt.settings import SubmitInvoiceSettings
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.code_lists import DynamoListNotes
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.dead_letters import DeadLetters
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.ledger import DynamoLedger
from taxpoynt.storage.queue import SqsJobQueue
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.watch import DynamoWatchStore

QUEUES: tuple[QueueName, ...] = ("pos", "crm", "bulk")


def stack_outputs(stage: str) -> Mapping[str, str]:
    """The outputs of TaxPoynt-<stage>; ConfigurationError in plain words when they cannot be had."""
    try:
        found = client("cloudformation").describe_stacks(StackName=f"TaxPoynt-{stage}")
    except (BotoCoreError, ClientError) as problem:
        raise ConfigurationError(_plainly(stage, problem)) from None
    return {one["OutputKey"]: one["OutputValue"] for one in found["Stacks"][0].get("Outputs", ())}


def _plainly(stage: str, problem: Exception) -> str:
    name = type(problem).__name__
    if name in ("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError", "SSOTokenLoadError"):
        return "no AWS credentials: sign in first (aws sso login), or set AWS_PROFILE"
    if name == "NoRegionError":
        return "no AWS region: set AWS_REGION to the region of the stage"
    if isinstance(problem, ClientError):
        code = problem.response.get("Error", {}).get("Code", "")
        if code == "ValidationError":
            return f"there is no stack TaxPoynt-{stage} in this account and region"
        if code in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"):
            return "the AWS credentials are not valid (any more): sign in again"
        return f"AWS refuses: {code}"
    return f"AWS cannot be reached: {name}"


@dataclass(frozen=True)
class Ops:
    """What the commands use; each part is made when it is asked for."""

    outputs: Mapping[str, str]

    @cached_property
    def clock(self) -> SystemClock:
        """The time."""
        return SystemClock()

    @cached_property
    def connections(self) -> DynamoConnectionStore:
        """Merchants and connections."""
        return DynamoConnectionStore(client("dynamodb"), self.outputs["ConnectionsTable"])

    @cached_property
    def watches(self) -> DynamoWatchStore:
        """What webhooks missed."""
        return DynamoWatchStore(client("dynamodb"), self.outputs["ConnectionsTable"])

    @cached_property
    def sales(self) -> DynamoSaleStore:
        """Sales."""
        return DynamoSaleStore(client("dynamodb"), self.outputs["InvoicesTable"], self.clock)

    @cached_property
    def catalogue(self) -> ReadCatalogue:
        """Items, stock, customers and companies of each connection."""
        return ReadCatalogue(self.connections, catalogue_store(self.outputs["CatalogueTable"]), catalogue_of)

    @cached_property
    def events(self) -> DynamoEventStore:
        """Events."""
        return DynamoEventStore(client("dynamodb"), self.outputs["EventsTable"], self.clock)

    @cached_property
    def blobs(self) -> S3BlobStore:
        """The raw bucket."""
        return S3BlobStore(client("s3"), self.outputs["RawBucket"])

    @cached_property
    def ledger(self) -> DynamoLedger:
        """Ledgers."""
        return DynamoLedger(client("dynamodb"), self.outputs["InvoicesTable"], self.clock)

    @property
    def seal(self) -> SealLedger:
        """What waits becomes blocks."""
        return SealLedger(self.ledger, self.blobs, self.clock)

    @property
    def export(self) -> ExportEvidence:
        """Evidence packs."""
        return ExportEvidence(self.sales, self.blobs, self.ledger, self.clock)

    @property
    def explain(self) -> MaskedExplanation:
        """From an IRN to its source."""
        notes = DynamoListNotes(client("dynamodb"), self.outputs["ConnectionsTable"])
        lists = CurrentLists(notes=notes, blobs=self.blobs, clock=self.clock, packaged=code_lists())
        return masked_explanation(ExplainInvoice(self.sales, self.blobs, load, lists, body, software()), self.blobs)

    @property
    def reconcile(self) -> ReconcileClaims:
        """Open claims against NRS."""
        kept = Stores(sales=self.sales, connections=self.connections, blobs=self.blobs, clock=self.clock)
        settings = SubmitInvoiceSettings(
            stage=self.outputs["Stage"],
            connections_table=self.outputs["ConnectionsTable"],
            invoices_table=self.outputs["InvoicesTable"],
            raw_bucket=self.outputs["RawBucket"],
            nrs_base_url=self.outputs["NrsBaseUrl"],
            nrs_secret=self.outputs["NrsSecret"],
        )
        return ReconcileClaims(self.connections, self.sales, self.ledger, self.blobs, nrs_desks(settings, kept)())

    @cached_property
    def queue(self) -> SqsJobQueue:
        """Jobs."""
        return SqsJobQueue(client("sqs"), {name: self.outputs[f"{name.capitalize()}QueueUrl"] for name in QUEUES})

    def dead_letters(self) -> dict[str, int]:
        """How many messages each dead-letter queue holds."""
        return {name: letters.count() for name, letters in self._letters().items()}

    def redrive(self, queue: str, *, most: int) -> int:
        """Sends dead messages to their queue again; how many. Safe to repeat: the events' own claims decide."""
        return self._letters()[queue].redrive(self.outputs[f"{queue.capitalize()}QueueUrl"], most=most)

    def _letters(self) -> dict[str, DeadLetters]:
        names = (*QUEUES, "schedules")
        return {name: DeadLetters(client("sqs"), self.outputs[f"{name.capitalize()}DeadLetterUrl"]) for name in names}

    def last_block_fault(self, merchant: str) -> str | None:
        """What is wrong with the end of a ledger, in words: one block is read, not all of them."""
        head = self.ledger.head(merchant)
        if head.number == 0:
            return None
        try:
            data = self.blobs.get(place(merchant, head.number))
        except NotFound:
            return f"block {head.number} is missing"
        if entry_faults(from_bytes(data).entries):
            return f"block {head.number} holds an entry that is not as it was written"
        return None if sha256(data) == head.hash else f"block {head.number} is not the one the head names"

    def merchants(self) -> Iterator[tuple[str, str | None]]:
        """Every merchant with its service id."""
        cursor = None
        while True:
            page, cursor = self.connections.list_merchants(limit=100, cursor=cursor)
            yield from ((one.merchant, one.profile.service_id) for one in page)
            if cursor is None:
                return

    def owner_of(self, irn: str) -> str:
        """The merchant an IRN was reserved for: first those whose service id it bears. NotFound when nobody's."""
        parts = irn.split("-")
        known = sorted(self.merchants(), key=lambda one: len(parts) < 2 or one[1] != parts[1])
        for merchant, _ in known:
            try:
                self.sales.find_by_irn(merchant, irn)
            except NotFound:
                continue
            return merchant
        raise NotFound(f"no merchant of this stage has the IRN {irn}")
