"""The six steps one by one: what each does in its own state, and that it is only a read in any other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import (
    BadInput,
    ContentConflict,
    Fault,
    FaultsFound,
    NrsKeyRefused,
    NrsRefused,
    NrsUnavailable,
    OutcomeUnknown,
    StoreConflict,
)
from taxpoynt.services.recover_submission import LONGEST_WAIT, MAX_TRIES
from taxpoynt.services.same_content import differences, read_copy, same_in_full
from tests.fakes.outside import refusal
from tests.fakes.world import CONNECTOR, MERCHANT, PROFILE, World, won

IDS = (MERCHANT, CONNECTOR, "8")


@pytest.fixture
def world() -> World:
    world = World()
    world.platform.won("8")
    world.do(world.deliver(won()))
    world.starter.take()
    return world


def step(world: World, name: str) -> Any:
    return dict(world.steps)[name](*IDS)


def until(world: World, last: str) -> World:
    for name, one in world.steps:
        one(*IDS)
        if name == last:
            break
    return world


def swept(world: World) -> tuple[int, int]:
    counts = world.sweep()
    return counts["due"], counts["driven"]


def profile(world: World, **changes: Any) -> None:
    known = world.connections.get_merchant(MERCHANT)
    world.connections.put_merchant(MERCHANT, known.profile.model_copy(update=changes), expected_version=known.version)


def test_each_step_leaves_its_mark_and_repeating_it_changes_nothing(world: World) -> None:
    marks = []
    for name, one in world.steps:
        answer = one(*IDS)
        before = world.sale()
        assert one(*IDS) == answer, name
        assert world.sale() == before, name
        marks.append(answer["state"])
    assert marks == ["claimed", "claimed", "reserved", "accepted", "delivering"]


def test_steps_after_the_end_change_nothing(world: World) -> None:
    world.convert("8")
    done = world.sale()
    for name, one in world.steps:
        assert one(*IDS) == {"state": "completed"}, name
    world.hold(*IDS, reason="FaultsFound")
    assert world.recover(*IDS)["settled"]
    assert world.sale() == done


def test_faults_are_kept_with_the_draft_before_they_are_raised(world: World) -> None:
    profile(world, tin=None, service_id=None)
    with pytest.raises(FaultsFound):
        step(world, "ConvertSale")
    record = world.sale()
    assert record.state is SaleState.CLAIMED
    assert record.invoice_key
    assert record.faults
    world.hold(*IDS, reason="FaultsFound")
    assert world.state() is SaleState.NEEDS_ATTENTION
    assert world.alerts.sent == []


def test_checks_and_reservations_wait_for_the_draft_of_the_newest_sale(world: World) -> None:
    for name in ("CheckInvoice", "ReserveInvoice"):
        with pytest.raises(StoreConflict):
            step(world, name)


def test_what_is_reserved_is_what_is_sent_and_never_changes(world: World) -> None:
    until(world, "ReserveInvoice")
    reserved = world.sale()
    profile(world, name="Renamed Ltd")
    world.clock.move(days=400)
    world.convert("8")
    assert world.state() is SaleState.COMPLETED
    assert (world.sale().irn, world.sale().body_sha256) == (reserved.irn, reserved.body_sha256)
    [sent] = world.nrs.signed.values()
    assert sent == world.blobs.get(str(reserved.body_key))
    assert json.loads(sent)["issue_date"] == "2026-03-02"


def test_frozen_bytes_that_changed_in_the_bucket_are_never_sent(world: World) -> None:
    until(world, "ReserveInvoice")
    world.blobs.blobs[str(world.sale().body_key)] = b"{}"
    with pytest.raises(ContentConflict):
        step(world, "SubmitInvoice")
    assert world.nrs.calls == []


def test_in_flight_is_stored_before_the_first_byte_leaves(world: World) -> None:
    until(world, "ReserveInvoice")
    seen = []
    validate = world.nrs.validate
    world.nrs.validate = lambda body: (seen.append(world.state()), validate(body))[1]  # type: ignore[method-assign, func-returns-value]
    step(world, "SubmitInvoice")
    assert seen == [SaleState.SUBMITTING]


def test_a_clear_refusal_keeps_the_irn_and_goes_on_with_new_bytes_once_mended(world: World) -> None:
    until(world, "ReserveInvoice")
    before = world.sale()
    world.nrs.next = [refusal("HSN-001")]
    with pytest.raises(NrsRefused):
        step(world, "SubmitInvoice")
    world.hold(*IDS, reason="NrsRefused")
    held = world.sale()
    assert (held.state, [fault.code for fault in held.faults]) == (SaleState.NEEDS_ATTENTION, ["HSN-001"])
    profile(world, name="Mended Ltd")
    world.platform.won("8", value="1000.00", update=2)
    world.run(world.deliver(won("e2")))
    after = world.sale()
    assert after.state is SaleState.COMPLETED
    assert (after.irn, after.clock) == (before.irn, before.clock)
    assert after.body_sha256 != before.body_sha256


def test_a_mended_service_id_gives_a_new_irn_because_nrs_holds_nothing_under_the_old_one(world: World) -> None:
    profile(world, service_id="WRONG001")
    until(world, "ReserveInvoice")
    world.nrs.next = [refusal("IRN-005")]
    world.convert("8")
    profile(world, service_id="94ND90NR")
    world.run(world.deliver(won("e2")))
    assert world.state() is SaleState.COMPLETED
    assert list(world.nrs.signed) == ["PD8-94ND90NR-20260302"]


@pytest.mark.parametrize("committed", [True, False])
def test_an_unknown_outcome_is_looked_up_before_anything_is_sent(world: World, committed: bool) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next = ["commit_then_unknown" if committed else OutcomeUnknown("time-out")]
    with pytest.raises(OutcomeUnknown):
        step(world, "SubmitInvoice")
    assert world.state() is SaleState.UNKNOWN
    world.nrs.calls.clear()
    step(world, "SubmitInvoice")
    assert world.state() is SaleState.ACCEPTED
    calls = [name for name, _ in world.nrs.calls]
    assert calls == (["look_up"] if committed else ["look_up", "validate", "sign"])


@pytest.mark.parametrize(("downloads", "compared"), [(True, "copy"), (False, "head")])
def test_what_was_taken_over_says_how_far_nrs_let_us_compare_it(world: World, downloads: bool, compared: str) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next, world.nrs.gives_download = ["commit_then_unknown"], downloads
    with pytest.raises(OutcomeUnknown):
        step(world, "SubmitInvoice")
    step(world, "SubmitInvoice")
    entry = world.sales.history(*IDS)[-1]
    assert (entry.action, entry.detail["how"], entry.detail["compared"]) == ("accepted", "found", compared)


@pytest.mark.parametrize("downloads", [True, False])
def test_other_content_under_our_irn_stops_and_alerts(world: World, downloads: bool) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next = [OutcomeUnknown("time-out")]
    world.convert("8")
    sent = json.loads(world.blobs.get(str(world.sale().body_key)))
    sent["legal_monetary_total"]["payable_amount"] = 1
    if not downloads:
        sent["issue_date"] = "2026-03-01"
    world.nrs.gives_download = downloads
    world.nrs.signed[str(world.sale().irn)] = json.dumps(sent).encode()
    with pytest.raises(ContentConflict):
        step(world, "SubmitInvoice")
    world.hold(*IDS, reason="ContentConflict")
    assert world.state() is SaleState.UNKNOWN, "nothing new may be made of a sale NRS holds something of"
    tried = [what for what, _ in world.nrs.calls].count("sign")
    world.run(hours=8)
    assert [what for what, _ in world.nrs.calls].count("sign") == tried
    assert {subject for subject, _ in world.alerts.sent} == {"invoicing stopped: ContentConflict"}


def test_only_the_draft_that_was_checked_is_reserved(world: World) -> None:
    until(world, "CheckInvoice")
    checked = world.sale()
    other = replace(checked, invoice_key="m/invoices/another-conversions-draft.json")
    world.sales.change(other, action="converted")
    with pytest.raises(StoreConflict):
        step(world, "ReserveInvoice")
    assert world.state() is SaleState.CLAIMED


def test_faults_another_conversion_found_stop_this_one_too(world: World) -> None:
    until(world, "ConvertSale")
    fault = Fault("BUYER-002", "buyer.tin", "The buyer's TIN is missing.", "Add it.")
    world.sales.change(replace(world.sale(), faults=(fault,)), action="faults_found")
    with pytest.raises(FaultsFound):
        step(world, "CheckInvoice")


def test_what_was_sent_once_is_looked_up_before_it_is_sent_again_whatever_its_state(world: World) -> None:
    until(world, "ReserveInvoice")
    world.sales.change(replace(world.sale(), tries=1), action="taken_up_again")
    world.nrs.calls.clear()
    step(world, "SubmitInvoice")
    assert [what for what, _ in world.nrs.calls] == ["look_up", "validate", "sign"]


def test_a_mended_service_id_changes_the_irn_only_after_a_clear_refusal(world: World) -> None:
    until(world, "ReserveInvoice")
    first = str(world.sale().irn)
    for tries, stays in ((1, True), (0, False)):
        profile(world, service_id="ZZ99ZZ99")
        again = replace(world.sale(), state=SaleState.NEEDS_ATTENTION, invoice_key=None, checked_key=None, tries=tries)
        world.sales.change(again, action="held")
        world.sales.change(replace(world.sale(), state=SaleState.CLAIMED), action="resumed")
        until(world, "ReserveInvoice")
        assert (world.sale().irn == first) is stays


def test_a_question_nrs_refuses_is_no_answer(world: World) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next = ["commit_then_unknown"]
    with pytest.raises(OutcomeUnknown):
        step(world, "SubmitInvoice")
    look_up = world.nrs.look_up

    def refuse(*_: object) -> Any:
        raise refusal()

    world.nrs.look_up = world.nrs.download = refuse  # type: ignore[method-assign, assignment]
    assert world.recover(*IDS)["settled"] is False
    assert world.state() is SaleState.UNKNOWN
    world.nrs.look_up = look_up  # type: ignore[method-assign]
    assert world.recover(*IDS)["settled"] is True
    assert world.state() is SaleState.ACCEPTED


def test_numbers_are_compared_by_value_and_words_without_case() -> None:
    ours = {"irn": "A-1", "legal_monetary_total": {"payable_amount": 10}, "invoice_line": [1]}
    from decimal import Decimal

    same = {"irn": "a-1", "legal_monetary_total": {"payable_amount": Decimal("10.00")}, "invoice_line": [2]}
    assert differences(ours, same) == []
    assert differences(ours, {**same, "invoice_line": []}) == ["invoice_line"]
    assert differences(ours, {"legal_monetary_total": {"payable_amount": Decimal("10.01")}}) == ["payable_amount"]
    assert differences(ours, {}) == []


def test_compared_in_full_what_we_sent_must_be_there_and_what_nrs_added_does_not_matter() -> None:
    ours = {"irn": "A-1", "lines": [{"net": 10, "name": "Tea"}]}
    assert same_in_full(ours, {"irn": "a-1", "lines": [{"net": 10, "name": "Tea", "id": 7}], "signed_at": "today"})
    assert not same_in_full(ours, {"irn": "A-1", "lines": [{"net": 10}]})
    assert not same_in_full(ours, {"irn": "A-1", "lines": [{"net": 11, "name": "Tea"}]})
    assert not same_in_full(ours, {"irn": "A-1", "lines": []})
    assert not same_in_full(ours, {"irn": "A-1", "lines": "none"})
    assert not same_in_full({"a": {"b": 1}}, {"a": 1})
    assert read_copy(b"not json") == read_copy(b"[1]") == {}


def test_refused_keys_stop_everything_with_one_alert_and_go_on_by_themselves(world: World) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next = [NrsKeyRefused("unable to validate api key")]
    assert world.convert("8") == "held after SubmitInvoice"
    world.hold(*IDS, reason="NrsKeyRefused")
    assert len(world.alerts.sent) == 1
    assert world.state() is SaleState.SUBMITTING
    world.run(hours=2)
    assert world.state() is SaleState.COMPLETED


def test_an_outage_of_two_days_loses_nothing_and_drains(world: World) -> None:
    world.nrs.next = [NrsUnavailable("503") for _ in range(40)]
    world.run(world.deliver(won("e2")), hours=72)
    assert world.state() is SaleState.COMPLETED


def test_recovery_waits_grow_with_jitter_up_to_an_hour(world: World) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next = [OutcomeUnknown("x") for _ in range(200)]
    world.convert("8")
    waits: list[int] = []
    answer: Any = {"gave_up": False, "run": 0}
    for _ in range(MAX_TRIES):
        answer = world.recover(*IDS, run=answer["run"])
        waits.append(answer["wait_seconds"])
        world.clock.move(seconds=waits[-1])
        assert world.sale().next_action_at > world.clock.now()
        if answer["gave_up"]:
            break
    assert answer["gave_up"]
    assert waits[0] < 120
    assert max(waits) <= LONGEST_WAIT
    assert sum(waits) > 48 * 3600


def test_recovery_honours_what_nrs_asks_for(world: World) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next = [OutcomeUnknown("x"), NrsUnavailable("429", retry_after=1800)]
    world.convert("8")
    assert world.recover(*IDS)["wait_seconds"] == 1800


def test_giving_up_tells_the_operator_and_leaves_the_sale_to_the_sweeper(world: World) -> None:
    until(world, "ReserveInvoice")
    world.nrs.next = [OutcomeUnknown("x")]
    world.convert("8")
    world.hold(*IDS, reason="GaveUp")
    assert world.state() is SaleState.UNKNOWN
    assert len(world.alerts.sent) == 1
    world.run(hours=2)
    assert world.state() is SaleState.COMPLETED


@pytest.mark.parametrize(("keys", "code"), [(None, "STAMP-001"), ("broken", "STAMP-002")])
def test_without_usable_keys_an_acceptance_is_kept_and_says_what_is_missing(
    world: World, keys: str | None, code: str
) -> None:
    profile(world, crypto_keys=keys)
    world.convert("8")
    record = world.sale()
    assert (record.state, [fault.code for fault in record.faults]) == (SaleState.ACCEPTED, [code])
    world.run(hours=2)
    assert world.state() is SaleState.ACCEPTED
    assert len(world.nrs.signed) == 1
    profile(world, crypto_keys=PROFILE.crypto_keys)
    world.run(hours=2)
    assert world.state() is SaleState.COMPLETED
    assert world.sale().faults == ()


def test_the_first_stamp_is_the_only_one_ever_printed(world: World) -> None:
    until(world, "SubmitInvoice")
    accepted = world.sale()
    step(world, "RecordOutcome")
    world.sales.sales[next(iter(world.sales.sales))] = replace(accepted, version=world.sale().version)
    step(world, "RecordOutcome")
    assert world.blobs.get(world.sale().documents["stamp"]).startswith(b"stamp1\n")
    assert b"stamp1" in world.blobs.get(world.sale().documents["pdf"])
    assert b"stamp1" in world.blobs.get(world.sale().documents["qr"])


def test_a_hold_that_comes_late_does_not_stop_a_sale_that_goes_on(world: World) -> None:
    until(world, "CheckInvoice")
    before = world.sale()
    world.hold(*IDS, reason="FaultsFound")
    assert world.sale() == before
    assert world.alerts.sent == []


def test_a_defect_of_ours_is_held_with_an_alert_and_words_for_the_merchant(world: World) -> None:
    world.hold(*IDS, reason="BadInput")
    record = world.sale()
    assert (record.state, [fault.code for fault in record.faults]) == (SaleState.NEEDS_ATTENTION, ["STOP-001"])
    world.hold(*IDS, reason="BadInput")
    assert len(world.alerts.sent) == 2 or world.sale() == record


def test_an_unreadable_stored_sale_is_bad_input(world: World) -> None:
    world.blobs.blobs[world.sale().sale_key] = b"[]"
    with pytest.raises(BadInput, match="a stored Sale"):
        step(world, "ConvertSale")


def test_the_sweeper_takes_the_oldest_legal_due_time_first_and_never_drives_twice(world: World) -> None:
    for number in range(3):
        world.platform.won(str(number))
        world.do(world.deliver(won(f"x{number}", str(number))))
        known = world.sales.get(MERCHANT, CONNECTOR, str(number))
        clock = replace(known.clock, due_at=known.clock.due_at - timedelta(days=number))
        world.sales.sales[f"M#{MERCHANT}#S#{CONNECTOR}#{number}"] = replace(known, clock=clock)
    world.starter.take()
    world.clock.move(minutes=15)
    assert swept(world) == (4, 4)
    assert [sale_id for _, _, _, sale_id, _ in world.starter.take()] == ["2", "1", "0", "8"]
    assert swept(world) == (0, 0)


def test_no_claim_is_without_an_owner_for_more_than_a_quarter_of_an_hour(world: World) -> None:
    """Claimed, and the execution was never started: the sweeper takes it up."""
    assert world.starter.started == []
    world.run(hours=0)
    world.clock.move(minutes=2)
    assert world.sweep()["driven"] == 1
    world.run()
    assert world.state() is SaleState.COMPLETED


def test_the_sweeper_loses_against_whoever_wrote_meanwhile(world: World) -> None:
    world.clock.move(minutes=15)
    due = world.sales.due(world.clock.now(), limit=9)
    step(world, "ConvertSale")
    world.sales.due = lambda now, limit: due  # type: ignore[method-assign, misc]  # what an older read saw
    assert swept(world) == (1, 0)


def test_held_sales_are_looked_at_again_even_if_no_notice_comes(world: World) -> None:
    profile(world, tin=None)
    world.convert("8")
    assert world.state() is SaleState.NEEDS_ATTENTION
    profile(world, tin=PROFILE.tin)
    world.run(hours=8)
    assert world.state() is SaleState.COMPLETED
