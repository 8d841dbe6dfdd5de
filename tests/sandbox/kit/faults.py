"""Things that go wrong on order: which requests or deliveries, how often, in what way."""

import random
import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.kit.errors import ControlError

LATE = frozenset({"late_commit", "late_commit_drop"})
"""Answered (or cut) now, the work done `seconds` later behind the caller's back."""
ANSWERS_INSTEAD = frozenset({"status", "rate_limit", "expired_token", "drop_before"}) | LATE
BAD_BODY = frozenset({"truncate_body", "half_json", "drip"})
"""The right answer, broken off, cut in half with a whole length, or in drops over `seconds`."""
AFTER_THE_WORK = frozenset({"status_after_commit", "delay_after_commit", "drop_after_commit"}) | BAD_BODY
BEFORE_THE_WORK = frozenset({"delay"})
HTTP_KINDS = ANSWERS_INSTEAD | AFTER_THE_WORK | BEFORE_THE_WORK
WEBHOOK_KINDS = frozenset({"duplicate_webhook", "reorder_webhooks", "drop_webhook", "delay_webhook"})

LONGEST_DELAY = 120.0
_MATCH_KEYS = frozenset({"method", "path", "topic"})
_KEYS = frozenset({"match", "times", "kind", "status", "seconds", "body", "headers", "rate"})


@dataclass
class Fault:
    """One order. `path` and `topic` are regular expressions matched from the start, so a plain prefix works too.

    label: under what it is counted, its kind when empty; chaos: ordered by a chaos plan, not by a person.
    """

    kind: str
    method: str | None = None
    path: str = ""
    topic: str = ""
    times: int | None = 1
    status: int = 500
    seconds: float = 0.0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    rate: float = 1.0
    label: str = ""
    chaos: bool = False

    def matches(self, method: str, path: str, topic: str) -> bool:
        """Whether this request (or, with a topic, this delivery) is meant."""
        if self.times == 0 or (self.method and self.method.upper() != method.upper()):
            return False
        return bool(re.match(self.path, path) and re.match(self.topic, topic))

    def public(self) -> dict[str, Any]:
        """As the control routes show it."""
        match = {"method": self.method, "path": self.path, "topic": self.topic}
        rest = {"kind": self.kind, "times": self.times, "status": self.status, "seconds": self.seconds}
        return {"match": match, **rest, "body": self.body, "headers": self.headers, "rate": self.rate}


def parse(order: object, kinds: frozenset[str]) -> Fault:
    """Fault from its JSON form; ControlError names what is wrong with it.

    `times` defaults to 1 and null means for ever; `rate` is the probability that a matching request is hit.
    """
    if not isinstance(order, dict):
        raise ControlError(f"a fault is an object, not {order!r}")
    _only(order, _KEYS, "fault")
    match = order.get("match", {})
    if not isinstance(match, dict):
        raise ControlError('"match" is an object with "method", "path" and/or "topic"')
    _only(match, _MATCH_KEYS, "match")
    kind = order.get("kind")
    if kind not in kinds:
        raise ControlError(f"unknown kind {kind!r}; known here: {', '.join(sorted(kinds))}")
    fault = Fault(**{key: value for key, value in order.items() if key != "match"}, **match)
    _check_values(fault)
    return fault


def _only(given: dict[str, Any], known: frozenset[str], what: str) -> None:
    if extra := sorted(set(given) - known):
        raise ControlError(f"unknown key in {what}: {', '.join(extra)}; known: {', '.join(sorted(known))}")


def _check_values(fault: Fault) -> None:
    if fault.times is not None and (not isinstance(fault.times, int) or fault.times < 1):
        raise ControlError('"times" is a whole number from 1, or null for ever')
    if not isinstance(fault.status, int) or not 200 <= fault.status <= 599:
        raise ControlError('"status" is an HTTP status from 200 to 599')
    if not isinstance(fault.seconds, (int, float)) or not 0 <= fault.seconds <= LONGEST_DELAY:
        raise ControlError(f'"seconds" is a number from 0 to {LONGEST_DELAY:g}')
    if not isinstance(fault.rate, (int, float)) or not 0 < fault.rate <= 1:
        raise ControlError('"rate" is a probability above 0 and up to 1')
    for name, pattern in (("path", fault.path), ("topic", fault.topic)):
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise ControlError(f'"{name}" is not a regular expression: {error}') from error


class FaultBook:
    """The standing orders, in the order they were given. Safe for threads; a given random seed repeats a run."""

    def __init__(self, extra_kinds: frozenset[str] = frozenset()) -> None:
        self.kinds = HTTP_KINDS | WEBHOOK_KINDS | extra_kinds
        self._faults: list[Fault] = []
        self._used: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._random = random.Random(1)  # noqa: S311 - repeatable dice, nothing secret

    def add(self, orders: list[object], random_seed: int | None = None) -> list[dict[str, Any]]:
        """All or none: a bad order leaves the book as it was and raises ControlError."""
        parsed = [parse(order, self.kinds) for order in orders]
        with self._lock:
            if random_seed is not None:
                self._random.seed(random_seed)
            self._faults += parsed
        return self.public()

    def clear(self) -> None:
        """Forgets every order."""
        with self._lock:
            self._faults.clear()
            self._used.clear()
            self._random.seed(1)

    def stand_for_chaos(self, faults: Iterable[Fault]) -> None:
        """A chaos plan's standing orders, in place of those of the plan before; none ends them."""
        with self._lock:
            self._faults = [fault for fault in self._faults if not fault.chaos] + list(faults)

    def take(self, kinds: frozenset[str], method: str = "", path: str = "", topic: str = "") -> Fault | None:
        """First standing order of one of `kinds` that hits now; counts it as used."""
        with self._lock:
            for fault in self._faults:
                if fault.kind in kinds and fault.matches(method, path, topic) and self._random.random() < fault.rate:
                    if fault.times is not None:
                        fault.times -= 1
                    self._used[fault.label or fault.kind] += 1
                    return fault
        return None

    def public(self) -> list[dict[str, Any]]:
        """What still stands."""
        with self._lock:
            return [fault.public() for fault in self._faults if fault.times != 0 and not fault.chaos]

    def used(self) -> dict[str, int]:
        """How often each label or kind has hit since the last `clear`."""
        with self._lock:
            return dict(self._used)
