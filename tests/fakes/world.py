"""The whole pipeline on fakes: queue, functions, state machines and sweeper in one process."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.party import Address, Merchant
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import Rejected, Retryable, TaxPoyntError
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from taxpoynt.ports import NrsGateway, PlatformApi
from taxpoynt.services import jobs
from taxpoynt.services.check_invoice import CheckInvoice
from taxpoynt.services.chosen import ChosenRules
from taxpoynt.services.code_tables import CodeTables
from taxpoynt.services.convert_sale import ConvertSale
from taxpoynt.services.correct_sale import CorrectSale
from taxpoynt.services.current_lists import CurrentLists
from taxpoynt.services.deliver_invoice import DeliverInvoice
from taxpoynt.services.guarded_nrs import GuardedNrs
from taxpoynt.services.hold_invoice import HoldInvoice
from taxpoynt.services.read_delivery import ReadDelivery
from taxpoynt.services.read_record import ReadRecord
from taxpoynt.services.receive_nrs_notice import ReceiveNrsNotice
from taxpoynt.services.record_outcome import RecordOutcome
from taxpoynt.services.recover_submission import RecoverSubmission
from taxpoynt.services.reserve_invoice import ReserveInvoice
from taxpoynt.services.run_sync_job import RunSyncJob
from taxpoynt.services.schedule_syncs import ScheduleSyncs
from taxpoynt.services.steps import Stores
from taxpoynt.services.submission import Submission
from taxpoynt.services.submit_invoice import SubmitInvoice
from taxpoynt.services.sweep_stalled import SweepStalled
from taxpoynt.services.sync_catalogue import ForgetCatalogue
from taxpoynt.services.take_record import TakeRecord
from taxpoynt.services.tend_connection import TendConnection
from taxpoynt.services.watch_gaps import WatchGaps
from tests.fakes.catalogue import FakeCatalogueStore
from tests.fakes.clock import FakeClock
from tests.fakes.code_lists import FakeListNotes
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
from tests.fakes.rules import FakeRuleStore
from tests.fakes.stores import FakeCircuits, FakeConnectionStore, FakeEventStore, FakeSaleStore, FakeTokenStore
from tests.fakes.watch import FakeWatchStore

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
        self.tokens, self.watches = FakeTokenStore(), FakeWatchStore()
        self.events = FakeEventStore(self.clock)
        self.rules = FakeRuleStore(self.clock)
        self.sales = FakeSaleStore(self.clock)
        self.blobs, self.queue, self.starter = FakeBlobs(), FakeQueue(), FakeStarter()
        self.alerts, self.nrs, self.platform = FakeAlerts(), FakeNrs(), FakePlatform()
        self.stamps, self.printer = FakeStamps(), FakePrinter()
        self.own_nrs: FakeNrs | None = None  # the environment a merchant's own keys belong to, where it is another one
        self.circuits, self.time_left = FakeCircuits(), 100.0
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
        self.api: PlatformApi = FakeApi()
        self.pause, self.ban = timedelta(hours=1), timedelta(minutes=30)
        self.health: dict[str, str] = {}
        self.wire()

    def mortal(self, target: Any) -> Any:
        return Mortal(target, self.switch)

    def wire(self) -> None:
        sales, blobs, queue = self.mortal(self.sales), self.mortal(self.blobs), self.mortal(self.queue)
        connections, starter = self.mortal(self.connections), self.mortal(self.starter)
        platform, alerts = self.mortal(self.platform), self.mortal(self.alerts)
        self.stores = Stores(sales, connections, blobs, self.clock)
        self.list_notes = FakeListNotes()
        lists = CurrentLists(self.mortal(self.list_notes), blobs, self.clock, code_lists())
        self.submission = Submission(self.stores, self.desk)
        correct = CorrectSale(sales, connections, blobs, starter, self.clock, lists)
        rules = ChosenRules(self.mortal(self.rules), CodeTables(blobs))
        read = ReadRecord(sales, blobs, self.clock, lambda _: self.api, rules)
        take = TakeRecord(sales, blobs, starter, self.clock, read, correct)
        watch = WatchGaps(
            self.mortal(self.watches),
            connections,
            queue,
            alerts,
            self.clock,
            lambda _: self.platform.webhooks,
            lambda _: self.ban,
        )
        deliveries = ReadDelivery(
            connections, self.mortal(self.events), sales, blobs, self.clock, lambda _: platform, take, queue, watch
        )
        tending = TendConnection(
            connections,
            self.mortal(self.tokens),
            queue,
            self.clock,
            lambda _: platform,
            lambda _: self.api,
            lambda _: self,  # type: ignore[arg-type, return-value]  # only `revoke` is asked of it
            lambda connection: self.kept.append(connection.connection),
            "https://hooks.example",
            watch,
            pause=lambda _: self.pause,
            look=lambda _: self.health,
        )
        more = {"forget_catalogue": ForgetCatalogue(connections, FakeCatalogueStore(), queue)}
        self.job = RunSyncJob(deliveries, tending, connections, queue, alerts, self.clock, lambda: 0.5, more)
        self.sweep = SweepStalled(sales, queue, starter, self.clock)
        self.schedule = ScheduleSyncs(connections, queue, self.clock, lambda _: self.pause)
        self.hold = HoldInvoice(self.stores, alerts)
        self.recover = RecoverSubmission(self.submission, lambda: 0.5)
        self.delivery = DeliverInvoice(self.stores, self.desk, lambda: 0.5)
        self.notices = ReceiveNrsNotice({"token": MERCHANT}.get, sales, starter)
        self.steps: list[tuple[str, Callable[..., Any]]] = [
            ("ConvertSale", ConvertSale(self.stores, lists)),
            ("CheckInvoice", CheckInvoice(self.stores, lists, body)),
            ("ReserveInvoice", ReserveInvoice(self.stores, body)),
            ("SubmitInvoice", SubmitInvoice(self.submission)),
            ("RecordOutcome", RecordOutcome(self.stores, self.mortal(self.stamps), self.mortal(self.printer))),
        ]

    def desk(self, merchant: str, keys: str | None = None) -> NrsGateway:
        """NRS as this merchant's calls reach it."""
        own = (keys or self.connections.get_merchant(merchant).profile.nrs_keys) == "own"
        nrs = self.own_nrs if own and self.own_nrs else self.nrs
        key = f"key:{merchant}" if own else "key:ours"
        return GuardedNrs(self.mortal(nrs), self.circuits, self.clock, key, lambda: self.time_left).permitted()

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
        if self.state(sale_id) is SaleState.DELIVERING:
            self.deliver_all(sale_id)
        return "done"

    def settle(self, sale_id: str) -> str:
        """One run of submission_recovery, with its waits."""
        ids, run = (MERCHANT, CONNECTOR, sale_id), 0
        for _ in range(200):
            try:
                answer = self.recover(*ids, run=run)
            except Rejected as error:
                self.hold(*ids, reason=type(error).__name__)
                return "held"
            except Retryable:
                return "left"
            run = answer["run"]
            if answer["settled"]:
                if self.steps[-1][1](*ids)["state"] == SaleState.DELIVERING:
                    self.deliver_all(sale_id)
                return "settled"
            if answer["gave_up"]:
                self.hold(*ids, reason="GaveUp")
                return "gave up"
            self.clock.move(seconds=answer["wait_seconds"])
        return "endless"

    def deliver_all(self, sale_id: str = "8", *, turns: int = 3) -> str:
        """One run of invoice_delivery, without its waits, cut off after some turns: the sweeper goes on."""
        ids, run, turn = (MERCHANT, CONNECTOR, sale_id), 0, 0
        for _ in range(turns):
            try:
                answer = self.delivery(*ids, run=run, turn=turn)
            except Rejected as error:
                self.hold(*ids, reason=type(error).__name__)
                return "held"
            except Retryable:
                return "left"
            run, turn = answer["run"], answer["turn"]
            if answer["settled"]:
                return "settled"
            if answer["gave_up"]:
                self.hold(*ids, reason="DeliveryStopped")
                return "told"
        return "waits"

    def notice(self, irn: str, message: str) -> str:
        """NRS calls."""
        return self.notices("token", json.dumps({"irn": irn, "message": message}).encode())

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
                    {"conversion": self.convert, "recovery": self.settle, "delivery": self.deliver_all}[kind](sale_id)
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
    about = {
        "type": f"{resource}.changed",
        "means": "changed",
        "resource": resource,
        "resource_id": number,
        "account": "4711",
    }
    return {"id": event_id, **about}


def swallow(call: Callable[[], Any]) -> TaxPoyntError | None:
    try:
        call()
    except TaxPoyntError as error:
        return error
    return None
