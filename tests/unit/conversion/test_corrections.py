"""Edits and refunds after acceptance: invoice and notes always equal what the source says now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.corrections import Change, corrections
from taxpoynt.conversion.standing import Issued, left, minus, standing, sums, total
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.sale import Charge, Discount, Sale, SaleLine, StatedTax
from tests.unit.conversion.builders import BUYER, ISSUED, SERVICE, D, converted, line, sale

Corrector = Callable[[Sequence[Issued], Sale, Sale | None, Invoice | None], Change | None]


class Book:
    """What a merchant's documents about one sale would be, played as the services play it."""

    def __init__(self, first: Sale, corrector: Corrector = corrections) -> None:
        self.was, self.corrector = first, corrector
        self.issued = [Issued("8", _whole(first))]

    def now(self, changed: Sale | None) -> Change | None:
        invoice = None if changed is None else converted(changed)[0]
        change = self.corrector(self.issued, self.was, changed, invoice)
        for planned in change.documents if change else ():
            number = f"8:{len(self.issued)}"
            self.issued.append(Issued(number, _whole(planned.sale), planned.against))
            if planned.against is None:
                self.was = planned.sale
        return change

    def gross(self) -> Decimal:
        return sum((_sign(one) * (one.invoice.gross_total or D(0)) for one in self.issued), D(0))


def _sign(one: Issued) -> int:
    return -1 if one.credit else 1


def _whole(one: Sale) -> Invoice:
    references = [Reference(irn="PD8-94ND90NR-20260915", issue_date=ISSUED)] if one.refers_to else []
    invoice, faults = converted(one, refers_to=references)
    assert not faults, faults
    return invoice


def goods(name: str = "Desk", quantity: str = "10", price: str = "100", **fields: object) -> SaleLine:
    fields.setdefault("rate", "7.5")
    return line(quantity, price, description=name, name=name, sku=name.upper(), **fields)


def only(change: Change | None) -> Sale:
    assert change is not None
    assert len(change.documents) == 1
    return change.documents[0].sale


def test_nothing_legal_changed_means_no_document() -> None:
    book = Book(sale(goods()))
    assert book.now(sale(goods(), note="call before noon", title="Another title")) is None


def test_a_thing_that_only_has_another_name_is_the_same_thing() -> None:
    book = Book(sale(line("2", "50", description="Consulting", name="Consulting", rate="7.5")))
    assert book.now(sale(line("2", "50", description="Advice", name="Advice", rate="7.5"))) is None


def test_a_sale_taken_back_is_credited_whole_line_by_line() -> None:
    book = Book(sale(goods(percent="5"), goods("Chair", "3", "33.33"), discounts=(Discount(percent=D(10)),)))
    change = book.now(None)
    assert change is not None
    assert change.code == "CHANGE-001"
    assert only(change).document == "credit_note"
    assert [one.quantity for one in only(change).lines] == [10, 3]
    assert [row.model_dump() for row in book.issued[1].invoice.taxes] == [
        row.model_dump() for row in book.issued[0].invoice.taxes
    ]
    assert book.gross() == 0


def test_fewer_pieces_are_a_credit_note_over_the_difference() -> None:
    book = Book(sale(goods(), goods("Chair", "3", "40")))
    change = book.now(sale(goods(quantity="8"), goods("Chair", "3", "40")))
    assert change is not None
    assert (change.code, change.asks) == ("CHANGE-002", False)
    (one,) = only(change).lines
    assert (one.name, one.quantity, one.unit_price) == ("Desk", D(2), D(100))
    assert only(change).refers_to == ("8",)
    assert change.message == "Changed after the invoice: from 1,204.00 NGN to 989.00 NGN (Desk: −2)."


def test_more_is_a_debit_note() -> None:
    book = Book(sale(goods()))
    change = book.now(sale(goods(), goods("Chair", "3", "40")))
    assert change is not None
    assert change.code == "CHANGE-003"
    assert only(change).document == "debit_note"
    assert [(one.name, str(one.quantity)) for one in only(change).lines] == [("Chair", "3")]
    assert book.issued[1].invoice.type_code == "384"


