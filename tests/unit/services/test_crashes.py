"""Killing the process after every single call to the outside, twice: nothing is lost and nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.domain.identity import SameKey
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import OutcomeUnknown
from taxpoynt.ports import SaleRecord
from taxpoynt.services.submission import Submission
from tests.fakes.crash import Crash
from tests.fakes.outside import refusal
from tests.fakes.stores import FakeSaleStore
from tests.fakes.world import World, changed, won
from tests.unit.services.verdict import broken_promises

Scenario = Callable[[World], None]


def happy(world: World) -> None:
    world.platform.won("8")


def reset_after_commit(world: World) -> None:
    world.platform.won("8")
    world.nrs.next = ["commit_then_unknown"]


def time_out_before_commit(world: World) -> None:
    world.platform.won("8")
    world.nrs.next = [OutcomeUnknown("time-out"), OutcomeUnknown("time-out")]


def held_for_want_of_a_tin(world: World) -> None:
    world.platform.won("8", tin=None)


def refused_once(world: World) -> None:
    world.platform.won("8")
    world.nrs.next = [refusal()]


SCENARIOS: list[Scenario] = [
    happy,
    reset_after_commit,
    time_out_before_commit,
    held_for_want_of_a_tin,
    refused_once,
]


def live(world: World, message: dict[str, Any], scenario: Scenario) -> None:
    """The message until SQS is rid of it, a sweeper every quarter of an hour, and a merchant who mends things."""
    world.run(message, hours=1)
    if world.state() is SaleState.NEEDS_ATTENTION:
        world.platform.won("8", update=2)
        world.run(world.deliver(changed("e2", "organization", "77")), hours=8)
    world.run(hours=8)


def calls_of(scenario: Scenario) -> int:
    world = World()
    scenario(world)
    world.switch.arm(None)
    live(world, world.deliver(won()), scenario)
    assert broken_promises(world) == []
    return len(world.switch.calls)


def survive(world: World, scenario: Scenario, die_after: int, times: int = 2) -> None:
    """Killed `times` times at the same call, brought back by SQS and the sweeper each time."""
    message = world.deliver(won())
    scenario(world)
    for _ in range(times):
        world.switch.arm(die_after)
        try:
            live(world, message, scenario)
        except Crash:
            world.clock.move(minutes=6)
    world.switch.arm(None)
    live(world, message, scenario)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_killed_twice_after_any_call_nothing_is_lost_or_doubled(scenario: Scenario) -> None:
    total = calls_of(scenario)
    assert total > 30
    failures = {}
    for die_after in range(1, total + 1):
        world = World()
        survive(world, scenario, die_after)
        if problems := broken_promises(world):
            failures[die_after] = problems
    assert failures == {}


class NewNumberSubmission(Submission):
    """The obvious wrong version: an unknown outcome is "got round" with a fresh IRN, without asking NRS."""

    def drive(self, record: SaleRecord) -> SaleRecord:
        if record.state is not SaleState.RESERVED:
            fresh = replace(record, irn=f"PD8R{record.tries}-94ND90NR-20260302")
            body = self.stores.blobs.get(str(record.body_key)).replace(
                str(record.irn).encode(), str(fresh.irn).encode()
            )
            return self._send(self.nrs(record.merchant), self._keys(record), fresh, body)
        return super().drive(record)


class NeverLooks(Submission):
    """Another: whoever finds a sale in flight just sends again."""

    def drive(self, record: SaleRecord) -> SaleRecord:
        body = self.stores.blobs.get(str(record.body_key))
        return self._send(self.nrs(record.merchant), self._keys(record), record, body)


class ClaimsWithoutCondition(FakeSaleStore):
    """And another: the claim is written without asking whether it is there."""

    def claim(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> tuple[SaleRecord, bool]:
        self.sales.pop(f"M#{record.merchant}#S#{record.connector}#{record.sale_id}", None)
        return super().claim(record, action=action, detail=detail, same=same)


def _with_submission(kind: type[Submission]) -> World:
    world = World()
    world.submission = kind(world.stores, world.submission.nrs)
    world.recover = replace(world.recover, submission=world.submission)
    world.steps = [
        (name, replace(step, submission=world.submission) if name == "SubmitInvoice" else step)  # type: ignore[type-var]
        for name, step in world.steps
    ]
    return world


@pytest.mark.parametrize("kind", [NewNumberSubmission, NeverLooks])
def test_a_submission_that_does_not_ask_first_is_caught(kind: type[Submission]) -> None:
    caught = []
    for die_after in range(1, 45):
        world = _with_submission(kind)
        survive(world, reset_after_commit, die_after)
        caught += broken_promises(world)
    assert caught


def test_a_claim_without_condition_is_caught() -> None:
    caught = []
    for die_after in range(1, 45):
        world = World()
        world.sales = ClaimsWithoutCondition(world.clock)
        world.wire()
        survive(world, happy, die_after)
        caught += broken_promises(world)
    assert caught
