"""How what NRS does not hold yet stands to the law."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from taxpoynt.domain.status import SaleState
from taxpoynt.ports import LegalWatch
from tests.unit.storage.records import sale

DUE = sale().clock.due_at


def test_with_nothing_open_there_is_nothing_to_watch(sales: Any) -> None:
    assert sales.legal_watch(DUE) == LegalWatch(earliest=None, late=0, late_targets=0)


def test_the_earliest_is_found_over_all_shards_and_what_is_late_is_counted(sales: Any) -> None:
    for number in range(12):
        record = sale(str(number))
        clock = replace(record.clock, due_at=DUE + timedelta(hours=number))
        sales.claim(replace(record, clock=clock), action="claimed")
    assert sales.legal_watch(DUE - timedelta(hours=5)) == LegalWatch(earliest=DUE, late=0)
    assert sales.legal_watch(DUE - timedelta(hours=4)).late == 1
    assert sales.legal_watch(DUE + timedelta(hours=1)).late == 6


def test_a_held_sale_counts_and_one_nrs_holds_or_that_was_withdrawn_does_not(sales: Any) -> None:
    held, _ = sales.claim(sale("1"), action="claimed")
    sales.change(replace(held, state=SaleState.NEEDS_ATTENTION), action="held")
    gone, _ = sales.claim(sale("2"), action="claimed")
    sales.change(replace(gone, state=SaleState.WITHDRAWN), action="withdrawn")
    record, _ = sales.claim(sale("3"), action="claimed")
    record = sales.reserve(replace(record, state=SaleState.RESERVED, irn="I-1", number="N1"), action="reserved")
    record = sales.change(replace(record, state=SaleState.SUBMITTING), action="sending")
    assert sales.legal_watch(DUE).late == 2
    sales.change(replace(record, state=SaleState.ACCEPTED), action="accepted")
    assert sales.legal_watch(DUE).late == 1


def test_b2b_has_no_legal_hour_and_is_counted_apart(sales: Any) -> None:
    for number, kind in enumerate((None, "B2C", "B2B", "B2G")):
        sales.claim(replace(sale(str(number)), kind=kind), action="claimed")
    assert sales.legal_watch(DUE) == LegalWatch(earliest=DUE, late=2, late_targets=2)
