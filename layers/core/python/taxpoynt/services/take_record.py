"""From a source record to a claimed sale whose conversion is under way: the one path of webhooks, polls and sweeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.domain.connection import Connection
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.errors import BadInput, Fault, FaultsFound, NotFound, StoreConflict
from taxpoynt.ports import BlobStore, Clock, Connector, PlatformApi, SaleRecord, SaleStore, WorkflowStarter
from taxpoynt.services.sale_files import put_sale, put_source
from taxpoynt.services.steps import HELD, STARTING, codes_of

HELD_SALE = "needs attention"
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")


@dataclass(frozen=True, slots=True)
class Taken:
    """How looking at a record ended, in the words of promise P2."""

    outcome: EventOutcome
    why: str
    sale_id: str | None = None


@dataclass(frozen=True, slots=True)
class TakeRecord:
    """`api` gives the authorised client of a connection."""

    sales: SaleStore
    blobs: BlobStore
    starter: WorkflowStarter
    clock: Clock
    api: Callable[[Connection], PlatformApi]

    def __call__(self, connection: Connection, connector: Connector, ref: RecordRef) -> Taken:
        """Fetches, keeps, decides, claims, starts. May be repeated at any point: the claim decides."""
        if not _PLAIN_ID.fullmatch(ref.id) or not _PLAIN_ID.fullmatch(ref.resource):
            raise BadInput("an id no platform of ours gives")  # it would become part of a path and of keys
        asked_at = self.clock.now()
        try:
            bundle = connector.fetch(self.api(connection), ref)
        except NotFound:
            return Taken(EventOutcome.SKIPPED, "the platform no longer shows this record")
        record_key = put_source(self.blobs, connection.merchant, bundle)
        decision = connector.trigger(bundle)
        if decision.document != "invoice":
            return Taken(EventOutcome.SKIPPED, decision.why)
        sale, faults = _read(connector, connection, bundle)
        wanted = _wanted(connection, ref, sale, record_key, asked_at)
        if faults or sale is None:
            return self._unreadable(wanted, faults, asked_at)
        return self._claim(wanted, sale, asked_at)

    def _claim(self, wanted: SaleRecord, sale: Sale, asked_at: datetime) -> Taken:
        sale_key = put_sale(self.blobs, wanted.merchant, sale)
        wanted = replace(wanted, sale_key=sale_key, next_action_at=self.clock.now() + STARTING)
        record, first = self.sales.claim(wanted, action="claimed")
        if not first:
            if _another_accounts(record, wanted):
                return _MIXED
            known = self._known(record, wanted, asked_at)
            if isinstance(known, Taken):
                return known
            record = known
        self.starter.start_conversion(record.merchant, record.connector, record.sale_id, record.attempt)
        return Taken(EventOutcome.INVOICED, "conversion started", record.sale_id)

    def _known(self, record: SaleRecord, wanted: SaleRecord, asked_at: datetime) -> SaleRecord | Taken:
        """Somebody claimed this sale before: go on with the newest content, or say why not."""
        same = record.sale_key == wanted.sale_key
        if record.state not in (SaleState.CLAIMED, SaleState.NEEDS_ATTENTION):
            if same:
                return Taken(EventOutcome.SKIPPED, "already invoiced", record.sale_id)
            return Taken(EventOutcome.PARKED, "changed after submission", record.sale_id)
        if record.state is SaleState.CLAIMED and same:
            if record.version > 1 and record.next_action_at and record.next_action_at > self.clock.now():
                return Taken(EventOutcome.INVOICED, "conversion under way", record.sale_id)
            return record
        if not same and record.updated_at and record.updated_at > asked_at:
            raise StoreConflict("the sale was written while we fetched it: fetch again, so that the newest wins")
        return self._resume(record, wanted)

    def _resume(self, record: SaleRecord, wanted: SaleRecord) -> SaleRecord:
        """The legal clock stays frozen, unless the record could not even be read when the sale was claimed."""
        resumed = replace(
            record,
            state=SaleState.CLAIMED,
            clock=record.clock if record.sale_key else wanted.clock,
            record_key=wanted.record_key,
            sale_key=wanted.sale_key,
            invoice_key=None,
            checked_key=None,
            depends_on=wanted.depends_on,
            attempt=record.attempt + 1,
            faults=(),
            next_action_at=wanted.next_action_at,
        )
        return self.sales.change(resumed, action="resumed")

    def _unreadable(self, wanted: SaleRecord, faults: tuple[Fault, ...], asked_at: datetime) -> Taken:
        """Not a sale yet: held, and looked at again when what it depends on changes."""
        now = self.clock.now()
        record, first = self.sales.claim(replace(wanted, next_action_at=now + STARTING), action="claimed")
        if not first and _another_accounts(record, wanted):
            return _MIXED
        if record.state not in (SaleState.CLAIMED, SaleState.NEEDS_ATTENTION):
            return Taken(EventOutcome.PARKED, "changed after submission", record.sale_id)
        if not first and record.updated_at and record.updated_at > asked_at:
            raise StoreConflict("the sale was written while we fetched it: fetch again, so that the newest wins")
        held = replace(
            record,
            state=SaleState.NEEDS_ATTENTION,
            record_key=wanted.record_key,
            depends_on=wanted.depends_on,
            faults=faults,
            next_action_at=now + HELD,
        )
        self.sales.change(held, action="held", detail={"codes": codes_of(faults)})
        return Taken(EventOutcome.PARKED, f"{HELD_SALE}: {codes_of(faults)}", record.sale_id)


def _another_accounts(record: SaleRecord, wanted: SaleRecord) -> bool:
    """Platforms count ids by account: the claim of another account's record must be left alone."""
    return bool(record.account_id) and record.account_id != wanted.account_id


_MIXED = Taken(EventOutcome.PARKED, "a record of another account of this merchant has the same id")


def _read(connector: Connector, connection: Connection, bundle: SourceBundle) -> tuple[Sale | None, tuple[Fault, ...]]:
    try:
        reading = connector.read(bundle, account=connection.account, mapping=connection.mapping)
    except FaultsFound as error:
        return None, error.faults
    return reading.sale, reading.faults


def _wanted(connection: Connection, ref: RecordRef, sale: Sale | None, record_key: str, now: datetime) -> SaleRecord:
    """The claim of a sale. One that cannot be read at all goes under its record's id and today's legal clock."""
    return SaleRecord(
        merchant=connection.merchant,
        connector=connection.connector,
        sale_id=sale.sale_id if sale else ref.id,
        connection=connection.connection,
        account_id=connection.account_id,
        state=SaleState.CLAIMED,
        clock=legal_clock(sale.completed_at if sale else now, now=now),
        record_key=record_key,
        sale_key="",
        depends_on=tuple(dict.fromkeys((ref, *(sale.depends_on if sale else ())))),
    )
