from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from taxpoynt.domain.keys import sale_key
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, ContentConflict, CreditTooLarge, Fault, NotFound, Rejected, StoreConflict
from taxpoynt.ports import Credit, SaleRecord
from taxpoynt.storage import history
from tests.fakes.clock import START, FakeClock
from tests.unit.storage.records import sale

ORGANISATION = RecordRef(resource="organization", id="77")
FAULT = Fault("BUYER-002", "buyer.tin", "The buyer has no TIN.", "Enter it.")


def claimed(sales: Any, record: SaleRecord) -> SaleRecord:
    stored: SaleRecord = sales.claim(record, action="claimed")[0]
    return stored


def held(sales: Any, record: SaleRecord) -> SaleRecord:
    stored: SaleRecord = sales.change(replace(record, state=SaleState.NEEDS_ATTENTION, faults=(FAULT,)), action="held")
    return stored


def test_the_first_claim_wins_and_others_get_what_is_stored(sales: Any) -> None:
    first, won = sales.claim(sale(), action="claimed")
    second, won_again = sales.claim(sale(sale_key="m_a/sales/other.json"), action="claimed")
    assert (won, won_again) == (True, False)
    assert second == first
    assert first.version == 1


def test_a_record_comes_back_as_it_was_stored(sales: Any, clock: FakeClock) -> None:
    stored = claimed(sales, sale(faults=(FAULT,), documents={"pdf": "m_a/documents/x.pdf"}, total="10.50", tries=3))
    assert sales.get("m_a", "pipedrive", "8") == stored
    assert (stored.created_at, stored.updated_at) == (clock.now(), clock.now())


def test_an_unknown_sale_and_somebody_elses_look_the_same(sales: Any) -> None:
    claimed(sales, sale())
    for merchant, number in (("m_a", "9"), ("m_b", "8")):
        with pytest.raises(NotFound, match="no such sale"):
            sales.get(merchant, "pipedrive", number)
        with pytest.raises(NotFound):
            sales.history(merchant, "pipedrive", number)
        with pytest.raises(NotFound):
            sales.change(sale(number, merchant=merchant, version=1), action="x")


def test_a_key_with_an_empty_part_is_refused(sales: Any) -> None:
    with pytest.raises(BadInput):
        sales.claim(sale(""), action="claimed")


def test_what_a_submission_notes_comes_back_as_it_was_written(sales: Any) -> None:
    first = claimed(sales, sale())
    noted = replace(first, nrs_identity="own", put_offs=3, in_doubt=True, sent_at=START)
    written = sales.change(noted, action="sending")
    assert sales.get("m_a", "pipedrive", "8") == written
    assert (written.nrs_identity, written.put_offs) == ("own", 3)


def test_a_change_over_an_older_version_is_a_conflict_and_changes_nothing(sales: Any) -> None:
    first = claimed(sales, sale())
    sales.change(replace(first, invoice_key="a"), action="converted")
    with pytest.raises(StoreConflict):
        sales.change(replace(first, invoice_key="b"), action="converted")
    assert sales.get("m_a", "pipedrive", "8").invoice_key == "a"
    assert len(sales.history("m_a", "pipedrive", "8")) == 2


def test_a_state_that_may_not_follow_is_refused(sales: Any) -> None:
    first = claimed(sales, sale())
    with pytest.raises(Rejected, match="claimed"):
        sales.change(replace(first, state=SaleState.ACCEPTED), action="accepted")


def test_the_history_is_an_unbroken_chain_and_tells_every_step(sales: Any) -> None:
    record = held(sales, claimed(sales, sale()))
    sales.change(replace(record, state=SaleState.CLAIMED), action="resumed", detail={"why": "changed"})
    entries = sales.history("m_a", "pipedrive", "8")
    assert [entry.action for entry in entries] == ["claimed", "held", "resumed"]
    assert [entry.before for entry in entries] == [None, SaleState.CLAIMED, SaleState.NEEDS_ATTENTION]
    chain = sale_key("m_a", "pipedrive", "8")
    assert history.unbroken(chain, entries)
    for forged in (
        [*entries[:-1], replace(entries[-1], action="completed")],
        entries[1:],
        [entries[0], entries[2]],
        [],
    ):
        assert not history.unbroken(chain, forged)
    assert not history.unbroken(sale_key("m_a", "pipedrive", "9"), entries)


