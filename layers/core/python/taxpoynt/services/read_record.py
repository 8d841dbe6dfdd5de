"""A source record as it is now: fetched, kept, decided by the trigger, read by the rules that count for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.inputs import Reading
from taxpoynt.domain.ledger import canonical
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.domain.status import AT_NRS
from taxpoynt.errors import Fault, FaultsFound, NotFound
from taxpoynt.ports import BlobStore, Clock, Connector, PlatformApi, SaleStore
from taxpoynt.ports.known import KnownRecords
from taxpoynt.services.chosen import Chosen, ChosenRules
from taxpoynt.services.sale_files import digest, inputs_of, put_source

DOCUMENTS = ("invoice", "credit_note")
GONE = "the platform no longer shows this record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at a record showed.

    record_key: where its answers are kept, None when the platform shows it no more; why_none: why it makes no document
    (None: it makes one). parts: records beside it in the same answer, and whether they are there. sale and faults: what
    it says, as far as it can be read; chosen: the rules that counted.
    """

    connection: Connection
    connector: Connector
    ref: RecordRef
    asked_at: datetime
    record_key: str | None = None
    why_none: str | None = None
    parts: tuple[tuple[RecordRef, bool], ...] = ()
    sale: Sale | None = None
    faults: tuple[Fault, ...] = ()
    reading: Reading | None = None
    chosen: Chosen = field(default_factory=Chosen)


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """`api` gives the authorised client of a connection."""

    sales: SaleStore
    blobs: BlobStore
    clock: Clock
    api: Callable[[Connection], PlatformApi]
    rules: ChosenRules
    known: Callable[[Connection], KnownRecords] | None = None
    """A connection's catalogue, for related records that the template may take from there."""

    def __call__(self, connection: Connection, connector: Connector, ref: RecordRef) -> Look:
        """Keeps the answers before anything is decided about them."""
        asked_at, chosen = self.clock.now(), self._chosen(connection, ref)
        look = Look(connection=connection, connector=connector, ref=ref, asked_at=asked_at, chosen=chosen)
        try:
            known = self.known(connection) if self.known else None
            bundle = connector.fetch(self.api(connection), ref, known)
        except NotFound:
            return replace(look, why_none=GONE, parts=connector.parts(ref, None))
        kept = put_source(self.blobs, connection.merchant, bundle)
        look = replace(look, record_key=kept, parts=connector.parts(ref, bundle))
        decision = connector.trigger(bundle, settings=chosen.settings)
        if decision.document not in DOCUMENTS:
            return replace(look, why_none=decision.why, reading=self.reading_of(look))
        sale, faults = _read(connector, connection, bundle, chosen)
        look = replace(look, sale=sale, faults=faults)
        return replace(look, reading=self.reading_of(look))

    def _chosen(self, connection: Connection, ref: RecordRef) -> Chosen:
        """The rules of today. A sale that NRS has is read by those of then: a new rule takes nothing back."""
        now = self.rules.of(connection)
        try:
            known = self.sales.get(connection.merchant, connection.connector, ref.id)
        except NotFound:
            return now
        reading = inputs_of(self.blobs, known).reading if known.state in AT_NRS else None
        return now if reading is None else _as_then(now, reading)

    def reading_of(self, look: Look) -> Reading:
        """By what a record is read: kept, because template, rules and account may change before anybody asks."""
        chosen, mapping = look.chosen, dict(look.chosen.mapping)
        return Reading(
            connector=look.connection.connector,
            template=look.connector.version,
            record_key=look.record_key or "",
            account=look.connection.account,
            mapping=mapping,
            mapping_version=digest(canonical(mapping)),
            operator_mapping=dict(chosen.operator_mapping),
            settings=dict(chosen.settings),
            decisions=chosen.decisions,
            codes={**self.rules.rows(chosen, look.sale), **chosen.known_codes},
            identity=chosen.identity,
            versions=chosen.versions,
        )


def _as_then(now: Chosen, reading: Reading) -> Chosen:
    """What the product table said then stays; of products that are new in the record it says what it says now."""
    return replace(
        now,
        mapping=reading.mapping,
        operator_mapping=reading.operator_mapping,
        settings=reading.settings,
        decisions=reading.decisions,
        versions=reading.versions,
        known_codes=reading.codes,
    )


def _read(
    connector: Connector, connection: Connection, bundle: SourceBundle, chosen: Chosen
) -> tuple[Sale | None, tuple[Fault, ...]]:
    try:
        reading = connector.read(
            bundle,
            account=connection.account,
            mapping=chosen.mapping,
            operator=chosen.operator_mapping,
            settings=chosen.settings,
        )
    except FaultsFound as error:
        return None, error.faults
    return reading.sale, reading.faults
