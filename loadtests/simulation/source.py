"""The merchants' platform: deals that are won, edited, lost and reopened, and what it tells of that, and how badly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from loadtests.simulation.hub import START, Hub
from taxpoynt.domain.connection import Connection, Event
from taxpoynt.domain.party import Address, Classification, Party
from taxpoynt.domain.sale import RecordRef, Sale, SaleLine, StatedTax
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.errors import Fault, NotFound
from taxpoynt.ports import ChangedRecords, PlatformAnswer, PlatformApi, TriggerDecision, WebhookSetup
from taxpoynt.ports.known import KnownRecords

CANARY = "canary-4f1d"
"""Stands in every buyer's name: it may be in documents and nowhere else."""


@dataclass
class Platform:
    """Records of every merchant; `versions` keeps each state a record ever had."""

    hub: Hub
    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    versions: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def write(self, merchant: str, record_id: str, **fields: Any) -> dict[str, Any]:
        """Makes or changes a record."""
        before = self.records.get((merchant, record_id), {"id": record_id, "kind": "deal", "update": 0})
        now = {**before, **fields, "update": before["update"] + 1, "at": self.hub.now}
        self.records[merchant, record_id] = now
        self.versions.setdefault((merchant, record_id), []).append(now)
        self.hub.say(f"SOURCE {merchant} {record_id}: {fields}")
        return now


@dataclass(frozen=True, slots=True)
class Api:
    """ports.PlatformApi of one connection: all that the simulated connector needs is whose it is."""

    merchant: str

    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """Not asked for."""
        return b"{}"

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        """Not asked for."""
        return PlatformAnswer(body=b"{}")

    def send(
        self, method: Literal["POST", "DELETE", "PUT", "PATCH"], path: str, body: Mapping[str, Any] | None = None
    ) -> bytes:
        """Not asked for."""
        return b"{}"


@dataclass(frozen=True, slots=True)
class Reading:
    """ports.SaleReading."""

    sale: Sale | None
    faults: tuple[Fault, ...]


class SimulatedConnector:
    """ports.Connector over the platform above."""

    name = "crm"
    kind: Literal["crm", "pos"] = "crm"
    version = "0" * 64

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    webhooks = WebhookSetup(by="api", own_address=True, secret="pair")  # noqa: S106 (whose secret it is, not a secret)

    def same_account(self, event_account: str, account_id: str) -> bool:
        """Never a question here."""
        return event_account == account_id

    def events(self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> list[Event]:
        """A list of events as data."""
        return [Event(**one) for one in json.loads(body)]

    def fetch(self, api: PlatformApi, ref: RecordRef, known: KnownRecords | None = None) -> SourceBundle:
        """The record as it is now."""
        merchant = api.merchant  # type: ignore[attr-defined]  # Api, above
        record = self._platform.records.get((merchant, ref.id))
        if record is None:
            raise NotFound("gone")
        whole = {name: value for name, value in record.items() if name not in ("update", "at")}
        body = json.dumps(whole, sort_keys=True).encode()
        return SourceBundle(self.name, ref.resource, ref.id, {"deal": (Answer(f"GET /{ref.id}", body),)})

    def trigger(self, bundle: SourceBundle, *, settings: Mapping[str, Any] | None = None) -> TriggerDecision:
        """Won deals are invoiced, refunds credited, everything else is none of ours."""
        record = _record(bundle)
        if record["kind"] == "refund":
            return TriggerDecision(document="credit_note", why="a refund")
        won = record["status"] == "won"
        return TriggerDecision(document="invoice" if won else "ignore", why=f"status is {record['status']}")

    def parts(self, ref: RecordRef, bundle: SourceBundle | None) -> tuple[tuple[RecordRef, bool], ...]:
        """No exchanges in a CRM."""
        return ()

    def sale(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> Sale:
        """Always readable here."""
        return sale_of(_record(bundle))

    def read(
        self,
        bundle: SourceBundle,
        *,
        account: Mapping[str, Any],
        mapping: Mapping[str, Any],
        operator: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Reading:
        """The same."""
        return Reading(sale_of(_record(bundle)), ())

    def changed(self, api: PlatformApi, cursor: str | None, now: datetime) -> ChangedRecords:
        """Polling is the cloud's job here."""
        return ChangedRecords(records=(), cursor=cursor, more=False)

    def subscribe(self, api: PlatformApi, *, url: str, user: str, password: str) -> tuple[str, ...]:
        """Not asked for."""
        return ()

    def unsubscribe(self, api: PlatformApi, subscriptions: Iterable[str]) -> None:
        """Not asked for."""


def _record(bundle: SourceBundle) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(bundle.answers["deal"][0].body)
    return whole


def api_of(connection: Connection) -> Api:
    """The client of a connection."""
    return Api(connection.merchant)


_SALES: dict[str, Sale] = {}


def sale_of(record: Mapping[str, Any]) -> Sale:
    """Memoised by content: a pure function of the record."""
    text = json.dumps({k: v for k, v in record.items() if k not in ("update", "at")}, sort_keys=True)
    found = _SALES.get(text)
    if found is None:
        found = _SALES[text] = _sale(record)
    return found


def _sale(record: Mapping[str, Any]) -> Sale:
    refund = record["kind"] == "refund"
    line = SaleLine(
        path="deal",
        description="Consulting day",
        quantity=Decimal(record.get("quantity", 1)),
        unit_price=Decimal(record["value"]),
        price_basis="exclusive",
        taxes=(StatedTax(rate_percent=Decimal(record["rate"]), category=record["category"]),),
        unit="EA",
        classification=Classification(isic_code="6202", service_category="Computer consultancy"),
    )
    return Sale(
        connector="crm",
        platform="PD",  # acts.py names numbers by it
        sale_id=str(record["id"]),
        document="credit_note" if refund else "invoice",
        refers_to=(record["original"],) if refund else (),
        currency="NGN",
        completed_at=START,
        buyer=_buyer(record),
        lines=(line,),
        depends_on=(
            *((RecordRef(resource="deal", id=record["original"]),) if refund else ()),
            RecordRef(resource="organization", id="77"),
        ),
    )


def _buyer(record: Mapping[str, Any]) -> Party:
    return Party(
        name=f"Buyer {CANARY}",
        tin=record["tin"],
        email="accounts@buyer.example",
        telephone="+2348012345678",
        kind="organisation",
        address=Address(
            street="1 Broad Street", city="Lagos", postal_code="101001", lga="NG-LA-IKE", state="NG-LA", country="NG"
        ),
    )


def payable(record: Mapping[str, Any]) -> Decimal:
    """What its invoice must come to, reckoned without the code under test: whole kobo, half up."""
    kobo = int(Decimal(record["value"]) * 100) * int(record.get("quantity", 1))
    tenths = int(Decimal(record["rate"]) * 10)
    return Decimal(kobo + (kobo * tenths + 500) // 1000) / 100
