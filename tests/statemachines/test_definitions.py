"""What the local stage does not check: shapes, names and bounds in the files themselves."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from taxpoynt.services.deliver_invoice import LAST_TURN
from taxpoynt.services.recover_submission import MAX_TRIES
from taxpoynt.services.steps import UNDER_WAY
from tests.statemachines.walker import FOLDER, definition

NAMES = sorted(path.name.removesuffix(".asl.json") for path in FOLDER.glob("*.asl.json"))
PLACEHOLDERS = {
    "invoice_conversion": {
        "ConvertSaleArn",
        "CheckInvoiceArn",
        "ReserveInvoiceArn",
        "SubmitInvoiceArn",
        "RecordOutcomeArn",
        "HoldInvoiceArn",
        "SubmissionRecoveryArn",
        "InvoiceDeliveryArn",
    },
    "submission_recovery": {"RecoverSubmissionArn", "RecordOutcomeArn", "HoldInvoiceArn", "InvoiceDeliveryArn"},
    "invoice_delivery": {"DeliverInvoiceArn", "HoldInvoiceArn"},
}
SERVICE_ERRORS = {
    "Retryable",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "Runtime.Unknown",
}

TASKS = [
    pytest.param(state, id=f"{name}.{state_name}")
    for name in NAMES
    for state_name, state in definition(name)["States"].items()
    if state["Type"] == "Task"
]


def test_there_are_the_three_machines() -> None:
    assert set(NAMES) == set(PLACEHOLDERS)


@pytest.mark.parametrize("name", NAMES)
def test_placeholders_are_exactly_the_known_ones(name: str) -> None:
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(definition(name)))) == PLACEHOLDERS[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_reached_and_every_way_leads_somewhere(name: str) -> None:
    machine = definition(name)
    states = machine["States"]
    seen, waiting = set(), [machine["StartAt"]]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += _ways(states[one])
    assert seen == set(states)


def _ways(state: dict[str, Any]) -> list[str]:
    ways = [state[key] for key in ("Next", "Default") if key in state]
    return ways + [one["Next"] for one in (*state.get("Catch", ()), *state.get("Choices", ()))]


@pytest.mark.parametrize("state", TASKS)
def test_every_task_retries_with_full_jitter_and_bounds(state: dict[str, Any]) -> None:
    assert state["Retry"]
    for retry in state["Retry"]:
        assert retry["JitterStrategy"] == "FULL"
        assert 0 < retry["MaxDelaySeconds"] <= 60
        assert 0 <= retry["MaxAttempts"] <= 8
        assert retry["BackoffRate"] >= 2
    assert state["TimeoutSeconds"] <= 120


@pytest.mark.parametrize("state", TASKS)
def test_every_task_repeats_what_aws_may_fail_with_and_catches_everything_else(state: dict[str, Any]) -> None:
    repeated = {name for retry in state["Retry"] for name in retry["ErrorEquals"]}
    assert repeated >= SERVICE_ERRORS or "States.ALL" in repeated
    assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert all(catch["ResultPath"] == "$.error" for catch in state["Catch"])


@pytest.mark.parametrize("name", NAMES)
def test_a_rejection_is_never_repeated(name: str) -> None:
    for state in definition(name)["States"].values():
        for retry in state.get("Retry", ()):
            assert "Rejected" not in retry["ErrorEquals"]


def test_an_express_execution_ends_inside_its_five_minutes() -> None:
    assert definition("invoice_conversion")["TimeoutSeconds"] < 300


STARTS = [
    ("invoice_conversion", "StartRecovery"),
    ("invoice_conversion", "StartDelivery"),
    ("submission_recovery", "StartDelivery"),
]


@pytest.mark.parametrize(("name", "state"), STARTS)
def test_both_spellings_of_a_machine_that_is_there_already_are_no_error(name: str, state: str) -> None:
    start = definition(name)["States"][state]
    caught = {name: catch["Next"] for catch in start["Catch"] for name in catch["ErrorEquals"]}
    assert caught["StepFunctions.ExecutionAlreadyExistsException"] == caught["ExecutionAlreadyExists"] == "Done"
    assert start["Parameters"]["Name.$"] == "$$.Execution.Name"


HISTORY_LIMIT = 25_000
LONGEST = {
    "submission_recovery": ("RecoverSubmission", MAX_TRIES),
    "invoice_delivery": ("DeliverInvoice", LAST_TURN + 1),
}


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_the_longest_life_of_a_machine_that_waits_fits_into_its_history(name: str) -> None:
    """Entered and exited for each state; scheduled, started and ended for each try of the task."""
    state, turns = LONGEST[name]
    task = definition(name)["States"][state]
    tries = 1 + sum(retry["MaxAttempts"] for retry in task["Retry"])
    assert turns * (2 * 3 + 3 * tries) + 100 < HISTORY_LIMIT / 2


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_an_attempt_with_all_its_tries_ends_before_the_sweeper_takes_the_sale(name: str) -> None:
    """The wait is added to what an attempt may take, so machine and sweeper never work on one sale at once."""
    task = definition(name)["States"][LONGEST[name][0]]
    [retry] = task["Retry"]
    longest = task["TimeoutSeconds"] * (1 + retry["MaxAttempts"]) + retry["MaxDelaySeconds"] * retry["MaxAttempts"]
    assert longest < UNDER_WAY.total_seconds()


def test_what_the_conversion_spends_on_nrs_fits_into_its_time() -> None:
    machine = definition("invoice_conversion")
    task = machine["States"]["SubmitInvoice"]
    assert task["TimeoutSeconds"] * (1 + task["Retry"][0]["MaxAttempts"]) + 60 < machine["TimeoutSeconds"]
