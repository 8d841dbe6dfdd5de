"""The courier: carries webhooks to their receivers on the sandbox clock, as badly as ordered."""

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import requests

from tests.sandbox.kit.clock import Clock
from tests.sandbox.kit.faults import FaultBook
from tests.sandbox.kit.log import RequestLog, readable_body, redacted
from tests.sandbox.kit.subscribers import DeliveryPolicy, Health

HOLD_SECONDS = 5.0  # how long a delivery held back for reordering waits for another one to pass it


@dataclass(frozen=True)
class Outgoing:
    """One HTTP call as it will leave."""

    url: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass(order=True)
class _Parcel:
    due: datetime
    number: int
    subscriber: str = field(compare=False)
    topic: str = field(compare=False)
    make: Callable[[int], Outgoing] = field(compare=False)
    generation: int = field(compare=False)
    attempt: int = field(compare=False, default=1)


class Courier:
    """Background delivery with retries, bans and removal as the policy says.

    `on_attempt(subscriber, status)` runs after each attempt (status None when nothing answered) and
    `on_removed(subscriber)` when the platform gives a subscription up; both on a worker thread that holds no lock.
    Threads start with the first delivery. `retry_scale` shortens the pauses between attempts for demos.
    """

    def __init__(self, clock: Clock, faults: FaultBook, policy: DeliveryPolicy, retry_scale: float = 1.0) -> None:
        self.clock, self.faults, self.policy, self.retry_scale = clock, faults, policy, retry_scale
        self.on_attempt: Callable[[str, int | None], None] = lambda _subscriber, _status: None
        self.on_removed: Callable[[str], None] = lambda _subscriber: None
        self.log = RequestLog()
        self._changed = threading.Condition()
        self._waiting: list[_Parcel] = []
        self._held: list[_Parcel] = []
        self._health: dict[str, Health] = {}
        self._threads: list[threading.Thread] = []
        self._numbers = self._generation = self._carried = 0
        self._stopped = False
        clock.on_change(self._wake)

    def send(self, subscriber: str, topic: str, make: Callable[[int], Outgoing]) -> None:
        """Queues an event for one subscription; `make(attempt)` builds the call of that attempt.

        Returns at once. Lost without a trace for the receiver: events during a ban, and more than `max_pending`.
        """
        reason = self._reason_to_lose(subscriber, topic)
        if reason:
            self._note(subscriber, topic, 1, None, None, None, f"lost: {reason}")
            return
        copies = 2 if self.faults.take(frozenset({"duplicate_webhook"}), topic=topic) else 1
        late = self.faults.take(frozenset({"delay_webhook"}), topic=topic)
        held = self.faults.take(frozenset({"reorder_webhooks"}), topic=topic)
        with self._changed:
            now = self.clock.now()
            wait = (late.seconds if late else 0) + ((held.seconds or HOLD_SECONDS) if held else 0)
            for _ in range(copies):
                self._numbers += 1
                due = now + timedelta(seconds=wait)
                parcel = _Parcel(due, self._numbers, subscriber, topic, make, self._generation)
                heapq.heappush(self._waiting, parcel)
                if held:
                    self._held.append(parcel)
            self._start_workers()
            self._changed.notify_all()

    def forget(self, subscriber: str) -> None:
        """The subscription is gone: nothing more is delivered to it."""
        with self._changed:
            self._health.pop(subscriber, None)
            self._drop(subscriber)

    def silence(self, subscriber: str, seconds: float) -> None:
        """Wipes what waits for it and loses its events for so long; nobody is told."""
        with self._changed:
            until = self.clock.now() + timedelta(seconds=seconds)
            self._health.setdefault(subscriber, Health()).banned_until = until
            self._drop(subscriber)

    def waiting(self, subscriber: str) -> int:
        """Deliveries and retries still to come for one subscription."""
        with self._changed:
            return sum(parcel.subscriber == subscriber for parcel in self._waiting)

    def health(self, subscriber: str) -> Health:
        """A copy of what is remembered about the subscription."""
        with self._changed:
            return replace(self._health.get(subscriber, Health()))

    def settle(self, timeout: float = 5.0) -> bool:
        """Waits until nothing is due and nothing is under way; False when that took over `timeout` real seconds."""
        end = time.monotonic() + timeout
        with self._changed:
            while self._carried or (self._waiting and self._waiting[0].due <= self.clock.now()):
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 0.05))
        return True

    def pending(self) -> int:
        """Deliveries and retries still to come."""
        with self._changed:
            return len(self._waiting) + self._carried

    def clear(self) -> None:
        """Forgets deliveries, subscriptions' health and the log; what is under way ends unnoticed."""
        with self._changed:
            self._generation += 1
            self._waiting.clear()
            self._held.clear()
            self._health.clear()
            self.log.clear()
            self._changed.notify_all()

    def stop(self) -> None:
        """Ends the workers; a delivery under way may finish on its own."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=2)

    def _drop(self, subscriber: str) -> None:
        self._waiting = [parcel for parcel in self._waiting if parcel.subscriber != subscriber]
        heapq.heapify(self._waiting)
        self._changed.notify_all()

    def _reason_to_lose(self, subscriber: str, topic: str) -> str | None:
        if self.faults.take(frozenset({"drop_webhook"}), topic=topic):
            return "fault on order: drop_webhook"
        with self._changed:
            if self._health.get(subscriber, Health()).banned(self.clock.now()):
                return "the subscription is banned"
            return "too many deliveries wait" if len(self._waiting) >= self.policy.max_pending else None

    def _start_workers(self) -> None:
        while len(self._threads) < self.policy.workers and not self._stopped:
            thread = threading.Thread(target=self._work, name=f"courier-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the machine has no business with local receivers
            while (parcel := self._next()) is not None:
                try:
                    self._carry(session, parcel)
                finally:
                    with self._changed:
                        self._carried -= 1
                        self._changed.notify_all()

    def _next(self) -> _Parcel | None:
        with self._changed:
            while not self._stopped:
                now = self.clock.now()
                if self._waiting and self._waiting[0].due <= now:
                    self._carried += 1
                    return heapq.heappop(self._waiting)
                until_due = (self._waiting[0].due - now).total_seconds() if self._waiting else None
                self._changed.wait(until_due if self.clock.ticking else None)
            return None

    def _carry(self, session: requests.Session, parcel: _Parcel) -> None:
        if self.health(parcel.subscriber).banned(self.clock.now()):
            reason = "lost: the subscription is banned"
            self._note(parcel.subscriber, parcel.topic, parcel.attempt, None, None, None, reason)
            return
        outgoing = parcel.make(parcel.attempt)
        started = time.monotonic()
        status, error = _post(session, outgoing, self.policy.timeout_seconds)
        with self._changed:
            if parcel.generation != self._generation:
                return
        # counted from when it was due, so that one long jump of the clock brings every retry that fell into it
        failed_at = parcel.due + timedelta(seconds=time.monotonic() - started)
        outcome, removed = self._judge(parcel, status, failed_at)
        self._note(parcel.subscriber, parcel.topic, parcel.attempt, outgoing, status, error, outcome)
        self.on_attempt(parcel.subscriber, status)
        if removed:
            self.forget(parcel.subscriber)
            self.on_removed(parcel.subscriber)

    def _judge(self, parcel: _Parcel, status: int | None, failed_at: datetime) -> tuple[str, bool]:
        with self._changed:
            self._release_held(parcel)
            health = self._health.setdefault(parcel.subscriber, Health())
            if status is not None and 200 <= status < 300:
                health.succeeded()
                return "delivered", False
            consequence = health.failed(self.clock.now(), parcel.attempt, self.policy)
            if consequence == "remove":
                return "failed, subscription removed", True
            return self._plan_retry(parcel, status, failed_at) + (", banned" if consequence == "ban" else ""), False

    def _plan_retry(self, parcel: _Parcel, status: int | None, failed_at: datetime) -> str:
        delays = self.policy.retry_delays
        if parcel.attempt > len(delays) or status in self.policy.final_statuses:
            return "failed for good"
        pause = delays[parcel.attempt - 1] * self.retry_scale
        due = failed_at + timedelta(seconds=pause)
        heapq.heappush(self._waiting, replace(parcel, due=due, attempt=parcel.attempt + 1))
        self._changed.notify_all()
        return "failed"

    def _release_held(self, passed_by: _Parcel) -> None:
        waiting = [parcel for parcel in self._held if parcel.number != passed_by.number]
        for parcel in waiting:
            parcel.due = self.clock.now()
        self._held.clear()
        heapq.heapify(self._waiting)
        self._changed.notify_all()

    def _note(
        self,
        subscriber: str,
        topic: str,
        attempt: int,
        outgoing: Outgoing | None,
        status: int | None,
        error: str | None,
        outcome: str,
    ) -> None:
        entry: dict[str, Any] = {"subscriber": subscriber, "topic": topic, "attempt": attempt, "outcome": outcome}
        entry |= {"status": status, "error": error, "at": self.clock.now().isoformat()}
        if outgoing:
            entry |= {"method": outgoing.method, "url": outgoing.url, "headers": redacted(outgoing.headers)}
            entry["body"] = readable_body(outgoing.body, outgoing.headers.get("Content-Type", ""))
        self.log.append(entry)


def _post(session: requests.Session, outgoing: Outgoing, timeout: float) -> tuple[int | None, str | None]:
    """(status, None) or (None, what went wrong). Redirects count as answers: no platform here follows them."""
    try:
        with session.request(
            outgoing.method,
            outgoing.url,
            data=outgoing.body,
            headers=outgoing.headers,
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            return response.status_code, None
    except requests.RequestException as error:
        return None, type(error).__name__