def test_an_irn_and_a_number_belong_to_one_sale(sales: Any) -> None:
    first = replace(claimed(sales, sale()), state=SaleState.RESERVED, number="PD8", irn="PD8-94ND90NR-20260302")
    second = claimed(sales, sale("9"))
    stored = sales.reserve(first, action="reserved")
    assert sales.find_by_irn("m_a", "PD8-94ND90NR-20260302") == stored
    for stolen in ({"irn": stored.irn, "number": "PD9"}, {"irn": "PD9-94ND90NR-20260302", "number": "PD8"}):
        with pytest.raises(ContentConflict):
            sales.reserve(replace(second, state=SaleState.RESERVED, **stolen), action="reserved")
    assert sales.get("m_a", "pipedrive", "9") == second
    with pytest.raises(NotFound):
        sales.find_by_irn("m_a", "PD9-94ND90NR-20260302")
    with pytest.raises(NotFound):
        sales.find_by_irn("m_b", "PD8-94ND90NR-20260302")


def test_the_same_sale_may_reserve_its_irn_again(sales: Any) -> None:
    first = replace(claimed(sales, sale()), state=SaleState.RESERVED, number="PD8", irn="PD8-94ND90NR-20260302")
    stored = sales.reserve(first, action="reserved")
    again = sales.reserve(replace(stored, body_key="new"), action="reserved")
    assert again.body_key == "new"
    with pytest.raises(StoreConflict):
        sales.reserve(stored, action="reserved")
    with pytest.raises(Rejected, match="nothing to reserve"):
        sales.reserve(replace(again, irn=None), action="reserved")


def test_held_sales_are_found_by_what_they_depend_on_until_they_go_on(sales: Any) -> None:
    record = held(sales, claimed(sales, sale()))
    claimed(sales, sale("9"))
    assert sales.held_by("m_a", "pipedrive", ORGANISATION) == ["8"]
    assert sales.held_by("m_b", "pipedrive", ORGANISATION) == []
    assert sales.held_by("m_a", "pipedrive", RecordRef(resource="organization", id="78")) == []
    sales.change(replace(record, state=SaleState.CLAIMED), action="resumed")
    assert sales.held_by("m_a", "pipedrive", ORGANISATION) == []


def test_what_is_due_comes_with_the_oldest_legal_due_time_first(sales: Any, clock: FakeClock) -> None:
    claimed(sales, sale("1", day=date(2026, 3, 2), next_action_at=clock.now() - timedelta(hours=2)))
    claimed(sales, sale("2", day=date(2026, 3, 1), next_action_at=clock.now() - timedelta(seconds=1)))
    claimed(sales, sale("3", day=date(2026, 2, 1), next_action_at=clock.now() + timedelta(seconds=1)))
    claimed(sales, sale("4", day=date(2026, 1, 1), next_action_at=None))
    assert [one.sale_id for one in sales.due(clock.now(), limit=10)] == ["2", "1"]
    assert [one.sale_id for one in sales.due(clock.now(), limit=1)] == ["2"]
    clock.move(seconds=2)
    assert [one.sale_id for one in sales.due(clock.now(), limit=10)] == ["3", "2", "1"]


def test_a_completed_sale_is_due_only_while_a_payment_is_still_to_be_told(sales: Any, clock: FakeClock) -> None:
    record = claimed(sales, sale(next_action_at=clock.now()))
    for state in (SaleState.RESERVED, SaleState.SUBMITTING, SaleState.ACCEPTED, SaleState.COMPLETED):
        assert sales.due(clock.now(), limit=9)
        record = sales.change(replace(record, state=state), action="on")
    assert sales.due(clock.now(), limit=9)
    sales.change(replace(record, next_action_at=None), action="told")
    assert sales.due(clock.now(), limit=9) == []