def test_an_exchange_is_one_credit_note_and_one_debit_note() -> None:
    book = Book(sale(goods(), goods("Chair", "3", "40")))
    change = book.now(sale(goods(quantity="7"), goods("Lamp", "1", "75")))
    assert change is not None
    assert change.code == "CHANGE-004"
    assert [one.document for one in change.documents] == ["credit_note", "debit_note"]
    assert [one.name for one in change.documents[0].sale.lines] == ["Desk", "Chair"]
    assert [one.name for one in change.documents[1].sale.lines] == ["Lamp"]


def test_an_exchange_for_something_of_the_same_price_is_two_documents_too() -> None:
    book = Book(sale(goods()))
    change = book.now(sale(goods("Table")))
    assert change is not None
    assert [one.document for one in change.documents] == ["credit_note", "debit_note"]
    assert book.gross() == 1075


def test_a_cheaper_price_is_credited_as_an_amount() -> None:
    book = Book(sale(goods()))
    (one,) = only(book.now(sale(goods(price="90")))).lines
    assert (one.quantity, one.unit_price) == (D(1), D(100))


def test_another_buyer_is_a_question_whose_yes_is_a_whole_credit_and_a_new_invoice() -> None:
    book = Book(sale(goods()))
    other = BUYER.model_copy(update={"name": "Niger Foods Limited", "tin": "45678901-0001"})
    change = book.now(sale(goods(), buyer=other))
    assert change is not None
    assert (change.code, change.asks) == ("CHANGE-005", True)
    assert "Niger Foods Limited" in change.message
    assert [one.document for one in change.documents] == ["credit_note", "invoice"]
    assert book.now(sale(goods(), buyer=other)) is None


@pytest.mark.parametrize(
    "changed", [{"email": "new@kainji.example"}, {"telephone": "+2348099999999"}, {"name": "KAINJI  Logistics Limited"}]
)
def test_a_buyer_who_only_moved_or_has_another_number_is_the_same_buyer(changed: dict[str, str]) -> None:
    book = Book(sale(goods()))
    assert book.now(sale(goods(), buyer=BUYER.model_copy(update=changed))) is None


def test_another_currency_is_a_question() -> None:
    book = Book(sale(goods()))
    change = book.now(sale(goods(), currency="USD"))
    assert change is not None
    assert change.asks
    assert "the currency from NGN to USD" in change.message


def test_a_sale_won_again_after_it_was_credited_whole_is_a_new_invoice() -> None:
    book = Book(sale(goods()))
    book.now(None)
    change = book.now(sale(goods()))
    assert change is not None
    assert (change.code, change.asks) == ("CHANGE-007", False)
    assert only(change).document == "invoice"
    assert book.gross() == 1075


def test_what_a_debit_note_added_is_credited_against_the_debit_note() -> None:
    book = Book(sale(goods()))
    book.now(sale(goods(quantity="15")))
    change = book.now(None)
    assert change is not None
    assert [one.against for one in change.documents] == ["8", "8:1"]
    assert book.gross() == 0


def test_the_last_kobo_of_partial_credits_is_exact() -> None:
    """14 kobo bear 1 kobo of tax, 7 kobo bear 1: the other 7 must bear none, told in two rows."""
    book = Book(sale(goods(quantity="1", price="10.14")))
    book.now(sale(goods(quantity="1", price="10.07")))
    book.now(None)
    assert book.gross() == 0
    assert standing(book.issued) == {}


_names = st.sampled_from(["Desk", "Chair", "Lamp", "Rug"])
_money = st.integers(100, 500_000).map(lambda units: D(units).scaleb(-2))
_taxes = st.sampled_from([("STANDARD_VAT", "7.5"), ("ZERO_VAT", "0"), ("EXEMPTED", "0")])


