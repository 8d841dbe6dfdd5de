"""Nine years go by: nothing leaves before its day, nothing stays after it, and a hold stops the purge alone (P9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt import retention
from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.domain.ledger import Head, next_block, to_bytes
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, ConfigurationError, NotFound, Said, StoreConflict
from taxpoynt.services.erase import EraseBuyer, EraseMerchant, Erasing
from taxpoynt.services.legal_hold import LegalHold
from taxpoynt.services.purge_expired import PurgeExpired
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import refusal
from tests.fakes.retention import FakeRetentionStore
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, PROFILE, World, won
from tests.unit.storage.records import sale

OTHER = "m_cccccccccccccccc"


class Years:
    """A world whose clock runs a day at a time; a purge each day."""

    def __init__(self, purge: type[PurgeExpired] = PurgeExpired, *, sale_years: int = 7, per_run: int = 2000) -> None:
        self.world = World()
        self.store = FakeRetentionStore(self.world.sales)
        self.ledger = FakeLedger(self.world.clock)
        world = self.world
        erasing = Erasing(world.sales, world.blobs, self.ledger, world.clock, sale_years)
        self.erase = EraseMerchant(erasing, world.connections, self.store, world.queue, world.rules)
        self.erase_buyer = EraseBuyer(erasing, world.connections)
        self.holds = LegalHold(world.connections, self.store, self.ledger, world.clock)
        self.purge = purge(
            world.sales, world.blobs, self.store, self.ledger, self.erase, world.clock, sale_years, per_run
        )
        world.connections.put_merchant(OTHER, PROFILE, expected_version=0)

    def at(self, *day: int) -> dict[str, int]:
        """The purge of that day, at one in the morning in Lagos."""
        self.world.clock.move(seconds=(datetime(*day, tzinfo=UTC) - self.world.clock.now()).total_seconds())  # type: ignore[arg-type, misc]
        return dict(self.purge())

    def sold(self, sale_id: str, merchant: str, day: date) -> None:
        """A sale of any day, as far as the purge looks at it."""
        record = sale(sale_id, merchant=merchant, day=day, next_action_at=None)
        record = self.world.sales.claim(record, action="claimed")[0]
        invoice_key, body_key = f"{merchant}/invoices/{sale_id}.json", f"{merchant}/submissions/{sale_id}"
        kept = replace(record, invoice_key=invoice_key, body_key=body_key)
        done = replace(kept, state=SaleState.RESERVED, irn=f"I{sale_id}-A-1", number=f"I{sale_id}")
        self.world.sales.reserve(done, action="reserved")
        for key in (done.record_key, done.sale_key, invoice_key, body_key):
            self.world.blobs.put(key, b"{}", content_type="x")

    def left(self) -> set[tuple[str, str]]:
        return {(one.merchant, one.sale_id) for one in self.world.sales.sales.values()}


@pytest.fixture
def years() -> Years:
    return Years()


def test_a_sale_stays_until_the_last_day_of_the_seventh_year_after_its_own() -> None:
    for day in (date(2026, 1, 1), date(2026, 12, 31), date(2024, 2, 29)):
        last = retention.last_day(day, 7)
        assert last == date(day.year + 7, 12, 31)
        assert day >= retention.first_kept(last, 7)
        assert day < retention.first_kept(last + timedelta(days=1), 7)


@given(
    st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 20)
)
def test_a_day_is_due_exactly_when_its_last_day_is_over(day: date, today: date, sale_years: int) -> None:
    assert (day < retention.first_kept(today, sale_years)) == (today > retention.last_day(day, sale_years))


def life_of_an_invoice(years: Years) -> list[str]:
    """Nine years of one real invoice, seen every day around the new years; what went wrong."""
    world = years.world
    world.platform.won("8")
    world.run(world.deliver(won()), hours=1)
    assert world.state() is SaleState.COMPLETED
    kept = set(world.blobs.blobs)
    record = world.sale()
    wrong = []
    for year in range(2026, 2036):
        for later, month, day in ((0, 12, 31), (1, 1, 1), (1, 1, 2)):
            years.at(year + later, month, day)
            today = world.clock.now().date()
            there, due = bool(years.left()), today > date(2033, 12, 31)
            expired = {key for key in kept if world.blobs.classes.get(key) == "expired"}
            if there == due:
                wrong.append(f"{today}: the sale is {'still there' if there else 'gone'}")
            backing = {
                record.record_key,
                record.sale_key,
                record.invoice_key,
                record.body_key,
                *record.documents.values(),
            }
            if (backing <= expired) != due or (expired and not due):
                wrong.append(f"{today}: its objects")
    return wrong


def test_an_invoice_leaves_on_the_first_day_of_the_eighth_year(years: Years) -> None:
    assert life_of_an_invoice(years) == []
    assert [(note["action"], note["subject"]) for note in years.ledger.noted] == [("purged", "2026-03-02")]


class AYearEarly(PurgeExpired):
    """The obvious wrong version: seven years from the sale, not from the end of its year."""

    def __call__(self) -> Any:
        return PurgeExpired.__call__(replace(self, sale_years=self.sale_years - 1))


class AYearLate(PurgeExpired):
    def __call__(self) -> Any:
        return PurgeExpired.__call__(replace(self, sale_years=self.sale_years + 1))


@pytest.mark.parametrize("twin", [AYearEarly, AYearLate])
def test_a_purge_that_is_off_by_a_year_is_caught(twin: type[PurgeExpired]) -> None:
    assert life_of_an_invoice(Years(twin))


def nine_years_with_a_hold(years: Years) -> list[str]:
    """Two merchants sell every quarter; one is held from 2030 to 2036. What went wrong."""
    wrong = []
    days = [date(year, month, 15) for year in range(2026, 2030) for month in (3, 6, 9, 12)]
    for number, day in enumerate(days):
        years.sold(str(number), MERCHANT, day)
        years.sold(str(number), OTHER, day)
    years.at(2030, 1, 1)
    years.holds.put(MERCHANT, who="Ada", why="court order 12/2030")
    for year in range(2031, 2037):
        years.at(year, 1, 1)
        due = {str(n) for n, day in enumerate(days) if year > day.year + 7}
        held, free = ({s for m, s in years.left() if m == merchant} for merchant in (MERCHANT, OTHER))
        if held != {str(n) for n in range(len(days))}:
            wrong.append(f"{year}: the held merchant lost something")
        if free != {str(n) for n in range(len(days))} - due:
            wrong.append(f"{year}: the other merchant has {sorted(free)}")
    years.holds.lift(MERCHANT, who="Ada", why="order ended")
    years.at(2036, 1, 2)
    if {s for m, s in years.left() if m == MERCHANT} != {str(n) for n, day in enumerate(days) if day.year + 7 >= 2036}:
        wrong.append("after the hold")
    return wrong


def test_a_purge_touches_neither_a_held_merchant_nor_what_is_not_due(years: Years) -> None:
    assert nine_years_with_a_hold(years) == []
    held = [
        key for key, kind in years.world.blobs.classes.items() if kind == "expired" and key.endswith("submissions/15")
    ]
    assert held == []
    actions = [note["action"] for note in years.ledger.noted]
    assert actions[0] == "hold_put"
    assert "hold_lifted" in actions
    assert actions.count("purged") == 2 * 12


class DeafStore(FakeRetentionStore):
    def hold(self, merchant: str) -> None:
        return None


def test_a_purge_that_ignores_the_hold_is_caught() -> None:
    years = Years()
    years.purge = replace(years.purge, retention=DeafStore(years.world.sales))
    assert nine_years_with_a_hold(years)


def test_a_hold_ordered_while_the_purge_runs_stops_it_at_the_next_sale(years: Years) -> None:
    for number in range(5):
        years.sold(str(number), MERCHANT, date(2026, 5, 1))
    forget, order = years.store.forget_sale, ("Ada", "court order")

    def forget_and_hold(record: Any) -> None:
        forget(record)
        years.holds.put(MERCHANT, who=order[0], why=order[1])

    years.store.forget_sale = forget_and_hold  # type: ignore[method-assign]
    assert years.at(2034, 1, 1)["sales"] == 1
    assert len(years.left()) == 4


def test_a_run_is_bounded_takes_the_oldest_first_and_the_next_one_goes_on() -> None:
    years = Years(per_run=3)
    for number in range(8):
        years.sold(str(number), (MERCHANT, OTHER)[number % 2], date(2025 - number // 4, 5, 1 + number))
    assert years.at(2034, 1, 1) == {"erasures": 0, "days": 3, "sales": 3, "stopped": 1}
    assert {sale_id for _, sale_id in years.left()} == {"0", "1", "2", "3", "7"}
    assert [years.at(2034, 1, day)["sales"] for day in (2, 3, 4)] == [3, 2, 0]
    assert years.left() == set()


def test_thousands_of_held_days_do_not_keep_the_others_waiting(years: Years) -> None:
    for number in range(250):
        years.sold(f"h{number}", MERCHANT, date(2020, 1, 1) + timedelta(days=number))
    years.sold("1", OTHER, date(2021, 1, 1))
    years.holds.put(MERCHANT, who="Ada", why="court order")
    assert years.at(2030, 1, 1)["sales"] == 1
    assert (OTHER, "1") not in years.left()


def test_old_blocks_of_the_ledger_go_a_year_after_their_sales_and_the_rest_still_follows(years: Years) -> None:
    """A sale of January 2027 whose history began in 2026 needs the blocks of 2026 until the end of 2034."""
    head = Head(merchant=OTHER)
    for year in (2026, 2027):
        data = to_bytes(next_block(head, [], sealed_at=f"{year}-12-31T12:00:00+00:00"))
        years.world.blobs.put(f"{OTHER}/ledger/{year - 2025:08}.json", data, content_type="x")
        years.sold(str(year), OTHER, date(year, 1, 4))

    def gone() -> set[str]:
        marked = (key for key, kind in years.world.blobs.classes.items() if kind == "expired")
        return {key for key in marked if "/ledger/" in key}

    assert years.at(2034, 1, 1)["sales"] == 1
    assert gone() == set()
    assert years.store.ledger_from(OTHER) == 1
    assert years.at(2034, 12, 31)["sales"] == 0
    assert years.at(2035, 1, 1)["sales"] == 1
    assert gone() == {f"{OTHER}/ledger/00000001.json"}
    assert years.store.ledger_from(OTHER) == 2


def test_what_an_invoice_is_made_of_is_evidence_and_what_is_held_is_not() -> None:
    world = World()
    world.platform.won("8")
    world.platform.won("9", tin=None)
    world.run(world.deliver(won()), world.deliver(won("e2", "9")))
    invoiced, held = world.sale("8"), world.sale("9")
    assert held.state is SaleState.NEEDS_ATTENTION
    evidence = {key for key, kind in world.blobs.classes.items() if kind == retention.EVIDENCE}
    assert {invoiced.record_key, invoiced.sale_key, invoiced.invoice_key} <= evidence
    assert not {held.record_key, held.sale_key, held.invoice_key} & evidence


def test_a_buyer_is_forgotten_unless_an_invoice_must_be_kept_and_then_is_told_why(years: Years) -> None:
    world = years.world
    world.platform.won("8")
    world.platform.won("9", tin=None)
    world.run(world.deliver(won()), world.deliver(won("e2", "9")))
    kept = years.erase_buyer(MERCHANT, CONNECTOR, "8", who="Ada", why="buyer asked on 2 March")
    gone = years.erase_buyer(MERCHANT, CONNECTOR, "9", who="Ada", why="buyer asked on 2 March")
    assert (kept["outcome"], gone["outcome"]) == ("kept", "erased")
    assert "2033-12-31" in kept["why"]
    assert world.state("8") is SaleState.COMPLETED
    bare = world.sale("9")
    assert (bare.state, bare.faults, bare.next_action_at) == (SaleState.WITHDRAWN, (), None)
    assert world.blobs.classes[bare.sale_key] == world.blobs.classes[bare.record_key] == retention.EXPIRED
    assert [note["action"] for note in years.ledger.noted] == ["buyer_kept", "buyer_erased"]
    with pytest.raises(NotFound):
        years.erase_buyer(OTHER, CONNECTOR, "8", who="Ada", why="not the merchant's sale")


def test_what_was_sent_and_what_nrs_answered_stays_when_a_refused_sale_is_forgotten(years: Years) -> None:
    world = years.world
    answered = refusal()
    answered.said = Said(400, b'{"code": 400}')
    world.nrs.next = [answered]
    world.platform.won("8")
    world.run(world.deliver(won()))
    refused = world.sale("8")
    assert refused.state is SaleState.NEEDS_ATTENTION
    sent = {key for key in world.blobs.blobs if "/submissions/" in key or "/answers/" in key}
    assert len(sent) == 2
    told = years.erase_buyer(MERCHANT, CONNECTOR, "8", who="Ada", why="buyer asked on 2 March")
    assert told["outcome"] == "erased"
    assert "2033-12-31" in told["why"]
    assert "NRS did not accept it" in told["why"]
    expired = {key for key, kind in world.blobs.classes.items() if kind == retention.EXPIRED}
    assert not sent & expired
    assert {refused.record_key, refused.sale_key, refused.invoice_key, refused.inputs_key} <= expired
    years.at(2034, 1, 1)
    assert sent <= {key for key, kind in world.blobs.classes.items() if kind == retention.EXPIRED}


def test_a_sale_at_work_is_not_said_to_be_on_an_invoice(years: Years, monkeypatch: pytest.MonkeyPatch) -> None:
    years.world.sales.claim(sale("5", merchant=OTHER, next_action_at=None), action="claimed")

    def beaten(*_: Any, **__: Any) -> Any:
        raise StoreConflict("somebody wrote first")

    monkeypatch.setattr(years.world.sales, "change", beaten)
    with pytest.raises(StoreConflict, match="ask again"):
        years.erase_buyer(OTHER, CONNECTOR, "5", who="Ada", why="buyer asked")
    assert years.ledger.noted == []


def test_forgetting_a_correction_that_was_never_sent_takes_nothing_from_its_invoice(years: Years) -> None:
    """The question about a deleted deal is made from the very record that backs the invoice."""
    world = years.world
    world.platform.won("8")
    world.run(world.deliver(won()))
    del world.platform.deals["8"]
    world.run(world.deliver(won("e2")))
    assert world.sale("8:C1").record_key == world.sale("8").record_key
    assert years.erase_buyer(MERCHANT, CONNECTOR, "8:C1", who="Ada", why="buyer asked")["outcome"] == "erased"
    invoiced = world.sale("8")
    assert world.blobs.classes[invoiced.record_key] == world.blobs.classes[invoiced.sale_key] == retention.EVIDENCE
    assert world.blobs.classes[world.sale("8:C1").sale_key] == retention.EXPIRED


def test_what_a_credit_note_of_the_next_year_is_made_from_stays_as_long_as_that_note(years: Years) -> None:
    world = years.world
    years.sold("8", OTHER, date(2026, 12, 30))
    years.sold("9", OTHER, date(2026, 12, 30))
    first = world.sales.get(OTHER, CONNECTOR, "8")
    late = sale("8:C1", merchant=OTHER, day=date(2027, 1, 4), document="credit_note", corrects="8")
    world.sales.claim(replace(late, record_key=first.record_key, sale_key="c1"), action="claimed")
    years.at(2034, 1, 1)
    assert world.blobs.classes.get(first.record_key) != retention.EXPIRED
    assert world.blobs.classes[str(first.invoice_key)] == retention.EXPIRED
    years.at(2035, 1, 1)
    assert world.blobs.classes[first.record_key] == retention.EXPIRED


def test_a_merchant_who_leaves_loses_profile_and_cache_and_keeps_invoices(years: Years) -> None:
    world = years.world
    world.platform.won("8")
    world.platform.won("9", tin=None)
    world.run(world.deliver(won()), world.deliver(won("e2", "9")))
    years.erase.ask(MERCHANT, who="Ada", why="contract ended")
    assert [(queue, job["job"]) for queue, job, _ in world.queue.sent] == [("bulk", "disconnect")]
    assert years.at(2026, 3, 3)["erasures"] == 1
    assert world.connections.get_merchant(MERCHANT).profile == PROFILE  # the connection is not ended yet
    world.run()
    assert world.connections.get_connection(MERCHANT, CONNECTION).status is ConnectionStatus.DISCONNECTED
    years.at(2026, 3, 4)
    profile = world.connections.get_merchant(MERCHANT).profile
    assert (profile.tin, profile.name, profile.crypto_keys) == (None, None, None)
    assert world.connections.get_merchant(OTHER).profile == PROFILE
    assert world.state("8") is SaleState.COMPLETED
    assert world.state("9") is SaleState.WITHDRAWN
    assert years.store.erasures(limit=9) == []
    done = years.ledger.noted[-1]
    assert (done["action"], done["by"], done["detail"]["erased"], done["detail"]["kept"]) == ("erased", "Ada", "1", "1")
    assert done["detail"]["kept_because"] == retention.TAX_LAW


def test_a_large_merchants_erasure_goes_on_where_the_day_before_ended(
    years: Years, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taxpoynt.services.erase.PAGE", 2)
    monkeypatch.setattr("taxpoynt.services.erase.PAGES", 1)
    for number in range(5):
        years.world.sales.claim(sale(str(number), merchant=OTHER, next_action_at=None), action="claimed")
    years.erase.ask(OTHER, who="Ada", why="contract ended")
    for day in (3, 4, 5):
        assert years.store.erasure(OTHER) is not None
        years.at(2026, 3, day)
    assert years.store.erasure(OTHER) is None
    assert {one.state for one in years.world.sales.sales.values() if one.merchant == OTHER} == {SaleState.WITHDRAWN}
    assert years.ledger.noted[-1]["detail"]["erased"] == "5"


def test_an_erasure_waits_for_an_invoice_under_way(years: Years) -> None:
    world = years.world
    years.sold("1", OTHER, date(2026, 3, 2))
    years.erase.ask(OTHER, who="Ada", why="contract ended")
    years.at(2026, 3, 3)
    assert world.connections.get_merchant(OTHER).profile == PROFILE
    assert years.store.erasure(OTHER) is not None


def test_who_orders_says_a_name_and_a_reason_for_a_merchant_there_is(years: Years) -> None:
    for who, why in (("", "x"), ("Ada", "  "), ("Ada", "x" * 301)):
        with pytest.raises(BadInput):
            years.holds.put(MERCHANT, who=who, why=why)
    with pytest.raises(NotFound):
        years.holds.put("m_nobody", who="Ada", why="x")
    assert years.holds.read(MERCHANT) is None


def test_a_stage_may_set_its_own_periods_but_none_that_mean_nothing() -> None:
    table = retention.rules({"records": 20, "evidence": 10})
    assert table["records"].days == 20
    assert retention.sale_years(table) == table["submissions"].sale_years == table["sale"].sale_years == 10
    assert table["sales"] == retention.RULES["sales"]
    for wrong in ({"lists": 3}, {"nothing": 3}, {"records": 0}):
        with pytest.raises(ConfigurationError):
            retention.rules(wrong)