def pages(sales: Any, merchant: str, limit: int, state: SaleState | None = None) -> list[list[str]]:
    found, cursor = [], None
    while True:
        page, cursor = sales.list_sales(merchant, limit=limit, cursor=cursor, state=state)
        found.append([one.sale_id for one in page])
        if cursor is None:
            return found


def test_lists_give_the_newest_day_first_and_every_sale_once(sales: Any) -> None:
    for number, day in enumerate((date(2025, 12, 31), date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 2))):
        claimed(sales, sale(str(number), day=day))
    claimed(sales, sale("8", merchant="m_b"))
    for limit in (1, 2, 3, 4, 50):
        listed = pages(sales, "m_a", limit)
        assert [one for page in listed for one in page] == ["3", "2", "1", "0"]
        assert all(len(page) <= limit for page in listed)
    assert pages(sales, "m_c", 10) == [[]]


def test_a_sale_whose_day_changes_is_listed_under_the_new_one(sales: Any) -> None:
    """Answered for on another day, or won again: no other sale need have marked that day."""
    record = claimed(sales, sale(day=date(2026, 3, 2)))
    sales.change(replace(record, clock=sale(day=date(2026, 3, 5)).clock), action="answered")
    assert pages(sales, "m_a", 5) == [["8"]]


def test_lists_can_be_narrowed_to_a_state(sales: Any) -> None:
    for number in range(5):
        record = claimed(sales, sale(str(number), day=date(2026, 3, 1 + number)))
        if number % 2:
            held(sales, record)
    attention = pages(sales, "m_a", 1, SaleState.NEEDS_ATTENTION)
    assert [one for page in attention for one in page] == ["3", "1"]
    assert [one for page in pages(sales, "m_a", 2, SaleState.CLAIMED) for one in page] == ["4", "2", "0"]


def test_a_cursor_that_is_not_ours_is_bad_input(on_aws: None, clock: FakeClock) -> None:
    from taxpoynt.storage.clients import client
    from taxpoynt.storage.sales import DynamoSaleStore

    sales = DynamoSaleStore(client("dynamodb"), "invoices", clock)
    for cursor in ("@@", "bm90IGpzb24=", "WzFd"):
        with pytest.raises(BadInput):
            sales.list_sales("m_a", limit=5, cursor=cursor)


# --- families and credit ---------------------------------------------------------------------------------------------


def note(sale_id: str = "8:C1", corrects: str = "8", **more: Any) -> SaleRecord:
    return sale(sale_id, document="credit_note", corrects=corrects, **more)


def reserving(record: SaleRecord) -> SaleRecord:
    number = "PD" + record.sale_id.replace(":", "")
    return replace(record, state=SaleState.RESERVED, number=number, irn=f"{number}-94ND90NR-20260302")


def credit(amount: str, sale_id: str = "8", limit: str = "100") -> Credit:
    return Credit(sale_id=sale_id, amount=Decimal(amount), limit=Decimal(limit))


def test_a_family_is_every_document_made_from_or_against_a_sale_in_order(sales: Any, clock: FakeClock) -> None:
    for record in (sale(), note(), note("8:D1"), note("r77"), note("8:C2", "8:D1"), note("9:C1", "9")):
        claimed(sales, record)
        clock.move(seconds=1)
    claimed(sales, note("r78", merchant="m_b"))
    for any_of_them in ("8", "8:C1", "8:C2"):
        found = [one.sale_id for one in sales.family("m_a", "pipedrive", any_of_them)]
        assert found == ["8:C1", "8:D1", "r77", "8:C2"]
    assert sales.family("m_a", "pipedrive", "10") == []


def test_a_refund_that_could_not_be_read_at_first_joins_its_family_when_it_can(sales: Any) -> None:
    claimed(sales, sale())
    record = claimed(sales, sale("r77"))
    assert sales.family("m_a", "pipedrive", "8") == []
    sales.change(replace(record, document="credit_note", corrects="8"), action="resumed")
    assert [one.sale_id for one in sales.family("m_a", "pipedrive", "8")] == ["r77"]


