"""The two machines walked with the real use cases on fakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taxpoynt import edge
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import NrsKeyRefused, NrsUnavailable, OutcomeUnknown, StoreConflict
from tests.fakes.world import CONNECTOR, MERCHANT, World, won
from tests.functions.lambda_context import LambdaContext
from tests.statemachines.walker import ALREADY_THERE, Execution, ServiceError, definition

IDS = {"merchant": MERCHANT, "connector": CONNECTOR, "sale_id": "8"}


class Machines:
    """Both machines over one world; `broken` holds what a task fails with before it works."""

    def __init__(self, **deal: Any) -> None:
        self.world = World()
        self.world.platform.won("8", **deal)
        self.world.do(self.world.deliver(won()))
        self.started: list[dict[str, Any]] = []
        self.deliveries: list[dict[str, Any]] = []
        self.broken: dict[str, list[Exception]] = {}
        uses = dict(self.world.steps)
        uses |= {"HoldInvoice": self.world.hold, "RecoverSubmission": self.world.recover}
        uses |= {"DeliverInvoice": self.world.delivery}
        self.tasks = {f"${{{name}Arn}}": self._function(name, use) for name, use in uses.items()}
        self.tasks["arn:aws:states:::states:startExecution"] = self._start

    def _function(self, name: str, use: Callable[..., Any]) -> Callable[[dict[str, Any]], Any]:
        def factory() -> Callable[..., Any]:
            return use

        def call(event: dict[str, Any]) -> Any:
            self._break(name)
            return edge.step(factory, event, LambdaContext())

        return call

    def _start(self, parameters: dict[str, Any]) -> Any:
        delivery = parameters["StateMachineArn"] == "${InvoiceDeliveryArn}"
        self._break("StartDelivery" if delivery else "StartRecovery")
        started = self.deliveries if delivery else self.started
        if any(one["Name"] == parameters["Name"] for one in started):
            raise ServiceError(ALREADY_THERE)
        started.append(parameters)
        return {"ExecutionArn": "arn"}

    def _break(self, name: str) -> None:
        if self.broken.get(name):
            raise self.broken[name].pop(0)

    def convert(self) -> Execution:
        """What it starts of deliveries runs at once."""
        return self._run("invoice_conversion", "pipedrive-8-abc-1")

    def recover(self) -> Execution:
        return self._run("submission_recovery", "pipedrive-8-abc-1")

    def deliver(self) -> Execution:
        execution = Execution(definition("invoice_delivery"), self.tasks)
        execution.run(dict(IDS))
        return execution

    def _run(self, name: str, execution_name: str) -> Execution:
        known = len(self.deliveries)
        execution = Execution(definition(name), self.tasks, name=execution_name)
        execution.run(dict(IDS), most=2000)
        for _ in self.deliveries[known:]:
            self.deliver()
        return execution


STEPS = ["ConvertSale", "CheckInvoice", "ReserveInvoice", "SubmitInvoice", "RecordOutcome"]
HAPPY = [*STEPS, "ToDeliver", "StartDelivery", "Done"]


def test_a_good_sale_goes_straight_through() -> None:
    machines = Machines()
    assert machines.convert().path == HAPPY
    assert machines.world.state() is SaleState.COMPLETED


def test_a_second_execution_of_a_finished_sale_changes_nothing() -> None:
    machines = Machines()
    machines.convert()
    before = machines.world.sale()
    assert machines.convert().path == [*STEPS, "ToDeliver", "Done"]
    assert machines.world.sale() == before
    assert len(machines.world.nrs.signed) == 1


def test_faults_end_at_the_hold_in_the_merchants_words() -> None:
    machines = Machines(tin=None)
    assert machines.convert().path == ["ConvertSale", "HoldInvoice", "Done"]
    assert machines.world.state() is SaleState.NEEDS_ATTENTION
    assert machines.world.sale().faults
    assert machines.world.alerts.sent == []


@pytest.mark.parametrize("committed", [True, False])
def test_an_unknown_outcome_is_settled_by_the_retry_that_looks_first(committed: bool) -> None:
    machines = Machines()
    machines.world.nrs.next = ["commit_then_unknown" if committed else OutcomeUnknown("time-out")]
    assert machines.convert().path == HAPPY
    assert machines.world.state() is SaleState.COMPLETED
    assert len(machines.world.nrs.signed) == 1


def test_what_stays_in_doubt_goes_to_recovery_under_the_executions_own_name() -> None:
    machines = Machines()
    machines.world.nrs.next = [OutcomeUnknown("time-out") for _ in range(6)]
    assert machines.convert().path == [*STEPS[:4], "StartRecovery", "Done"]
    assert machines.world.state() is SaleState.UNKNOWN
    assert [one["Name"] for one in machines.started] == ["pipedrive-8-abc-1"]
    assert machines.started[0]["Input"] == IDS
    recovery = machines.recover()
    assert recovery.path[-5:] == ["IsSettled", "RecordOutcome", "ToDeliver", "StartDelivery", "Done"]
    assert recovery.waited == sorted(recovery.waited)
    assert machines.world.state() is SaleState.COMPLETED


def test_a_recovery_that_is_there_already_is_as_good_as_started() -> None:
    machines = Machines()
    machines.world.nrs.next = [NrsUnavailable("503") for _ in range(9)]
    machines.convert()
    assert machines.convert().path[-1] == "Done"
    assert len(machines.started) == 1


def test_a_recovery_that_never_settles_tells_the_operator_and_ends() -> None:
    machines = Machines()
    machines.world.nrs.next = [OutcomeUnknown("time-out") for _ in range(500)]
    machines.convert()
    recovery = machines.recover()
    assert recovery.path[-2:] == ["TellOperator", "Done"]
    assert sum(recovery.waited) > 48 * 3600
    assert len(machines.world.alerts.sent) == 1
    assert machines.world.state() is SaleState.UNKNOWN


def test_refused_keys_tell_the_operator_and_keep_the_sale() -> None:
    machines = Machines()
    machines.world.nrs.next = [NrsKeyRefused("unable to validate api key")]
    assert machines.convert().path[-2:] == ["HoldInvoice", "Done"]
    assert machines.world.state() is SaleState.SUBMITTING
    assert len(machines.world.alerts.sent) == 1


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    "error",
    [
        ServiceError("Runtime.ExitError"),
        ServiceError("Sandbox.Timedout"),
        ServiceError("Lambda.TooManyRequestsException"),
        StoreConflict("meanwhile"),
    ],
    ids=["killed", "timed out", "throttled", "conflict"],
)
def test_a_task_that_died_once_is_simply_run_again(name: str, error: Exception) -> None:
    machines = Machines()
    machines.broken[name] = [edge._verdict(error) if isinstance(error, StoreConflict) else error]
    assert machines.convert().path == HAPPY
    assert machines.world.state() is SaleState.COMPLETED


@pytest.mark.parametrize("name", ["ConvertSale", "CheckInvoice", "ReserveInvoice", "RecordOutcome", "HoldInvoice"])
def test_a_defect_of_ours_is_not_shown_as_the_merchants_fault_and_the_sweeper_goes_on(name: str) -> None:
    machines = Machines(**({"tin": None} if name == "HoldInvoice" else {}))
    machines.broken[name] = [KeyError("defect")]
    execution = machines.convert()
    assert execution.error == "LeftToSweeper"
    assert machines.world.state() is not SaleState.NEEDS_ATTENTION
    machines.world.run(hours=1)
    assert machines.world.state() in (SaleState.COMPLETED, SaleState.NEEDS_ATTENTION)


BUYER = "34567890-0001"


def test_a_document_is_transmitted_and_followed_until_the_buyer_has_it() -> None:
    machines = Machines()
    nrs, ways = machines.world.nrs, iter(["TRANSMITTING", "TRANSMITTED", "TRANSMITTED", "ACKNOWLEDGED"])
    nrs.reachable = {BUYER}
    follow = nrs.follow

    def moving(irn: str, business_id: str) -> Any:
        nrs.exchange[irn] = next(ways)
        return follow(irn, business_id)

    nrs.follow = moving  # type: ignore[method-assign]
    assert machines.convert().path == HAPPY
    assert machines.world.state() is SaleState.COMPLETED
    assert machines.world.sale().delivery == "acknowledged"
    assert [call for call, _ in nrs.calls].count("transmit") == 1


def test_a_failed_exchange_tells_the_operator_and_ends_until_tomorrow() -> None:
    machines = Machines()
    machines.world.nrs.reachable = {BUYER}
    transmit = machines.world.nrs.transmit

    def failing(irn: str) -> None:
        transmit(irn)
        machines.world.nrs.exchange[irn] = "FAILED"

    machines.world.nrs.transmit = failing  # type: ignore[method-assign]
    machines.convert()
    record = machines.world.sale()
    assert (record.state, record.delivery) == (SaleState.DELIVERING, "failed")
    assert [fault.code for fault in record.faults] == ["DELIVERY-001"]
    assert len(machines.world.alerts.sent) == 1
    assert machines.deliver().path[-1] == "Done"


def test_a_document_nobody_takes_is_followed_for_a_week_and_no_longer() -> None:
    machines = Machines()
    machines.world.nrs.reachable = {BUYER}
    machines.world.run()
    execution = Execution(definition("invoice_delivery"), machines.tasks)
    machines.tasks = {**machines.tasks}
    for step in STEPS:
        machines.tasks[f"${{{step}Arn}}"](dict(IDS))
    execution.run(dict(IDS))
    assert 6 * 86_400 < sum(execution.waited) < 12 * 86_400
    assert machines.world.state() is SaleState.COMPLETED
    assert machines.world.sale().delivery == "transmitting"
    assert machines.world.sale().next_action_at is None