@st.composite
def _lines(draw: st.DrawFn) -> tuple[SaleLine, ...]:
    found = []
    for name in draw(st.lists(_names, min_size=1, max_size=4, unique=True)):
        category, percent = draw(_taxes)
        found.append(
            SaleLine(
                path=name,
                description=name,
                name=name,
                sku=name.upper() if draw(st.booleans()) else None,
                quantity=draw(st.integers(10, 5000)) / D(10),
                unit_price=draw(_money),
                price_basis=draw(st.sampled_from(["exclusive", "inclusive"])),
                taxes=(StatedTax(category=category, rate_percent=D(percent)),),
                classification=SERVICE if draw(st.booleans()) else None,
            )
        )
    return tuple(found)


@st.composite
def _sales(draw: st.DrawFn) -> Sale:
    off = draw(st.sampled_from([(), (Discount(percent=D("12.5")),), (Discount(amount=D("0.37")),)]))
    fee = draw(st.sampled_from([(), (Charge(amount=D("15.55"), reason="Delivery", kind="delivery"),)]))
    return sale(*draw(_lines()), discounts=off, charges=fee)


_stories = st.lists(st.none() | _sales(), min_size=1, max_size=5)


def _follow(first: Sale, story: Sequence[Sale | None], corrector: Corrector = corrections) -> None:
    """Plays the story and asserts all that must hold after every step."""
    book = Book(first, corrector)
    for changed in story:
        change = book.now(changed)
        expected = {} if changed is None else sums(converted(changed)[0])
        apart = minus(expected, standing(book.issued))
        unsayable = sum(tax for base, tax in apart.values() if not base and abs(tax) == 1)  # a kobo of tax on no base
        assert total(standing(book.issued)) == total(expected) - unsayable, "documents equal the source"
        for group in {*standing(book.issued), *expected}:
            ours, theirs = standing(book.issued).get(group, (0, 0)), expected.get(group, (0, 0))
            assert abs(ours[0] - theirs[0]) <= 5, "by rate: all but the untaxed kobo of prices with tax"
            assert ours[1] == theirs[1] or apart[group] in ((0, 1), (0, -1)), "tax by rate"
        for one in book.issued:
            assert one.credit or all(min(pair) >= 0 for pair in left(one, book.issued).values()), "never more than it"
        for planned in change.documents if change else ():
            assert planned.sale.lines
            assert all(each.quantity > 0 and each.unit_price >= 0 for each in planned.sale.lines)
        assert book.now(changed) is None, "looked at again, nothing more is to be done"


@settings(max_examples=60)
@given(_sales(), _stories)
def test_documents_always_equal_the_source_and_credit_notes_never_exceed_theirs(
    first: Sale, story: list[Sale | None]
) -> None:
    _follow(first, story)


@settings(max_examples=60)
@given(_sales(), st.lists(_sales(), max_size=3))
def test_when_everything_is_returned_nothing_is_left_of_any_document(first: Sale, story: list[Sale]) -> None:
    book = Book(first)
    for changed in story:
        book.now(changed)
    book.now(None)
    assert all(not base and abs(tax) <= 1 for base, tax in standing(book.issued).values())
    assert book.now(None) is None


def _forgets_notes(issued: Sequence[Issued], was: Sale, now: Sale | None, invoice: Invoice | None) -> Change | None:
    """Broken twin: compares with the invoice only."""
    return corrections([one for one in issued if one.against is None], was, now, invoice)


def _rounds_afresh(issued: Sequence[Issued], was: Sale, now: Sale | None, invoice: Invoice | None) -> Change | None:
    """Broken twin: lets each note's tax be what its own base gives."""
    change = corrections(issued, was, now, invoice)
    if change is None:
        return None
    plain = [
        replace(one, sale=one.sale.model_copy(update={"exact_taxes": ()})) if one.against else one
        for one in change.documents
    ]
    return replace(change, documents=tuple(plain))


STORY = [
    sale(goods(quantity="1", price="10.07")),
    sale(goods(quantity="1", price="5.03")),
    sale(goods(quantity="1", price="20.11")),
    None,
]


@pytest.mark.parametrize("twin", [_forgets_notes, _rounds_afresh])
def test_the_obvious_wrong_versions_are_caught(twin: Corrector) -> None:
    first = sale(goods(quantity="1", price="10.14"))
    _follow(first, STORY)
    with pytest.raises(AssertionError):
        _follow(first, STORY, twin)
