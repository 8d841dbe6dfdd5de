"""Bucket, queues, workflows, secrets, alerts, NRS and a platform, in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from taxpoynt.domain.connection import Event
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.party import Address, Classification, Party
from taxpoynt.domain.sale import Payment, RecordRef, Sale, SaleLine, StatedTax
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.errors import BadInput, Fault, FaultsFound, NotFound, NrsRefused, OutcomeUnknown, TaxPoyntError
from taxpoynt.ports import (
    ChangedRecords,
    NrsAnswer,
    NrsInvoiceStatus,
    PlatformAnswer,
    PlatformApi,
    QueueName,
    Stamp,
    TriggerDecision,
    WebhookSetup,
)
from taxpoynt.ports.known import KnownRecords


class FakeBlobs:
    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.classes: dict[str, str] = {}
        self._new: dict[str, tuple[bytes, object]] = {}

    def put(self, key: str, data: bytes, *, content_type: str) -> str:
        self.blobs.setdefault(key, data)
        return key

    def newest(self, prefix: str, *, limit: int) -> list[str]:
        return [key for key in reversed(list(self.blobs)) if key.startswith(prefix)][:limit]

    def mark(self, keys: Sequence[str], data_class: str) -> int:
        there = [key for key in dict.fromkeys(keys) if key in self.blobs]
        self.classes |= dict.fromkeys(there, data_class)
        return len(there)

    def put_new(self, key: str, data: bytes, *, content_type: str) -> bool:
        kept = (data, object())
        return self._new.setdefault(key, kept) is kept and self.blobs.setdefault(key, data) is data

    def get(self, key: str) -> bytes:
        if key not in self.blobs:
            raise NotFound("no such blob")
        return self.blobs[key]


class FakeQueue:
    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any], int]] = []
        self.broken: TaxPoyntError | None = None

    def send(self, queue: QueueName, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        if self.broken:
            raise self.broken
        self.sent.append((queue, json.loads(json.dumps(job)), delay_seconds))

    def send_many(self, queue: QueueName, jobs: Sequence[Mapping[str, Any]]) -> None:
        for job in jobs:
            self.send(queue, job)

    def take(self) -> list[dict[str, Any]]:
        jobs, self.sent = [job for _, job, _ in self.sent], []
        return jobs


class FakeStarter:
    def __init__(self) -> None:
        self.started: list[tuple[str, str, str, str, int]] = []
        self.deliveries: list[tuple[str, str, str, str]] = []

    def start_conversion(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None:
        self.started.append(("conversion", merchant, connector, sale_id, attempt))

    def start_recovery(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None:
        self.started.append(("recovery", merchant, connector, sale_id, attempt))

    def start_delivery(self, merchant: str, connector: str, sale_id: str, run: str) -> None:
        if (merchant, connector, sale_id, run) not in self.deliveries:  # a name is taken once
            self.deliveries.append((merchant, connector, sale_id, run))
            self.started.append(("delivery", merchant, connector, sale_id, 0))

    def take(self) -> list[tuple[str, str, str, str, int]]:
        started, self.started = self.started, []
        return started


class FakeAlerts:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, subject: str, text: str) -> None:
        self.sent.append((subject, text))


class FakeNrs:
    """Registers each IRN once, like NRS; `next` holds what the coming signs do instead of answering.

    `faults` holds the same for the other calls by name; `reachable`: TINs with an access point (nobody by default);
    `exchange`: the word NRS has for an invoice's exchange; `payments`, `updates`: what NRS was told of payments.
    """

    def __init__(self) -> None:
        self.signed: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self.next: list[BaseException | Literal["commit_then_unknown"] | None] = []
        self.gives_download = True
        self.reachable: set[str] = set()
        self.exchange: dict[str, str] = {}
        self.payments: dict[str, str] = {}
        self.updates: list[tuple[str, str, Decimal | None]] = []
        self.faults: dict[str, list[BaseException | Literal["commit_then_unknown"] | None]] = {}

    def validate(self, body: bytes) -> NrsAnswer:
        self.calls.append(("validate", json.loads(body)["irn"]))
        return NrsAnswer(status=200, request_id=None, body=b'{"data":{"ok":true}}')

    def sign(self, body: bytes) -> NrsAnswer:
        irn = json.loads(body)["irn"]
        self.calls.append(("sign", irn))
        fault = self.next.pop(0) if self.next else None
        if isinstance(fault, BaseException):
            raise fault
        if irn in self.signed:
            raise OutcomeUnknown("unable to complete this operation at this time")
        self.signed[irn] = body
        if fault == "commit_then_unknown":
            raise OutcomeUnknown("reset after commit")
        return NrsAnswer(status=201, request_id="r-1", body=b'{"code":201,"data":{"ok":true}}')

    def look_up(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        self.calls.append(("look_up", irn))
        if irn not in self.signed:
            return NrsInvoiceStatus(found=False)
        whole = json.loads(self.signed[irn])
        return NrsInvoiceStatus(
            found=True,
            issue_date=whole["issue_date"] + "T00:00:00Z",
            invoice_type_code=whole["invoice_type_code"],
            currency=whole["document_currency_code"],
        )

    def download(self, irn: str) -> bytes | None:
        return self.signed[irn] if self.gives_download else None

    # --- the exchange with the buyer, and payments ---------------------------------------------------------------

    def follow(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        self._maybe_fail("follow", irn)
        status = self.look_up(irn, business_id)
        word = self.exchange.get(irn, "SIGNED")
        payment = self.payments.get(irn, json.loads(self.signed.get(irn, b"{}")).get("payment_status"))
        return replace(
            status,
            transmitted=word in ("TRANSMITTED", "ACKNOWLEDGED"),
            delivered=word == "ACKNOWLEDGED",
            entry_status=word,
            payment_status=payment,
        )

    def exchange_by_irn(self, irn: str) -> bool:
        self._maybe_fail("exchange_by_irn", irn)
        buyer = json.loads(self.signed.get(irn, b"{}")).get("accounting_customer_party") or {}
        return buyer.get("tin") in self.reachable

    def exchange_by_tin(self, tin: str) -> bool:
        self._maybe_fail("exchange_by_tin", tin)
        return tin in self.reachable

    def transmit(self, irn: str) -> None:
        assert irn in self.signed, "nothing may go to a buyer before NRS accepted it"
        fault = self._maybe_fail("transmit", irn)
        self.exchange[irn] = "TRANSMITTING"
        if fault == "commit_then_unknown":
            raise OutcomeUnknown("reset after commit")

    def update_payment(
        self, irn: str, status: str, *, reference: str | None = None, amount: Decimal | None = None
    ) -> None:
        assert irn in self.signed
        fault = self._maybe_fail("update_payment", irn)
        now = self.payments.get(irn, json.loads(self.signed[irn])["payment_status"])
        if now in ("PAID", "REJECTED"):
            closed = Fault("NRS-121", "payment_status", "NRS has closed this invoice.", "Nothing.")
            raise NrsRefused("closed", [closed])
        self.payments[irn] = status
        self.updates.append((irn, status, amount))
        if fault == "commit_then_unknown":
            raise OutcomeUnknown("reset after commit")

    def _maybe_fail(self, call: str, about: str) -> str | None:
        self.calls.append((call, about))
        fault = self.faults[call].pop(0) if self.faults.get(call) else None
        if isinstance(fault, BaseException):
            raise fault
        return fault


class FakeStamps:
    def stamp(self, crypto_keys: str, irn: str, at: datetime) -> Stamp:
        if crypto_keys == "broken":
            raise BadInput("crypto_keys.txt has no certificate")
        self.made = getattr(self, "made", 0) + 1
        return Stamp(text=f"stamp{self.made}", made_at=at)


class FakePrinter:
    def pdf(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        return f"%PDF {invoice.irn} {stamp.text if stamp else ''}".encode()

    def receipt(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        return f"%PDF receipt {invoice.irn} {stamp.text if stamp else ''}".encode()

    def ubl(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        return f"<Invoice>{invoice.irn} {stamp.text if stamp else ''}</Invoice>".encode()

    def qr_png(self, stamp: Stamp) -> bytes:
        return f"PNG {stamp.text}".encode()


class FakeApi:
    def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        return b"{}"

    def read(
        self, path: str, params: Mapping[str, str] | None = None, *, body: Mapping[str, Any] | None = None
    ) -> PlatformAnswer:
        return PlatformAnswer(body=b"{}")

    def send(
        self, method: Literal["POST", "DELETE", "PUT", "PATCH"], path: str, body: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"{}"


@dataclass(frozen=True)
class FakeReading:
    sale: Sale | None
    faults: tuple[Fault, ...]
    explained: tuple[Any, ...] = ()


_CONSULTING = Classification(isic_code="6202", service_category="Computer consultancy")


class FakePlatform:
    """A connector and its platform at once: `deals` are what the API shows."""

    name = "pipedrive"
    kind: Literal["crm", "pos"] = "crm"
    version = "0" * 64

    def __init__(self) -> None:
        self.deals: dict[str, dict[str, Any]] = {}
        self.subscribed: dict[str, tuple[str, str, str]] = {}
        self.off: set[str] = set()
        self.made = 0
        self.broken: TaxPoyntError | None = None
        self.page = ChangedRecords(records=(), cursor="c1", more=False)
        self.fetched: list[str] = []

    def won(self, deal: str, **fields: Any) -> None:
        whole = {"id": deal, "status": "won", "value": "1000.00", "tin": "34567890-0001", "update": 1}
        self.deals[deal] = {**whole, **fields}

    webhooks = WebhookSetup(by="api", own_address=True, secret="pair")

    def same_account(self, event_account: str, account_id: str) -> bool:
        return event_account == account_id

    def events(self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> list[Event]:
        try:
            return [Event(**one) for one in json.loads(body)]
        except (ValueError, TypeError):
            raise BadInput("not a delivery") from None

    def fetch(self, api: PlatformApi, ref: RecordRef, known: KnownRecords | None = None) -> SourceBundle:
        self.fetched.append(ref.id)
        if self.broken:
            raise self.broken
        if ref.id not in self.deals:
            raise NotFound("gone")
        body = json.dumps(self.deals[ref.id]).encode()
        return SourceBundle(self.name, "deal", ref.id, {"deal": (Answer(f"GET /deals/{ref.id}", body),)})

    def parts(self, ref: RecordRef, bundle: SourceBundle | None) -> tuple[tuple[RecordRef, bool], ...]:
        return ()

    def trigger(self, bundle: SourceBundle, *, settings: Mapping[str, Any] | None = None) -> TriggerDecision:
        deal = self._deal(bundle)
        if (only := (settings or {}).get("stages")) and deal.get("stage") not in only:
            return TriggerDecision(document="ignore", why=f"stage {deal.get('stage')} makes no invoice")
        if deal["status"] != "won":
            return TriggerDecision(document="ignore", why=f"status is {deal['status']}")
        return TriggerDecision(document="credit_note" if "refund_of" in deal else "invoice", why="status is won")

    def sale(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> Sale:
        reading = self.read(bundle, account=account, mapping=mapping)
        if reading.sale is None or reading.faults:
            raise FaultsFound(reading.faults)
        return reading.sale

    def read(
        self,
        bundle: SourceBundle,
        *,
        account: Mapping[str, Any],
        mapping: Mapping[str, Any],
        operator: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> FakeReading:
        deal = self._deal(bundle)
        if deal.get("broken_rules"):
            raise FaultsFound([Fault("MAP-001", "rules[0]", "This rule is not one.", "Mend it.")])
        fault = Fault("SALE-001", "deal.value", "The deal has no amount.", "Enter an amount.")
        faults = (fault,) if deal.get("unreadable") or deal.get("odd") else ()
        return FakeReading(None if deal.get("unreadable") else self._sale(deal), faults)

    def _sale(self, deal: dict[str, Any]) -> Sale:
        line = SaleLine(
            path="deal",
            description="Consulting day",
            quantity=Decimal(deal.get("quantity", 1)),
            unit_price=Decimal(deal["value"]),
            price_basis="exclusive",
            taxes=() if deal.get("untaxed") else (StatedTax(rate_percent=Decimal("7.5"), category="STANDARD_VAT"),),
            unit="EA",
            sku=deal.get("sku"),
            category=deal.get("category"),
            classification=None if deal.get("unclassified") else _CONSULTING,
        )
        refunds = tuple(RecordRef(resource="deal", id=one) for one in deal.get("refund_of", ()))
        return Sale(
            platform="PD",
            connector=self.name,
            sale_id=str(deal["id"]),
            currency="NGN",
            completed_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
            buyer=_buyer(deal),
            lines=(line,),
            location=deal.get("shop"),
            order_number=deal.get("order_number"),
            note=deal.get("note"),
            payments=tuple(Payment(method="cash", amount=Decimal(one)) for one in deal.get("paid", ())),
            document="credit_note" if refunds else "invoice",
            refers_to=tuple(one.id for one in refunds),
            depends_on=(RecordRef(resource="organization", id="77"), *refunds),
        )

    def changed(self, api: PlatformApi, cursor: str | None, now: datetime) -> ChangedRecords:
        if self.broken:
            raise self.broken
        return self.page

    def subscribe(self, api: PlatformApi, *, url: str, user: str, password: str) -> tuple[str, ...]:
        if self.broken:
            raise self.broken
        for kind in ("change.deal", "create.deal"):
            if not any(known[0] == url and name.startswith(kind) for name, known in self.subscribed.items()):
                self.made += 1
                self.subscribed[f"{kind}.{self.made}"] = (url, user, password)
        return tuple(name for name, known in self.subscribed.items() if known[0] == url)

    def standing(self, api: PlatformApi) -> dict[str, bool]:
        if self.broken:
            raise self.broken
        return {name: name not in self.off for name in self.subscribed}

    def unsubscribe(self, api: PlatformApi, subscriptions: Iterable[str]) -> None:
        for name in subscriptions:
            self.subscribed.pop(name, None)

    def _deal(self, bundle: SourceBundle) -> dict[str, Any]:
        whole: dict[str, Any] = json.loads(bundle.answers["deal"][0].body)
        return whole


def _buyer(deal: Mapping[str, Any]) -> Party:
    return Party(
        name=deal.get("buyer", "Buyer Ltd"),
        tin=deal["tin"],
        email="accounts@buyer.example",
        telephone="+2348012345678",
        kind="organisation",
        address=Address(
            street="1 Broad Street",
            city="Lagos",
            postal_code="101001",
            lga="NG-LA-IKE",
            state="NG-LA",
            country="NG",
        ),
    )


def refusal(code: str = "NRS-001") -> NrsRefused:
    """A clear no by NRS."""
    return NrsRefused("refused", [Fault(code, "lines[0]", "NRS does not know this code.", "Choose another code.")])


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
