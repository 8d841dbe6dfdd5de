"""The campaign itself: sales are won while everything fails, then the faults stop, and the rest must come right."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from loadtests.campaign.killer import Killer
from loadtests.campaign.nrs import patiently
from loadtests.campaign.people import People
from loadtests.campaign.plan import Planned
from loadtests.campaign.watch import Watch, unfinished
from loadtests.campaign.where import notice_address, poll_now
from taxpoynt.domain.status import AT_NRS
from taxpoynt.ports import SaleRecord
from tests.e2e.harness import Slice

Json = dict[str, Any]
BACKLOG, RUNNING, BREATH = 6, 6, 0.4
"""Messages that may wait and state machines that may run before the next sale is won. Each running one wants a function
process of its own; more than the machine bears start so slowly that they run into their limits, and all start again."""
OUTAGE_SECONDS = 4.0
POLL_EVERY = 45.0
BANNED = 25


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How rough the campaign is. Shares from 0 to 1.

    stuck_seconds: without another acceptance, after which the faults stop; drain_seconds: the bound after that.
    """

    sales: int
    seed: int
    nrs_fails: float
    kills: int
    outages: int = 3
    pace: float = 0.5
    kinds: tuple[str, ...] | None = None
    webhook_trouble: float = 0.08
    fire_seconds: float = 3600.0
    stuck_seconds: float = 60.0
    drain_seconds: float = 1200.0

    def with_patience(self, factor: float) -> Wishes:
        """The same with every bound of time `factor` times as long: where others use the processors too."""
        bounds = {name: getattr(self, name) * factor for name in ("fire_seconds", "stuck_seconds", "drain_seconds")}
        return replace(self, **bounds)


@dataclass(kw_only=True)
class Found:
    """What was counted on the way; the checks add theirs."""

    wishes: Wishes
    seconds: dict[str, float] = field(default_factory=dict)
    chaos: Json = field(default_factory=dict)
    webhooks: dict[str, int] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    outages: int = 0
    circuits: int = 0
    won_at: dict[int, datetime] = field(default_factory=dict)
    drained: bool = False
    lists: Json = field(default_factory=dict)


