"""The life of an R-Series sale, from the till's answer to the totals of the invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.numbering import irn
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.sale import RecordRef
from taxpoynt.nrs.resources import code_lists
from tests.connectors.lightspeed_r.sales import (
    CARD,
    CASH,
    COMPANY,
    GIFT,
    ON_ACCOUNT,
    R_SERIES,
    bundle,
    line,
    payment,
    reading,
    sale,
)
from tests.connectors.pipedrive.test_golden import MERCHANT
from tests.unit.conversion.audit import half_up

REFERENCE = Reference(irn="LR7-94ND90NR-20260515", issue_date=date(2026, 5, 15))
ORIGINAL = {"SaleLine": {"saleLineID": "150", "saleID": "7"}}


def decision(record: Any, resource: str = "sale", **settings: Any) -> str:
    return R_SERIES.trigger(bundle(record, resource), settings=settings).document


def invoiced(record: Any, resource: str = "sale", **related: Any) -> Invoice:
    """The invoice, when nothing at all stands against it."""
    found = reading(record, resource, **related)
    assert [(fault.code, fault.message) for fault in found.faults] == []
    assert found.sale is not None
    clock = legal_clock(found.sale.completed_at)
    references = [REFERENCE] if found.sale.document == "credit_note" else []
    made, faults = convert(
        found.sale,
        MERCHANT,
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
        number="LR8",
        irn=irn("LR8", "94ND90NR", clock.issue_date),
        lists=code_lists(),
        refers_to=references,
    )
    assert [(fault.code, fault.path, fault.message) for fault in faults] == []
    return made


def refund(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return sale(*({**one, "parentSaleLineID": "150"} for one in lines), **changes)


class TestWhichDocument:
    @pytest.mark.parametrize(
        ("changes", "document"),
        [
            ({}, "invoice"),
            ({"completed": "false"}, "ignore"),
            ({"archived": "true"}, "ignore"),
            ({"voided": "true"}, "ignore"),
        ],
    )
    def test_only_a_completed_sale_that_still_counts_is_invoiced(self, changes: dict[str, str], document: str) -> None:
        assert decision(sale(line()) | changes) == document

    def test_payments_without_lines_are_no_sale_whatever_their_sign(self) -> None:
        load = sale(payments=[payment("-5000", GIFT), payment("5000", CASH)], completed="true")
        assert decision(load) == "ignore"
        assert decision(sale(payments=[payment("-100", CASH)])) == "ignore"

    def test_store_credit_given_by_hand_is_no_sale(self) -> None:
        by_hand = line(price="-100", rate="0", itemID="0", Note={"noteID": "3", "note": "store credit"})
        assert decision(sale(by_hand, payments=[payment("-100", ON_ACCOUNT)])) == "ignore"

    def test_lines_that_wait_at_the_customer_are_not_sold_yet(self) -> None:
        layaway = line(2, isLayaway="true", saleID="0")
        assert decision(sale(layaway)) == "ignore"
        assert [
            one.name for one in invoiced(sale(line(1)) | {"SaleLines": {"SaleLine": [line(1), layaway]}}).lines
        ] == ["Item 1"]

    def test_a_sale_on_account_is_invoiced_at_once_or_when_it_is_paid(self) -> None:
        owed = sale(line(), payments=[payment("1075", ON_ACCOUNT)])
        assert decision(owed) == "invoice"
        assert decision(owed, on_account="paid") == "draft"
        made = invoiced(owed)
        assert (made.payment_status, made.balance_due) == ("PENDING", Decimal("1075.00"))

    def test_shops_that_were_not_chosen_make_no_invoices(self) -> None:
        assert decision(sale(line()), shops=["2"]) == "ignore"
        assert decision(sale(line()), shops=["1", "2"]) == "invoice"


class TestAmounts:
    def test_a_zero_rate_on_the_line_is_inherited_not_zero_rated(self) -> None:
        made = invoiced(sale(line(price="280", tax1Rate="0")))
        assert [(tax.category, tax.rate_percent, tax.amount) for tax in made.taxes] == [
            ("STANDARD_VAT", Decimal("7.5"), Decimal("21.00"))
        ]

    def test_a_rate_on_a_line_without_tax_means_nothing(self) -> None:
        untaxed = line(rate="0", tax1Rate="0.075", tax="false")
        assert [(tax.category, tax.amount) for tax in invoiced(sale(untaxed)).taxes] == [("ZERO_VAT", Decimal("0.00"))]

    def test_a_tax_that_no_rate_explains_is_not_guessed(self) -> None:
        odd = sale(line(calcTax1="33.333"))
        odd |= {"calcTax1": "33.33", "total": "1033.33"}
        assert [fault.code for fault in reading(odd).faults] == ["LSR-103"]

    def test_sums_that_do_not_add_up_are_a_question(self) -> None:
        assert [fault.code for fault in reading(sale(line()) | {"total": "1050"}).faults] == ["LSR-003"]

    def test_prices_with_tax_are_told_by_the_sums(self) -> None:
        made = invoiced(sale(line(price="1075", inclusive=True), isTaxInclusive="true"))
        assert (made.net_total, made.tax_total, made.gross_total) == (
            Decimal("1000.00"),
            Decimal("75.00"),
            Decimal("1075.00"),
        )

    def test_discounts_of_line_and_sale_are_both_taken_off(self) -> None:
        made = invoiced(
            sale(line(price="100", quantity="3", discount="30", share="13.50"), line(2, price="50", share="2.50"))
        )
        assert made.net_total == Decimal("304.00")
        assert made.gross_total == Decimal("326.80")

    def test_a_price_rule_is_no_discount(self) -> None:
        made = invoiced(sale(line(price="10", normalUnitPrice="23")))
        assert [(one.unit_price_net, one.discount) for one in made.lines] == [(Decimal(10), Decimal("0.00"))]

    def test_a_rebate_written_as_a_negative_line_reduces_the_sale(self) -> None:
        made = invoiced(sale(line(price="1000"), line(2, price="-100")))
        assert made.gross_total == Decimal("967.50")

    def test_fees_of_an_item_are_lines_of_their_own_with_their_name(self) -> None:
        fee = line(
            2,
            "10.50",
            lineType="item_fee",
            parentSaleLineID="201",
            itemID="0",
            ItemFee={"itemFeeID": "6", "name": "Bottle Deposit"},
        )
        assert [one.name for one in invoiced(sale(line(), fee)).lines] == ["Item 1", "Bottle Deposit"]

    def test_a_misc_line_is_called_what_the_cashier_typed(self) -> None:
        assert (
            invoiced(sale(line(itemID="0", Item="", Note={"noteID": "3", "note": "Gift wrapping"}))).lines[0].name
            == "Gift wrapping"
        )

    def test_split_tenders_tip_and_change(self) -> None:
        paid = [
            payment("600", CARD, tip="25"),
            payment("500", CASH),
            payment("0", CASH),
            payment("10", CASH, archived="true"),
        ]
        made = invoiced(sale(line(), payments=paid, change="40"))
        assert [(one.method, one.amount) for one in made.payments] == [("Card", Decimal(575)), ("Cash", Decimal(500))]
        assert (made.tip, made.payment_status, made.balance_due) == (Decimal("25.00"), "PAID", Decimal("0.00"))

    @given(
        st.lists(
            st.tuples(st.integers(1, 10**7), st.sampled_from(["1", "2", "3", "0.5", "1.25", "12"]), st.booleans()),
            min_size=1,
            max_size=12,
        )
    )
    def test_the_invoice_comes_to_what_the_till_took(self, goods: list[tuple[int, str, bool]]) -> None:
        lines = [
            line(place, str(Decimal(price).scaleb(-2)), quantity, rate="0.075" if taxed else "0")
            for place, (price, quantity, taxed) in enumerate(goods, 1)
        ]
        record = sale(*lines)
        made = invoiced(record)
        taxed = sum((Fraction(one.net) for one in made.lines if one.tax_rate_percent), Fraction(0))
        assert made.tax_total == half_up(taxed * 3 / 40, 2)
        assert abs(Decimal(record["total"]) - made.gross_total) <= Decimal("0.01") * len(lines)  # type: ignore[operator]  # it is known


class TestReturns:
    def test_a_refund_is_a_credit_note_over_the_sale_whose_lines_it_names(self) -> None:
        record = refund(line(price="1000", quantity="-2"))
        assert decision(record) == "credit_note"
        found = reading(record, parent_lines=ORIGINAL).sale
        assert found is not None
        assert found.refers_to == ("7",)
        assert RecordRef(resource="sale", id="7") in found.depends_on
        made = invoiced(record, parent_lines=ORIGINAL)
        assert (made.type_code, made.gross_total, made.payments[0].amount) == ("380", Decimal("2150.00"), Decimal(2150))

    def test_a_parent_that_nobody_finds_leaves_a_question_not_a_crash(self) -> None:
        found = reading(refund(line(quantity="-1")))
        assert found.faults == ()
        assert found.sale is not None
        assert found.sale.refers_to == ()

    def test_an_exchange_is_an_invoice_and_a_credit_note_that_pay_each_other(self) -> None:
        swap = sale(line(1, "3000"), line(2, "1000", "-1", parentSaleLineID="150"), payments=[payment("2150", CASH)])
        parts = R_SERIES.parts(RecordRef(resource="sale", id="8"), bundle(swap))
        assert parts == ((RecordRef(resource="sale_return", id="8_return"), True),)
        out, back = invoiced(swap), invoiced(swap, "sale_return", parent_lines=ORIGINAL)
        assert decision(swap, "sale_return") == "credit_note"
        assert (out.type_code, out.gross_total, out.payment_status) == ("381", Decimal("3225.00"), "PAID")
        assert (back.type_code, back.gross_total, back.sale_id) == ("380", Decimal("1075.00"), "8_return")
        assert [(one.method, one.amount) for one in out.payments] == [
            ("Cash", Decimal(2150)),
            ("Returned goods", Decimal(1075)),
        ]
        assert [(one.method, one.amount) for one in back.payments] == [("Returned goods", Decimal(1075))]

    def test_the_tip_of_an_exchange_is_given_once(self) -> None:
        swap = sale(
            line(1, "3000"), line(2, "1000", "-1", parentSaleLineID="150"), payments=[payment("2175", tip="25")]
        )
        assert invoiced(swap).tip == Decimal("25.00")
        assert not invoiced(swap, "sale_return", parent_lines=ORIGINAL).tip

    def test_a_plain_sale_has_no_second_part(self) -> None:
        assert R_SERIES.parts(RecordRef(resource="sale", id="8"), bundle(sale(line()))) == (
            (RecordRef(resource="sale_return", id="8_return"), False),
        )
        assert decision(sale(line()), "sale_return") == "ignore"


class TestBuyer:
    def test_a_walk_in_customer_is_nobody(self) -> None:
        assert invoiced(sale(line())).kind == "B2C"

    def test_a_company_comes_with_tin_contact_and_address(self) -> None:
        buyer = reading(sale(line(), customerID="7", Customer=COMPANY)).sale.buyer  # type: ignore[union-attr]  # a complete sale
        assert buyer is not None
        assert (buyer.name, buyer.kind, buyer.tin) == ("Adé & Søns Ltd", "organisation", "12345678-0001")
        assert (buyer.email, buyer.telephone) == ("bisi@example.com", "+2348031234567")
        assert buyer.address is not None
        assert (buyer.address.street, buyer.address.state, buyer.address.country) == ("12 Marina", "NG-LA", "NG")


def test_without_a_currency_nothing_is_invoiced() -> None:
    assert [fault.code for fault in reading(sale(line()), account={}).faults] == ["LSR-001"]


def test_a_thousand_lines_are_one_invoice() -> None:
    made = invoiced(sale(*(line(number, "10.01", str(number % 7 + 1)) for number in range(1, 1001))))
    assert len(made.lines) == 1000
