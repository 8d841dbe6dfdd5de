"""The whole pipeline on fakes: queue, functions, state machines and sweeper in one process."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.party import Address, Merchant
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Rejected, Retryable, TaxPoyntError
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services import jobs
from taxpoynt.services.check_invoice import CheckInvoice
from taxpoynt.services.convert_sale import ConvertSale
from taxpoynt.services.hold_invoice import HoldInvoice
from taxpoynt.services.read_delivery import ReadDelivery
from taxpoynt.services.record_outcome import RecordOutcome
from taxpoynt.services.recover_submission import RecoverSubmission
from taxpoynt.services.reserve_invoice import ReserveInvoice
from taxpoynt.services.run_sync_job import RunSyncJob
from taxpoynt.services.schedule_syncs import ScheduleSyncs
from taxpoynt.services.steps import Stores
from taxpoynt.services.submission import Submission
from taxpoynt.services.submit_invoice import SubmitInvoice
from taxpoynt.services.sweep_stalled import SweepStalled
from taxpoynt.services.take_record import TakeRecord
from taxpoynt.services.tend_connection import TendConnection
from tests.fakes.clock import FakeClock
from tests.fakes.crash import Mortal, Switch
from tests.fakes.outside import (
    FakeAlerts,
    FakeApi,
    FakeBlobs,
    FakeNrs,
    FakePlatform,
    FakePrinter,
    FakeQueue,
    FakeStamps,
    FakeStarter,
)
from tests.fakes.stores import FakeConnectionStore, FakeEventStore, FakeSaleStore, FakeTokenStore

MERCHANT, CONNECTION, CONNECTOR = "m_aaaaaaaaaaaaaaaa", "c_bbbbbbbbbbbbbbbb", "pipedrive"

PROFILE = Merchant(
    business_id="3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10",
    service_id="94ND90NR",
    tin="23456789-0001",
    name="Seller Ltd",
    email="billing@seller.example",
    telephone="+2348011111111",
    business_description="Consulting",
    address=Address(
        street="2 Marina", city="Lagos", postal_code="101001", lga="NG-LA-IKE", state="NG-LA", country="NG"
    ),
    crypto_keys="keys",
)


@dataclass
class World:
    """`run` plays SQS, Step Functions and the sweeper until nothing is left to do."""

    clock: FakeClock = field(default_factory=FakeClock)
    switch: Switch = field(default_factory=Switch)

    def __post_init__(self) -> None:
        self.connections = FakeConnectionStore()
        self.tokens = FakeTokenStore()
        self.events = FakeEventStore(self.clock)
        self.sales = FakeSaleStore(self.clock)
        self.blobs, self.queue, self.starter = FakeBlobs(), FakeQueue(), FakeStarter()
        self.alerts, self.nrs, self.platform = FakeAlerts(), FakeNrs(), FakePlatform()
        self.stamps, self.printer = FakeStamps(), FakePrinter()
        self.inbox: list[dict[str, Any]] = []
        self.revoked: list[str] = []
        self.kept: list[str] = []
        self.connections.put_merchant(MERCHANT, PROFILE, expected_version=0)
        self.connections.claim_account(CONNECTOR, "4711", MERCHANT, CONNECTION)
        self.connections.save_connection(
            Connection(
                merchant=MERCHANT,
                connection=CONNECTION,
                connector=CONNECTOR,
                status=ConnectionStatus.ACTIVE,
                account_id="4711",
                api_base="https://acme.pipedrive.com",
            )
        )
        self.wire()

    def mortal(self, target: Any) -> Any:
        return Mortal(target, self.switch)

    def wire(self) -> None:
        sales, blobs, queue = self.mortal(self.sales), self.mortal(self.blobs), self.mortal(self.queue)
        connections, starter = self.mortal(self.connections), self.mortal(self.starter)
        platform, nrs, alerts = self.mortal(self.platform), self.mortal(self.nrs), self.mortal(self.alerts)
        self.stores = Stores(sales, connections, blobs, self.clock)
        lists = code_lists()
        self.submission = Submission(self.stores, nrs)
        take = TakeRecord(sales, blobs, starter, self.clock, lambda _: FakeApi())
        deliveries = ReadDelivery(
            connections, self.mortal(self.events), sales, blobs, self.clock, lambda _: platform, take
        )
        tending = TendConnection(
            connections,
            self.mortal(self.tokens),
            queue,
            self.clock,
            lambda _: platform,
            lambda _: FakeApi(),
            lambda _: self,  # type: ignore[arg-type, return-value]  # only `revoke` is asked of it
            lambda connection: self.kept.append(connection.connection),
            "https://hooks.example",
        )
        self.job = RunSyncJob(deliveries, tending, connections, queue, alerts, self.clock, lambda: 0.5)
        self.sweep = SweepStalled(sales, queue, starter, self.clock)
        self.schedule = ScheduleSyncs(connections, queue, self.clock, lambda _: 60)
        self.hold = HoldInvoice(self.stores, alerts)
        self.recover = RecoverSubmission(self.submission, lambda: 0.5)
        self.steps: list[tuple[str, Callable[..., Any]]] = [
            ("ConvertSale", ConvertSale(self.stores, lists)),
            ("CheckInvoice", CheckInvoice(self.stores, lists, body)),
            ("ReserveInvoice", ReserveInvoice(self.stores, body)),
            ("SubmitInvoice", SubmitInvoice(self.submission)),
            ("RecordOutcome", RecordOutcome(self.stores, self.mortal(self.stamps), self.mortal(self.printer))),
        ]

    def revoke(self, tokens: Any) -> None:
        self.revoked.append(tokens.access_token)

    # --- what AWS does ---------------------------------------------------------------------------------------------

    def deliver(self, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A webhook job as receive_webhook writes it."""
        text = base64.b64encode(json.dumps(list(events)).encode()).decode()
        return jobs.make("webhook", MERCHANT, CONNECTION, CONNECTOR, body_b64=text, content_type="application/json")

    def do(self, message: dict[str, Any]) -> str:
        return self.job(message, lambda: 30.0)

    def convert(self, sale_id: str) -> str:
        """One run of invoice_conversion; the name of the state it ended after."""
        ids = (MERCHANT, CONNECTOR, sale_id)
        for name, step in self.steps:
            try:
                step(*ids)
            except Rejected as error:
                self.hold(*ids, reason=type(error).__name__)
                return f"held after {name}"
            except Retryable:
                if name == "SubmitInvoice":
                    self.starter.start_recovery(*ids, 1)
                    return "recovering"
                return f"left after {name}"
        return "done"

    def settle(self, sale_id: str) -> str:
        """One run of submission_recovery: at most 100 attempts, with their waits."""
        ids = (MERCHANT, CONNECTOR, sale_id)
        for _ in range(100):
            try:
                answer = self.recover(*ids)
            except Rejected as error:
                self.hold(*ids, reason=type(error).__name__)
                return "held"
            except Retryable:
                return "left"
            if answer["settled"]:
                self.steps[-1][1](*ids)
                return "settled"
            if answer["gave_up"]:
                self.hold(*ids, reason="GaveUp")
                return "gave up"
            self.clock.move(seconds=answer["wait_seconds"])
        return "endless"

    def run(self, *messages: dict[str, Any], hours: int = 0) -> None:
        """Plays messages and everything they start, then sweeps for `hours`, in quarters of an hour."""
        self.inbox += messages
        for quarter in range(4 * hours + 1):
            if quarter:
                self.clock.move(minutes=15)
                self.sweep()
            for _ in range(200):
                self.inbox += self.queue.take()
                for kind, _, _, sale_id, _ in self.starter.take():
                    self.convert(sale_id) if kind == "conversion" else self.settle(sale_id)
                if self.inbox:
                    self.do(self.inbox[0])
                    del self.inbox[0]  # only what was done is deleted: a killed function finds its message again
                elif not self.queue.sent and not self.starter.started:
                    break

    def sale(self, sale_id: str = "8") -> Any:
        return self.sales.get(MERCHANT, CONNECTOR, sale_id)

    def state(self, sale_id: str = "8") -> SaleState:
        state: SaleState = self.sale(sale_id).state
        return state


def won(event_id: str = "e1", deal: str = "8", account: str | None = "4711") -> dict[str, Any]:
    return {"id": event_id, "type": "deal.won", "resource": "deal", "resource_id": deal, "account": account}


def changed(event_id: str, resource: str, number: str) -> dict[str, Any]:
    about = {"type": f"{resource}.changed", "resource": resource, "resource_id": number, "account": "4711"}
    return {"id": event_id, **about}


def swallow(call: Callable[[], Any]) -> TaxPoyntError | None:
    try:
        call()
    except TaxPoyntError as error:
        return error
    return None
