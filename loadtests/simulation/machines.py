"""Step Functions: the files of statemachines/ as they are deployed, with AWS's promises and not more.

Express may run an execution again from the start and forgets it when it breaks; Standard takes a name once. A task
whose function died is tried again as the file says; sometimes Step Functions believes that it died while it works on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from loadtests.simulation.hub import Hub, Killed
from taxpoynt.errors import Retryable, TaxPoyntError

FOLDER = Path(__file__).parents[2] / "statemachines"
EXPRESS_SECONDS = 300.0

Task = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class TaskError(Exception):
    """What Step Functions sees of a failure: a name and a text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


def definition(name: str) -> dict[str, Any]:
    """The file as data."""
    whole: dict[str, Any] = json.loads((FOLDER / f"{name}.asl.json").read_text())
    return whole


class Execution:
    """One run. `tasks` answers a resource placeholder; `until` is when an Express execution is cut off."""

    def __init__(
        self, hub: Hub, machine: Mapping[str, Any], tasks: Mapping[str, Task], name: str, until: float
    ) -> None:
        self.hub, self.machine, self.tasks, self.name, self.until = hub, machine, tasks, name, until

    def run(self, data: dict[str, Any]) -> str:
        """How it ended: Succeed, the name of a Fail, or timed out."""
        state = self.machine["StartAt"]
        while True:
            if self.hub.now > self.until:
                self.hub.say(f"{self.name} timed out in {state}")
                return "timed out"
            found = self.machine["States"][state]
            kind = found["Type"]
            if kind == "Succeed":
                return "Succeed"
            if kind == "Fail":
                return str(found["Error"])
            if kind == "Wait":
                seconds = found["Seconds"] if "Seconds" in found else _value(found["SecondsPath"], data)
                self.hub.give_way(float(seconds))
                state = found["Next"]
            elif kind == "Choice":
                state = _choose(found, data)
            elif kind == "Pass":
                data = _placed(found.get("ResultPath", "$"), data, found.get("Result", data))
                state = found["Next"]
            else:
                state, data = self._task(found, data)

    def _task(self, state: Mapping[str, Any], data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        given = self._filled(state["Parameters"], data) if "Parameters" in state else data
        tries: dict[int, int] = {}
        while True:
            try:
                answer = self.tasks[state["Resource"]](given)
            except TaskError as error:
                wait = self._retry(state, error.name, tries)
                if wait is not None:
                    self.hub.give_way(wait)
                    continue
                for catch in state.get("Catch", ()):
                    if _matches(catch["ErrorEquals"], error.name):
                        cause = json.dumps({"errorMessage": str(error), "errorType": error.name})
                        told = {"Error": error.name, "Cause": cause}
                        return catch["Next"], _placed(catch.get("ResultPath", "$"), data, told)
                raise
            return state["Next"], _placed(state.get("ResultPath", "$"), data, answer)

    def _retry(self, state: Mapping[str, Any], name: str, tries: dict[int, int]) -> float | None:
        for number, retry in enumerate(state.get("Retry", ())):
            if _matches(retry["ErrorEquals"], name):
                done = tries[number] = tries.get(number, 0) + 1
                if done > int(retry["MaxAttempts"]):
                    return None
                growing = float(retry["IntervalSeconds"]) * float(retry["BackoffRate"]) ** (done - 1)
                return min(growing, float(retry["MaxDelaySeconds"])) * self.hub.random.random()
        return None

    def _filled(self, parameters: Mapping[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        for name, value in parameters.items():
            if name.endswith(".$"):
                filled[name.removesuffix(".$")] = self.name if value == "$$.Execution.Name" else _value(value, data)
            else:
                filled[name] = self._filled(value, data) if isinstance(value, dict) else value
        return filled


def as_task(call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What edge.step makes of a use case, and Lambda of a process that died."""
    try:
        return dict(call())
    except TaxPoyntError as error:
        verdict = "Retryable" if isinstance(error, Retryable) else "Rejected"
        raise TaskError(verdict, f"{type(error).__name__}: {error}") from error
    except Killed as killed:
        raise TaskError(str(killed).split()[0], "the process is gone") from None


def _choose(state: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    return str(next((c["Next"] for c in state["Choices"] if _holds(c, data)), state.get("Default")))


def _holds(choice: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    if "And" in choice:
        return all(_holds(one, data) for one in choice["And"])
    if "Or" in choice:
        return any(_holds(one, data) for one in choice["Or"])
    try:
        value = _value(choice["Variable"], data)
    except KeyError:
        return choice.get("IsPresent") is False
    if "IsPresent" in choice:
        return bool(choice["IsPresent"])
    return bool(value == choice.get("BooleanEquals", choice.get("StringEquals", choice.get("NumericEquals"))))


def _value(path: str, data: Mapping[str, Any]) -> Any:
    value: Any = data
    for part in path.removeprefix("$.").split("."):
        value = value[part]
    return value


def _placed(path: str, data: dict[str, Any], answer: Any) -> dict[str, Any]:
    if path is None:
        return data
    return dict(answer) if path == "$" else {**data, path.removeprefix("$."): answer}


def _matches(names: list[str], name: str) -> bool:
    return name in names or "States.ALL" in names