class Campaign:
    """One run over a stage that is up. `say` shows one line of progress."""

    def __init__(self, stage: Slice, planned: list[Planned], wishes: Wishes, say: Callable[[str], None]) -> None:
        self.stage, self.planned, self.wishes, self._say = stage, planned, wishes, say
        self.people, self.watch = People(stage, wishes.seed), Watch(stage)
        self.killer = Killer(stage, wishes.kills, wishes.seed)
        self.found = Found(wishes=wishes)
        self._started = time.monotonic()
        self._polled = 0.0

    def run(self) -> Found:
        """Everything in order; the faults end even when something here fails."""
        self._timed("prepare", self._prepare)
        try:
            self._start_faults()
            self._timed("sell", self._sell)
        finally:
            self._stop_faults()
        self._timed("drain", self._drain)
        return self.found

    def _timed(self, name: str, work: Callable[[], None]) -> None:
        begun = time.monotonic()
        work()
        self.found.seconds[name] = round(time.monotonic() - begun, 1)

    # --- before ---------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.stage.call("RefreshCodeLists")
        patiently(self.stage.nrs, "POST", "/webhook", {"url": notice_address(self.stage)})
        self.people.prepare(companies=max(5, self.wishes.sales // 10))
        for number, one in enumerate(self.planned, 1):
            self.people.offer(one)
            if number % 100 == 0:
                self._say(f"prepared {number} of {len(self.planned)} deals")

    def _start_faults(self) -> None:
        plan: Json = {"share": self.wishes.nrs_fails, "seed": self.wishes.seed, "pace": self.wishes.pace}
        if self.wishes.kinds is not None:
            plan["kinds"] = list(self.wishes.kinds)
        patiently(self.stage.nrs, "POST", "/chaos", plan)
        kinds = ("drop_webhook", "duplicate_webhook", "reorder_webhooks", "delay_webhook")
        orders = [
            {"kind": kind, "times": None, "rate": self.wishes.webhook_trouble, "seconds": 3.0}
            for kind in kinds
            if self.wishes.webhook_trouble
        ]
        self.stage.pipedrive.send("POST", "/faults", {"faults": orders, "random_seed": self.wishes.seed})

    def _stop_faults(self) -> None:
        self.found.chaos = patiently(self.stage.nrs, "DELETE", "/chaos")
        self.found.webhooks = self.stage.pipedrive.get("/faults")["used"]
        self.stage.pipedrive.send("DELETE", "/faults")
        self.found.kills = self.killer.killed

    # --- while everything fails -----------------------------------------------------------------------------------

    def _sell(self) -> None:
        """Wins deals as fast as the queues empty, then waits under faults until nine in ten are through."""
        end = time.monotonic() + self.wishes.fire_seconds
        later: list[Planned] = []
        looked = 0.0
        for number, one in enumerate(self.planned, 1):
            self._make_room(end)
            self.people.win(one)
            self.found.won_at[one.number] = datetime.now(UTC)
            later.append(one)
            if len(later) > min(40, len(self.planned) // 4):
                self.people.follow(later.pop(0))
            self._trouble(number / len(self.planned) * 0.8)
            if time.monotonic() - looked > self._pause:
                looked = self._look_while_selling(number)
        for one in later:
            self.people.follow(one)
        self._wait_under_faults(end)

    def _look_while_selling(self, won: int) -> float:
        """Many missing ones mean that Pipedrive has banned our webhook for half an hour, as it does: polls go on."""
        sales = self.watch.sales()
        self.found.circuits += self.watch.hurry_circuits()
        missing = [one for one in self._missing(sales) if one.number in self.found.won_at]
        if len(missing) > BANNED:
            self._poll_for(missing)
        return self._look(won, sales)

    def _make_room(self, end: float) -> None:
        time.sleep(BREATH)  # what was won just now is in no queue yet
        while time.monotonic() < end and (self.watch.waiting() > BACKLOG or self.watch.running() > RUNNING):
            time.sleep(BREATH)

    def _wait_under_faults(self, end: float) -> None:
        eligible = sum(one.story.fate == "accepted" for one in self.planned)
        stuck_at, best = time.monotonic(), -1
        while time.monotonic() < end and time.monotonic() - stuck_at < self.wishes.stuck_seconds:
            sales = self._move_on(held=False)
            self._poll_for(self._missing(sales))
            accepted = sum(one.state in AT_NRS for one in sales)
            if accepted > best:
                best, stuck_at = accepted, time.monotonic()
            self._trouble(0.8 + 0.2 * accepted / max(eligible, 1))
            self._look(len(self.planned), sales)
            if accepted >= eligible * 0.9:
                break
        self._trouble(1.0)

    def _trouble(self, share: float) -> None:
        """Kills, and the hours in which NRS's port is closed, spread over the work."""
        self.killer.due(share)
        if share > 0.3 and not self.found.lists:
            self._change_lists()
        if self.found.outages < int(self.wishes.outages * share):
            self.found.outages += 1
            patiently(self.stage.nrs, "POST", "/outage", {"seconds": OUTAGE_SECONDS})

    def _change_lists(self) -> None:
        """In the middle of it all a code is new, one list comes nearly empty, and the function asks NRS again."""
        patiently(self.stage.nrs, "POST", "/lists", {"list": "lgas", "add": [{"code": "NG-AB-NEW", "name": "New"}]})
        patiently(self.stage.nrs, "POST", "/lists", {"list": "states", "keep": 2})
        self.found.lists = dict(self.stage.call("RefreshCodeLists", {"accept_smaller": ["none of them"]}))

    # --- afterwards -------------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        """Until nothing is left to do, with the sweeper and the polls at work; bounded."""
        end = time.monotonic() + self.wishes.drain_seconds
        calm = 0
        rounds = 0
        while time.monotonic() < end and calm < 2:
            rounds += 1
            sales = self._move_on(held=rounds % 3 == 1)
            self._poll_for(self._missing(sales))
            self._look(len(self.planned), sales)
            calm = calm + 1 if rounds > 3 and self._nothing_left(sales) else 0
        self.found.drained = calm >= 2

    def _move_on(self, *, held: bool) -> list[SaleRecord]:
        """What the schedules do on AWS by themselves, with their patience shortened; the sales as they stand then."""
        time.sleep(self._pause)
        sales = self.watch.sales()
        self.found.circuits += self.watch.hurry_circuits()
        self.watch.hurry(sales, held=held)
        self.stage.call("SweepStalled")
        self.stage.call("SealLedger")
        return sales

    def _missing(self, sales: list[SaleRecord]) -> list[Planned]:
        known = {one.sale_id for one in sales}
        return [one for one in self.planned if one.story.fate == "accepted" and str(one.deal) not in known]

    def _poll_for(self, missing: list[Planned]) -> None:
        """A poll looks at all deals of ten minutes again, so it comes when sales are missing and nothing else waits."""
        if missing and not self.watch.waiting() and time.monotonic() - self._polled > POLL_EVERY:
            self._polled = time.monotonic()
            poll_now(self.stage)

    def _nothing_left(self, sales: list[SaleRecord]) -> bool:
        return (
            not any(map(unfinished, sales))
            and not self._missing(sales)
            and not self.watch.waiting()
            and all(one["outcome"] for one in self.watch.events())
        )

    @property
    def _pause(self) -> float:
        """Between two looks: a look costs the local AWS the more, the more sales there are."""
        return 2.0 + self.wishes.sales / 200

    def _look(self, fired: int, sales: list[SaleRecord]) -> float:
        states = Counter(sale.state.value for sale in sales)
        chaos = patiently(self.stage.nrs, "GET", "/chaos")
        seconds = time.monotonic() - self._started
        told = " ".join(f"{name} {number}" for name, number in sorted(states.items()))
        self._say(
            f"{seconds:5.0f} s  won {fired}/{len(self.planned)} | {told} | queued {self.watch.waiting()} |"
            f" kills {self.killer.total} | NRS calls {chaos.get('calls', 0)}, failed {chaos.get('hit', 0)}"
        )
        return time.monotonic()


def printed(line: str) -> None:
    """One line that replaces the one before on a terminal, one after the other elsewhere."""
    end = "\r" if sys.stdout.isatty() else "\n"
    print(f"{line:<150}", end=end, flush=True)
