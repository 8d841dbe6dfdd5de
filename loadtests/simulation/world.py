"""One run: the real services over atomic stores in memory, wired as bootstrap/ wires them, and the acts of a plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from loadtests.simulation import memo
from loadtests.simulation.cloud import Cloud
from loadtests.simulation.hub import START, Hub, SkewedClock
from loadtests.simulation.nrs import Registry, SimulatedNrs
from loadtests.simulation.plan import Plan
from loadtests.simulation.ports import Faults, Port, key_prefix, merchant_first, nobody, scope_owner
from loadtests.simulation.source import Platform, SimulatedConnector, api_of
from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.nrs.resources import code_lists
from taxpoynt.ports import NrsGateway, WebhookSetup
from taxpoynt.services.answer_question import AnswerQuestion
from taxpoynt.services.check_invoice import CheckInvoice
from taxpoynt.services.chosen import ChosenRules
from taxpoynt.services.code_tables import CodeTables
from taxpoynt.services.convert_sale import ConvertSale
from taxpoynt.services.correct_sale import CorrectSale
from taxpoynt.services.current_lists import FixedLists
from taxpoynt.services.deliver_invoice import DeliverInvoice
from taxpoynt.services.guarded_nrs import GuardedNrs
from taxpoynt.services.hold_invoice import HoldInvoice
from taxpoynt.services.read_delivery import ReadDelivery
from taxpoynt.services.read_record import ReadRecord
from taxpoynt.services.record_outcome import RecordOutcome
from taxpoynt.services.recover_submission import RecoverSubmission
from taxpoynt.services.reserve_invoice import ReserveInvoice
from taxpoynt.services.run_sync_job import RunSyncJob
from taxpoynt.services.seal_ledger import SealLedger
from taxpoynt.services.steps import Stores
from taxpoynt.services.submission import Submission
from taxpoynt.services.submit_invoice import SubmitInvoice
from taxpoynt.services.sweep_stalled import SweepStalled
from taxpoynt.services.take_record import TakeRecord
from taxpoynt.services.watch_gaps import WatchGaps
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import FakeAlerts, FakeBlobs, FakePrinter, FakeStamps
from tests.fakes.rules import FakeRuleStore
from tests.fakes.stores import FakeCircuits, FakeConnectionStore, FakeEventStore, FakeSaleStore
from tests.fakes.watch import FakeWatchStore
from tests.fakes.world import PROFILE

CONNECTOR = "crm"
ACCOUNT = "4711"
SERVICE_IDS = ("94ND90NR", "7HA2KX10")
WRONG_SERVICE_ID = "WR0NG1D2"


class Parts:
    """What a broken twin puts another in the place of."""

    submission: type[Submission] = Submission
    recover: type[RecoverSubmission] = RecoverSubmission
    reserve: type[ReserveInvoice] = ReserveInvoice
    submit: type[SubmitInvoice] = SubmitInvoice
    sales: type[FakeSaleStore] = FakeSaleStore
    take: type[TakeRecord] = TakeRecord

    @staticmethod
    def amend(world: World) -> None:
        """What a twin changes that is no part of its own."""


class _Tending:
    """All that a job asks of TendConnection when no connection is tended."""

    def __init__(self, connector: SimulatedConnector) -> None:
        self._connector = connector

    def connector(self, _name: str) -> SimulatedConnector:
        """The one there is."""
        return self._connector


class World:
    """`crossed`: calls over a tenant's border; `acked`: events we answered 2xx; `problems`: what NRS noticed."""

    def __init__(self, hub: Hub, plan: Plan, parts: type[Parts] = Parts) -> None:
        self.hub, self.plan, self.parts = hub, plan, parts
        self.faults = Faults()
        if plan.calm:
            self.faults = Faults(death=0, throttle=0, lost_answer=0, stall=0.01, lost_event=0)
        self.crossed: list[str] = []
        self.acked: list[tuple[str, str]] = []
        self.polled: set[tuple[str, str, int]] = set()
        clock = self.clock = SkewedClock(hub)
        self.platform = Platform(hub)
        self.connections = FakeConnectionStore()
        self.events = FakeEventStore(clock)
        self.rules = FakeRuleStore(clock)
        self.sales = parts.sales(clock)
        self.blobs, self.alerts, self.circuits = FakeBlobs(), FakeAlerts(), FakeCircuits()
        self.ledger = FakeLedger(clock, self.sales.outbox)
        self.cloud = Cloud(hub, self.faults)
        businesses = {
            merchant: f"{number}f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10" for number, merchant in enumerate(plan.merchants)
        }
        self.service_ids = dict(zip(plan.merchants, SERVICE_IDS, strict=True))
        self.nrs = Registry(hub, self.faults, plan.nrs_rates, self.service_ids, businesses)
        self.nrs.outages = plan.outages
        for merchant in plan.merchants:
            self._merchant(merchant, businesses[merchant])
        self._wire()
        parts.amend(self)

    def _merchant(self, merchant: str, business: str) -> None:
        service_id = WRONG_SERVICE_ID if merchant == self.plan.wrong_profile else self.service_ids[merchant]
        profile = PROFILE.model_copy(update={"business_id": business, "service_id": service_id, "nrs_keys": "own"})
        if merchant in self.plan.corrects:
            defaults = profile.defaults.model_copy(update={"changes_after_acceptance": "correct"})
            profile = profile.model_copy(update={"defaults": defaults})
        self.connections.put_merchant(merchant, profile, expected_version=0)
        self.connections.save_connection(
            Connection(
                merchant=merchant,
                connection=f"c_{merchant[2:]}",
                connector=CONNECTOR,
                status=ConnectionStatus.ACTIVE,
                account_id=ACCOUNT + merchant[2:4],
                api_base="https://acme.crm.example",
            )
        )

    def _port(self, target: Any, name: str, owner: Any = merchant_first, **more: Any) -> Any:
        return Port(target, name, self.hub, self.faults, owner=owner, crossed=self.crossed, **more)

    def _written(self, answer: Any) -> None:
        """A sale was written: whoever sweeps will see when it is due."""
        record = answer[0] if isinstance(answer, tuple) else answer
        due = getattr(record, "next_action_at", None)
        if due is not None:
            self.cloud.arm((due - START).total_seconds())

    def _wire(self) -> None:
        port, clock, parts, cloud = self._port, self.clock, self.parts, self.cloud
        sales = port(self.sales, "sales", after=self._written)
        connections, events = port(self.connections, "connections"), port(self.events, "events")
        blobs, queue = port(self.blobs, "blobs", key_prefix), port(cloud, "queue", nobody)
        starter, alerts = port(cloud, "starter"), port(self.alerts, "alerts", nobody)
        connector = port(SimulatedConnector(self.platform), "platform", nobody)
        stores = self.stores = Stores(sales, connections, blobs, clock)
        lists = FixedLists(code_lists())
        submission = parts.submission(stores, self._desk)
        correct = CorrectSale(sales, connections, blobs, starter, clock, lists)
        rules = ChosenRules(port(self.rules, "rules", scope_owner), CodeTables(blobs))
        take = parts.take(sales, blobs, starter, clock, ReadRecord(sales, blobs, clock, api_of, rules), correct)
        watch = WatchGaps(
            port(FakeWatchStore(), "watches"),
            connections,
            queue,
            alerts,
            clock,
            lambda _: WebhookSetup(by="nobody"),  # what it does is no part of the submission design
            lambda _: timedelta(hours=1),
        )
        deliveries = ReadDelivery(connections, events, sales, blobs, clock, lambda _: connector, take, queue, watch)
        tending: Any = _Tending(connector)
        jitter = self.hub.random.random
        cloud.work = RunSyncJob(deliveries, tending, connections, queue, alerts, clock, jitter)
        cloud.sweep = SweepStalled(sales, queue, starter, clock)
        cloud.seal = SealLedger(port(self.ledger, "ledger"), blobs, clock)
        self.answer = AnswerQuestion(stores, starter)
        cloud.waits = lambda: bool(self.ledger.waits)
        cloud.next_due = self._next_due
        cloud.steps = {
            "convert_sale": ConvertSale(stores, lists),
            "check_invoice": CheckInvoice(stores, lists, memo.body_once),
            "reserve_invoice": parts.reserve(stores, memo.body_once),
            "submit_invoice": parts.submit(submission),
            "record_outcome": RecordOutcome(stores, FakeStamps(), FakePrinter()),
            "hold_invoice": HoldInvoice(stores, alerts),
            "recover_submission": parts.recover(submission, jitter),
            "deliver_invoice": DeliverInvoice(stores, self._desk, jitter),
        }

    def _desk(self, merchant: str, keys: str | None = None) -> NrsGateway:
        gateway = self._port(SimulatedNrs(self.nrs, merchant), "nrs", nobody, outside=True)
        circuits = self._port(self.circuits, "circuits", nobody)
        actor, hub = self.hub.actor, self.hub
        deadline = (actor.deadline if actor else None) or hub.now + 60

        def time_left() -> float:
            return deadline - hub.now

        return GuardedNrs(gateway, circuits, self.clock, f"key:{merchant}", time_left).permitted()

    def _next_due(self) -> float | None:
        times = [one.next_action_at for one in self.sales.sales.values() if one.next_action_at]
        return (min(times) - START).total_seconds() if times else None
