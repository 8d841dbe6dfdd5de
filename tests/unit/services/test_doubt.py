"""Doubt: what NRS may hold is never given up for anything but what NRS tells, however late it registers things."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import NrsKeyRefused, NrsRefused, NrsUnavailable, OutcomeUnknown, Said
from taxpoynt.nrs.refusals import faults_of
from taxpoynt.ports import NrsAnswer, NrsInvoiceStatus, SaleRecord
from taxpoynt.services.submission import SETTLING, Submission
from tests.fakes.outside import FakeNrs, refusal
from tests.fakes.world import CONNECTOR, MERCHANT, PROFILE, World, won

GENERAL = "validation failed: we are unable to process your request"
IDS = (MERCHANT, CONNECTOR, "8")
HOUR = timedelta(hours=1)


def general() -> OutcomeUnknown:
    """NRS's sentence for a duplicate and for anything else."""
    error = OutcomeUnknown("NRS answered 400")
    error.answered, error.faults = True, faults_of("", GENERAL)
    return error


class LateNrs(FakeNrs):
    """Registers what it got some time after it gave up answering; refuses or breaks as told before each sign."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.pending: list[tuple[datetime, str, bytes]] = []
        self.plan: list[tuple[str, float]] = []
        self.refuse_validate: list[NrsRefused | NrsKeyRefused] = []
        self.service = "94ND90NR"

    def _arrive(self) -> None:
        now = self.world.clock.now()
        for at, irn, body in list(self.pending):
            if at <= now:
                self.pending.remove((at, irn, body))
                self.signed.setdefault(irn, body)

    def validate(self, body: bytes) -> NrsAnswer:
        self._arrive()
        if f"-{self.service}-" not in json.loads(body)["irn"]:
            raise refusal("NRS-111")
        if self.refuse_validate:
            raise self.refuse_validate.pop(0)
        return super().validate(body)

    def sign(self, body: bytes) -> NrsAnswer:
        self._arrive()
        kind, hours = self.plan.pop(0) if self.plan else ("ok", 0.0)
        irn = json.loads(body)["irn"]
        if kind == "late":
            self.pending.append((self.world.clock.now() + timedelta(hours=hours), irn, body))
            raise OutcomeUnknown("time-out")
        if kind == "lost":
            raise OutcomeUnknown("time-out")
        if kind == "refused":
            raise refusal("NRS-101")
        if kind == "general":  # nothing was registered, or it was before
            raise general()
        if kind == "general_after":
            super().sign(body)
            raise general()
        return super().sign(body)

    def look_up(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        self._arrive()
        return super().look_up(irn, business_id)


def late_world(kind: type[Submission] = Submission) -> tuple[World, LateNrs]:
    world = World()
    nrs = LateNrs(world)
    world.nrs = nrs
    world.wire()
    world.submission = kind(world.stores, world.desk)
    world.recover = replace(world.recover, submission=world.submission)
    world.steps = [
        (name, replace(step, submission=world.submission) if name == "SubmitInvoice" else step)  # type: ignore[type-var]
        for name, step in world.steps
    ]
    world.platform.won("8")
    return world, nrs


def profile(world: World, **changes: Any) -> None:
    known = world.connections.get_merchant(MERCHANT)
    world.connections.put_merchant(MERCHANT, known.profile.model_copy(update=changes), expected_version=known.version)


def live(world: World, nrs: LateNrs, story: list[tuple[str, float]]) -> None:
    """The merchant mends things whenever asked to, also the service id; NRS does what the story says."""
    nrs.plan = [(kind, hours) for kind, hours in story if kind in SIGNS]
    nrs.refuse_validate = [refusal("NRS-107") for kind, _ in story if kind == "refused_at_validate"]
    world.run(world.deliver(won()))
    for number in range(40):
        if world.state() is SaleState.NEEDS_ATTENTION:
            world.platform.won("8", update=number + 2)
            if any(kind == "new_service" for kind, _ in story):
                profile(world, service_id="ZZ99ZZ99")
                nrs.service = "ZZ99ZZ99"
            world.run(world.deliver(won(f"mended{number}")))
        world.run(hours=2)


SIGNS = ("late", "lost", "refused", "general", "general_after")
EVENTS = st.tuples(st.sampled_from([*SIGNS, "refused_at_validate", "new_service"]), st.floats(0.01, 5.9))


@settings(max_examples=120)
@given(st.lists(EVENTS, min_size=1, max_size=6))
@example([("late", 5.9), ("refused", 0.0), ("new_service", 0.0)])
@example([("late", 5.9), *[("general", 0.0)] * 40, ("new_service", 0.0)])
@example([("general", 0.0), ("refused", 0.0), ("new_service", 0.0)])
@example([("late", 3.0), ("refused_at_validate", 0.0), ("new_service", 0.0)])
def test_however_late_nrs_registers_a_sale_has_one_invoice_under_one_irn(story: list[tuple[str, float]]) -> None:
    world, nrs = late_world()
    live(world, nrs, story)
    world.clock.move(hours=12)
    nrs._arrive()
    assert len(nrs.signed) == 1, story
    record = world.sale()
    assert record.state is SaleState.COMPLETED
    assert nrs.signed[record.irn] == world.blobs.get(record.body_key), "what NRS holds is what we say it holds"


class RefusalSettles(Submission):
    """The obvious wrong version: a clear refusal means that nothing is there."""

    def _not_sent(self, before: SaleRecord, record: SaleRecord, call: str, error: Any) -> None:
        super()._not_sent(replace(before, in_doubt=False, tries=0), record, call, error)


def test_taking_a_refusal_in_doubt_for_an_answer_is_caught() -> None:
    world, nrs = late_world(RefusalSettles)
    live(world, nrs, [("late", 1.0), ("refused", 0.0), ("new_service", 0.0)])
    world.clock.move(hours=12)
    nrs._arrive()
    assert len(nrs.signed) == 2


def test_doubt_is_stored_before_sign_leaves() -> None:
    world, nrs = late_world()
    seen = []
    sign = nrs.sign
    nrs.sign = lambda body: (seen.append((world.sale().in_doubt, world.sale().sent_at)), sign(body))[1]  # type: ignore[method-assign, func-returns-value]
    world.run(world.deliver(won()))
    assert seen == [(True, world.clock.now())]
    assert not world.sale().in_doubt


@pytest.mark.parametrize(
    "error",
    [refusal(), NrsKeyRefused("no"), NrsUnavailable("503"), OutcomeUnknown("x")],
    ids=lambda e: type(e).__name__,
)
def test_in_doubt_no_answer_but_nrss_own_frees_the_irn(error: Exception) -> None:
    world, nrs = late_world()
    nrs.plan = [("lost", 0.0)]
    world.do(world.deliver(won()))
    world.convert("8")
    before = world.sale()
    assert before.in_doubt
    nrs.refuse_validate = [error]  # type: ignore[list-item]  # whatever it raises
    world.convert("8")
    after = world.sale()
    assert after.in_doubt
    assert (after.irn, after.body_sha256, after.sent_at) == (before.irn, before.body_sha256, before.sent_at)
    assert after.state in (SaleState.UNKNOWN, SaleState.SUBMITTING)
    assert after.tries > 0
    world.hold(*IDS, reason="BadInput")
    assert world.state() is not SaleState.NEEDS_ATTENTION


def test_after_the_settling_time_a_refusal_is_the_merchants_and_the_irn_stays() -> None:
    world, nrs = late_world()
    nrs.plan = [("lost", 0.0)]
    world.do(world.deliver(won()))
    world.convert("8")
    irn = world.sale().irn
    world.clock.move(seconds=SETTLING.total_seconds())
    nrs.refuse_validate = [refusal("NRS-107")]
    assert world.convert("8") == "held after SubmitInvoice"
    held = world.sale()
    assert (held.state, held.in_doubt, held.irn) == (SaleState.NEEDS_ATTENTION, False, irn)
    profile(world, service_id="ZZ99ZZ99")
    world.platform.won("8", update=2)
    world.starter.take()
    world.do(world.deliver(won("e2")))
    for name, step in world.steps[:3]:
        step(*IDS), name
    assert world.sale().irn == irn, "NRS did not refuse the IRN itself"


def test_a_refusal_in_nrss_general_sentence_reaches_the_merchant_and_the_irn_stays() -> None:
    world, nrs = late_world()
    nrs.plan = [("general", 0.0)] * 200
    world.do(world.deliver(won()))
    world.convert("8")
    assert world.sale().in_doubt, "the first such sentence may mean a duplicate"
    world.run()
    held = world.sale()
    assert (held.state, held.in_doubt) == (SaleState.NEEDS_ATTENTION, False)
    assert [fault.code for fault in held.faults] == ["NRS-199"]
    assert GENERAL in held.faults[0].message
    assert held.tries > 0, "whatever is mended, it goes under the same IRN"
    entries = world.sales.history(*IDS)
    sent = [one.at for one in entries if one.action == "sending"]
    [refused] = [one.at for one in entries if one.action == "refused"]
    assert refused - sent[0] >= SETTLING
    nrs.plan = []
    profile(world, service_id="ZZ99ZZ99")
    world.platform.won("8", update=2)
    world.run(world.deliver(won("e2")))
    assert list(nrs.signed) == [held.irn]


def test_a_sentence_that_came_after_the_registration_is_not_taken_for_a_refusal() -> None:
    """Long settled, NRS registers and says its sentence all the same: asked again, it tells."""
    world, nrs = late_world()
    nrs.plan = [("lost", 0.0)]
    world.do(world.deliver(won()))
    world.convert("8")
    world.clock.move(seconds=SETTLING.total_seconds())
    nrs.plan = [("general_after", 0.0)]
    assert world.convert("8") == "recovering"
    assert world.sale().in_doubt
    world.settle("8")
    assert world.state() is SaleState.COMPLETED
    assert len(nrs.signed) == 1


def test_what_may_be_at_nrs_is_asked_for_and_sent_again_with_the_keys_it_went_with() -> None:
    """Own keys may belong to another environment of NRS, which does not know it and would take it a second time."""
    world, nrs = late_world()
    nrs.plan = [("late", 1.0)]
    world.own_nrs = FakeNrs()
    world.do(world.deliver(won()))
    world.convert("8")
    profile(world, nrs_keys="own")
    world.run(hours=3)
    assert (len(nrs.signed), world.own_nrs.calls) == (1, [])
    assert (world.state(), world.sale().nrs_identity) == (SaleState.COMPLETED, "shared")
    world.platform.won("9")
    world.run(world.deliver(won("e9", "9")))
    assert len(world.own_nrs.signed) == 1, "what was never sent goes with today's keys"


def test_keys_that_nothing_was_sent_with_are_not_kept_to() -> None:
    world, nrs = late_world()
    profile(world, nrs_keys="own")
    nrs.refuse_validate = [NrsKeyRefused("no")]
    world.do(world.deliver(won()))
    world.convert("8")
    assert world.sale().nrs_identity is None
    profile(world, nrs_keys="shared")
    world.run(hours=2)
    assert world.sale().nrs_identity == "shared"


def test_a_merchants_missing_secret_is_its_own_alert_and_hides_nobody_elses() -> None:
    world, _ = late_world()
    other = "m_cccccccccccccccc"
    world.do(world.deliver(won()))
    mine = replace(world.sale(), merchant=other, connection="c_cccccccccccccccc")
    world.connections.put_merchant(other, PROFILE, expected_version=0)
    world.sales.claim(replace(mine, version=0), action="claimed")
    profile(world, nrs_keys="own")
    for merchant in (MERCHANT, MERCHANT, other, other):
        world.hold(merchant, CONNECTOR, "8", reason="ConfigurationError")
    assert [text.split()[0] for _, text in world.alerts.sent] == [MERCHANT, other]
    assert world.state() is SaleState.CLAIMED, "it goes on by itself once the secret is there"


def test_bytes_that_went_before_are_told_from_ours_even_when_they_come_in_late() -> None:
    """Settled, mended, sent anew under the same IRN; then the first bytes turn up at NRS: stop, never adopt."""
    world, nrs = late_world()
    nrs.plan = [("late", 20.0)]
    world.do(world.deliver(won()))
    world.convert("8")
    world.clock.move(hours=7)
    nrs.refuse_validate = [refusal("NRS-107")]
    world.convert("8")
    nrs.plan = [("lost", 0.0)]
    world.platform.won("8", update=2, tin="34567890-0002")
    world.do(world.deliver(won("e2")))
    world.convert("8")
    world.clock.move(hours=20)
    nrs.gives_download = False
    assert world.convert("8") == "held after SubmitInvoice"
    assert world.state() is not SaleState.ACCEPTED
    assert [subject for subject, _ in world.alerts.sent] == ["invoicing stopped: ContentConflict"]


@pytest.mark.parametrize("seen_by_sign", [False, True])
def test_bytes_that_only_validate_saw_do_not_stand_in_the_way_of_those_signed_later(*, seen_by_sign: bool) -> None:
    """Seed 9579, an account without copies: what sign never got NRS cannot hold; what sign got it may."""
    world, nrs = late_world()
    nrs.gives_download = False
    if seen_by_sign:
        nrs.plan = [("refused", 0.0)]
    else:
        nrs.refuse_validate = [refusal("NRS-107")]
    world.run(world.deliver(won()))
    assert world.state() is SaleState.NEEDS_ATTENTION
    nrs.plan = [("general_after", 0.0)]
    world.platform.won("8", update=2, tin="34567890-0002")
    world.run(world.deliver(won("e2")))
    assert (world.state() is SaleState.COMPLETED) is not seen_by_sign
    assert bool(world.alerts.sent) is seen_by_sign, "the operator compares with NRS by hand"


def test_every_answer_is_kept_with_what_it_was_taken_for() -> None:
    world, nrs = late_world()
    no = refusal("NRS-101")
    no.said = Said(400, b'{"error": {"details": "taxcategory.id must be a valid tax category"}}')
    nrs.refuse_validate = [no]
    world.run(world.deliver(won()))
    [entry] = [one for one in world.sales.history(*IDS) if one.action == "refused"]
    assert entry.detail["verdict"] == "NrsRefused"
    assert entry.detail["status"] == "400"
    assert world.blobs.get(entry.detail["answer_key"]) == no.said.body


def test_a_retry_after_is_a_delay_of_the_sale_and_never_of_the_function() -> None:
    world, nrs = late_world()
    world.do(world.deliver(won()))
    nrs.next = [NrsUnavailable("429", retry_after=600)]
    world.convert("8")
    record = world.sale()
    assert record.next_action_at == world.clock.now() + timedelta(seconds=600)
    world.clock.move(seconds=599)
    assert world.sweep()["driven"] == 0
    world.clock.move(seconds=2)
    world.run(hours=1)
    assert world.state() is SaleState.COMPLETED


def test_with_too_little_time_left_nothing_is_begun_and_recovery_goes_on() -> None:
    world, nrs = late_world()
    world.do(world.deliver(won()))
    world.time_left = 29.0
    assert world.convert("8") == "recovering"
    assert nrs.calls == []
    assert world.state() is SaleState.RESERVED
    world.time_left = 100.0
    world.starter.take()
    world.settle("8")
    assert world.state() is SaleState.COMPLETED