def test_credit_notes_never_take_more_than_their_document_says(sales: Any) -> None:
    first, second = claimed(sales, note()), claimed(sales, note("r77"))
    sales.reserve(reserving(first), action="reserved", credit=credit("60"))
    with pytest.raises(CreditTooLarge):
        sales.reserve(reserving(second), action="reserved", credit=credit("40.01"))
    assert sales.get("m_a", "pipedrive", "r77") == second, "nothing of the reservation was written"
    sales.reserve(reserving(second), action="reserved", credit=credit("40"))
    other = claimed(sales, note("8:C2", "8:D1"))
    sales.reserve(reserving(other), action="reserved", credit=credit("100", "8:D1"))


def test_a_note_that_reserves_again_takes_its_credit_once(sales: Any) -> None:
    stored = sales.reserve(reserving(claimed(sales, note())), action="reserved", credit=credit("60"))
    again = sales.reserve(replace(stored, body_key="new"), action="reserved", credit=credit("100"))
    assert again.body_key == "new"


@pytest.mark.parametrize("state", [SaleState.SUBMITTING, SaleState.UNKNOWN])
def test_a_refused_note_gives_its_credit_back(sales: Any, state: SaleState) -> None:
    stored = sales.reserve(reserving(claimed(sales, note())), action="reserved", credit=credit("60"))
    for step in dict.fromkeys((SaleState.SUBMITTING, state)):
        stored = sales.change(replace(stored, state=step), action="on")
    held(sales, stored)
    sales.reserve(reserving(claimed(sales, note("r77"))), action="reserved", credit=credit("100"))


def test_the_laws_hours_do_not_run_for_a_change_nobody_has_decided_on(sales: Any, clock: FakeClock) -> None:
    asked = Fault("CHANGE-002", "", "Less.", "Issue or ignore.")
    record = claimed(sales, note(day=date(2026, 1, 1), state=SaleState.NEEDS_ATTENTION, faults=(asked,)))
    assert sales.legal_watch(clock.now()).earliest is None
    sales.change(replace(record, state=SaleState.CLAIMED, faults=()), action="answered")
    assert sales.legal_watch(clock.now()).earliest == record.clock.due_at


def test_a_sale_claimed_with_a_question_is_found_like_any_held_one(sales: Any) -> None:
    claimed(sales, note(state=SaleState.NEEDS_ATTENTION, faults=(FAULT,)))
    assert sales.held_by("m_a", "pipedrive", ORGANISATION) == ["8:C1"]
    assert pages(sales, "m_a", 5, SaleState.NEEDS_ATTENTION) == [["8:C1"]]


def test_an_accepted_sale_that_waits_for_its_stamp_is_listed_with_the_held_ones(sales: Any) -> None:
    record = claimed(sales, sale())
    for state in (SaleState.RESERVED, SaleState.SUBMITTING):
        record = sales.change(replace(record, state=state), action="on")
    record = sales.change(replace(record, state=SaleState.ACCEPTED, faults=(FAULT,)), action="stamp_waits")
    assert pages(sales, "m_a", 5, SaleState.NEEDS_ATTENTION) == [["8"]]
    sales.change(replace(record, state=SaleState.COMPLETED, faults=()), action="completed")
    assert pages(sales, "m_a", 5, SaleState.NEEDS_ATTENTION) == [[]]


def test_two_reservations_at_once_cannot_both_take_the_last_naira(on_aws: None, clock: FakeClock) -> None:
    """Between the other's reading and writing: only a condition inside the transaction can tell."""
    from taxpoynt.storage import families
    from taxpoynt.storage.clients import client
    from taxpoynt.storage.sales import DynamoSaleStore

    sales = DynamoSaleStore(client("dynamodb"), "invoices", clock)
    first, second = claimed(sales, note()), claimed(sales, note("r77"))
    taken = families.taken

    def slowly(table: Any, record: SaleRecord, wanted: Credit) -> Any:
        put = taken(table, record, wanted)
        if record.sale_id == "8:C1":
            sales.reserve(reserving(second), action="reserved", credit=credit("60"))
        return put

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(families, "taken", slowly)
        with pytest.raises(StoreConflict):
            sales.reserve(reserving(first), action="reserved", credit=credit("60"))
    with pytest.raises(CreditTooLarge):
        sales.reserve(reserving(first), action="reserved", credit=credit("60"))
