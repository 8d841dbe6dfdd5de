"""Walks the subset of Amazon States Language that our files use, with names and paths as AWS treats them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "statemachines"
ALREADY_THERE = "StepFunctions.ExecutionAlreadyExistsException"


def definition(name: str) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((FOLDER / f"{name}.asl.json").read_text())
    return whole


class ServiceError(Exception):
    """An error of a service, which has a name of its own (`Lambda.TooManyRequestsException`)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Execution:
    """`tasks` answers a resource placeholder with its function; `path` is what was entered; `waited` is in seconds."""

    definition: Mapping[str, Any]
    tasks: Mapping[str, Callable[[dict[str, Any]], Any]]
    name: str = "execution-1"
    path: list[str] = field(default_factory=list)
    waited: list[int] = field(default_factory=list)
    error: str | None = None

    def run(self, data: dict[str, Any], *, most: int = 500) -> dict[str, Any]:
        state: str | None = self.definition["StartAt"]
        while state is not None:
            self.path.append(state)
            assert len(self.path) < most, "this execution does not end"
            state, data = self._enter(self.definition["States"][state], data)
        return data

    def _enter(self, state: Mapping[str, Any], data: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        match state["Type"]:
            case "Pass":
                return state["Next"], _placed(state["ResultPath"], data, state["Result"])
            case "Succeed":
                return None, data
            case "Fail":
                self.error = state["Error"]
                return None, data
            case "Wait":
                self.waited.append(state["Seconds"] if "Seconds" in state else self._value(state["SecondsPath"], data))
                return state["Next"], data
            case "Choice":
                return self._choose(state, data), data
            case "Task":
                return self._task(state, data)
        raise AssertionError(f"the walker knows no {state['Type']}")

    def _task(self, state: Mapping[str, Any], data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        given = self._filled(state["Parameters"], data) if "Parameters" in state else data
        tries: dict[int, int] = {}
        while True:
            try:
                answer = self.tasks[state["Resource"]](json.loads(json.dumps(given)))
            except Exception as error:  # exactly what Step Functions sees: a name and a message
                name = error.name if isinstance(error, ServiceError) else type(error).__name__
                if self._retry(state, name, tries):
                    continue
                for catch in state.get("Catch", ()):
                    if _matches(catch["ErrorEquals"], name):
                        cause = json.dumps({"errorMessage": str(error), "errorType": name})
                        return catch["Next"], _placed(catch["ResultPath"], data, {"Error": name, "Cause": cause})
                raise AssertionError(f"{name} is caught by nobody") from error
            return state["Next"], _placed(state.get("ResultPath", "$"), data, json.loads(json.dumps(answer)))

    def _retry(self, state: Mapping[str, Any], name: str, tries: dict[int, int]) -> bool:
        for number, retry in enumerate(state.get("Retry", ())):
            if _matches(retry["ErrorEquals"], name):
                tries[number] = tries.get(number, 0) + 1
                return tries[number] <= int(retry["MaxAttempts"])
        return False

    def _choose(self, state: Mapping[str, Any], data: dict[str, Any]) -> str:
        for choice in state["Choices"]:
            value = self._value(choice["Variable"], data)
            if "StringEquals" in choice and value == choice["StringEquals"]:
                return str(choice["Next"])
            if "BooleanEquals" in choice and value is choice["BooleanEquals"]:
                return str(choice["Next"])
        return str(state["Default"])

    def _filled(self, parameters: Mapping[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        for name, value in parameters.items():
            if name.endswith(".$"):
                filled[name.removesuffix(".$")] = self._value(value, data)
            else:
                filled[name] = self._filled(value, data) if isinstance(value, dict) else value
        return filled

    def _value(self, path: str, data: Mapping[str, Any]) -> Any:
        if path == "$$.Execution.Name":
            return self.name
        value: Any = data
        for part in path.removeprefix("$.").split("."):
            value = value[part]
        return value


def _matches(names: list[str], name: str) -> bool:
    return name in names or "States.ALL" in names


def _placed(path: str, data: dict[str, Any], answer: Any) -> dict[str, Any]:
    if path == "$":
        return dict(answer)
    return {**data, path.removeprefix("$."): answer}
