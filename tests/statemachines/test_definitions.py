"""What the local stage does not check: shapes, names and bounds in the files themselves."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

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
    },
    "submission_recovery": {"RecoverSubmissionArn", "RecordOutcomeArn", "HoldInvoiceArn"},
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


def test_there_are_the_two_machines() -> None:
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


def test_both_spellings_of_a_recovery_that_is_there_already_are_no_error() -> None:
    start = definition("invoice_conversion")["States"]["StartRecovery"]
    caught = {name: catch["Next"] for catch in start["Catch"] for name in catch["ErrorEquals"]}
    assert caught["StepFunctions.ExecutionAlreadyExistsException"] == caught["ExecutionAlreadyExists"] == "Done"
    assert start["Parameters"]["Name.$"] == "$$.Execution.Name"
