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
        self.broken: dict[str, list[Exception]] = {}
        uses = dict(self.world.steps)
        uses |= {"HoldInvoice": self.world.hold, "RecoverSubmission": self.world.recover}
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
        self._break("StartRecovery")
        if any(one["Name"] == parameters["Name"] for one in self.started):
            raise ServiceError(ALREADY_THERE)
        self.started.append(parameters)
        return {"ExecutionArn": "arn"}

    def _break(self, name: str) -> None:
        if self.broken.get(name):
            raise self.broken[name].pop(0)

    def convert(self) -> Execution:
        execution = Execution(definition("invoice_conversion"), self.tasks, name="pipedrive-8-abc-1")
        execution.run(dict(IDS))
        return execution

    def recover(self) -> Execution:
        execution = Execution(definition("submission_recovery"), self.tasks)
        execution.run(dict(IDS))
        return execution


HAPPY = ["ConvertSale", "CheckInvoice", "ReserveInvoice", "SubmitInvoice", "RecordOutcome", "Done"]


def test_a_good_sale_goes_straight_through() -> None:
    machines = Machines()
    assert machines.convert().path == HAPPY
    assert machines.world.state() is SaleState.COMPLETED


def test_a_second_execution_of_a_finished_sale_changes_nothing() -> None:
    machines = Machines()
    machines.convert()
    before = machines.world.sale()
    assert machines.convert().path == HAPPY
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
    assert machines.convert().path == [*HAPPY[:4], "StartRecovery", "Done"]
    assert machines.world.state() is SaleState.UNKNOWN
    assert [one["Name"] for one in machines.started] == ["pipedrive-8-abc-1"]
    assert machines.started[0]["Input"] == IDS
    recovery = machines.recover()
    assert recovery.path[-3:] == ["IsSettled", "RecordOutcome", "Done"]
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
    assert sum(recovery.waited) > 24 * 3600
    assert len(machines.world.alerts.sent) == 1
    assert machines.world.state() is SaleState.UNKNOWN


def test_refused_keys_tell_the_operator_and_keep_the_sale() -> None:
    machines = Machines()
    machines.world.nrs.next = [NrsKeyRefused("unable to validate api key")]
    assert machines.convert().path[-2:] == ["HoldInvoice", "Done"]
    assert machines.world.state() is SaleState.SUBMITTING
    assert len(machines.world.alerts.sent) == 1


@pytest.mark.parametrize("name", HAPPY[:-1])
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
