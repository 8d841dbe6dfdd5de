"""The life of an X-Series sale, from the shop's answer to the totals of the invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
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
from tests.connectors.lightspeed_x.sales import COMPANY, SALE, X_SERIES, bundle, line, payment, reading, sale
from tests.connectors.pipedrive.test_golden import MERCHANT

D = Decimal
REFERENCE = Reference(irn="LX7-94ND90NR-20260515", issue_date=date(2026, 5, 15))


def decision(record: Any, resource: str = "sale", **settings: Any) -> str:
    return X_SERIES.trigger(bundle(record, resource), settings=settings).document


def invoiced(record: Any, resource: str = "sale", **related: Any) -> Invoice:
    """The invoice, when nothing at all stands against it."""
    found = reading(record, resource, **related)
    assert [(fault.code, fault.message) for fault in found.faults] == []
    assert found.sale is not None
    clock = legal_clock(found.sale.completed_at)
    made, faults = convert(
        found.sale,
        MERCHANT,
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
        number="LX8",
        irn=irn("LX8", "94ND90NR", clock.issue_date),
        lists=code_lists(),
        refers_to=[REFERENCE] if found.sale.document == "credit_note" else [],
    )
    assert [(fault.code, fault.path, fault.message) for fault in faults] == []
    return made


class TestWhichDocument:
    @pytest.mark.parametrize(
        ("status", "document"),
        [
            ("CLOSED", "invoice"),
            ("ONACCOUNT", "invoice"),
            ("ONACCOUNT_CLOSED", "invoice"),
            ("LAYBY_CLOSED", "invoice"),
            ("DISPATCHED_CLOSED", "invoice"),
            ("PICKED_UP_CLOSED", "invoice"),
            ("SERVICE_CLOSED", "invoice"),
            ("SAVED", "ignore"),
            ("LAYBY", "ignore"),
            ("AWAITING_DISPATCH", "ignore"),
            ("AWAITING_PICKUP", "ignore"),
            ("SERVICE", "ignore"),
            ("VOIDED", "ignore"),
            ("SOMETHING_NEW", "ignore"),
        ],
    )
    def test_each_status_makes_the_document_of_the_reference(self, status: str, document: str) -> None:
        assert decision(sale(line(), status=status)) == document

    def test_a_sale_on_account_is_invoiced_at_once_or_when_it_is_paid(self) -> None:
        owed = sale(line(), status="ONACCOUNT", payments=[])
        assert decision(owed, on_account="paid") == "draft"
        made = invoiced(owed)
        assert (made.payment_status, made.balance_due) == ("PENDING", D("1075.00"))

    def test_the_dated_api_tells_the_same_states(self) -> None:
        for state, attributes, document in (
            ("closed", [], "invoice"),
            ("parked", [], "ignore"),
            ("voided", [], "ignore"),
            ("pending", ["onaccount"], "invoice"),
            ("pending", ["layby"], "ignore"),
        ):
            record = {**sale(line()), "state": state, "attributes": attributes}
            del record["status"]
            assert decision(record) == document, (state, attributes)

    def test_a_gift_card_load_is_no_sale_and_no_line(self) -> None:
        load = line(2, "5000", tax="none", gift_card_number="GC-1")
        assert decision(sale(load)) == "ignore"
        made = invoiced(sale(line(1), load))
        assert (len(made.lines), made.gross_total) == (1, D("1075.00"))

    def test_outlets_that_were_not_chosen_make_no_invoices(self) -> None:
        assert decision(sale(line()), outlets=["outlet-2"]) == "ignore"


class TestAmounts:
    def test_shelf_prices_with_tax_come_to_what_was_tendered(self) -> None:
        made = invoiced(sale(*(line(number, shelf="0.50") for number in (1, 2, 3))))
        assert (made.gross_total, made.payable, made.payment_status) == (D("1.50"), D("1.50"), "PAID")

    def test_a_discount_inside_the_price_is_not_taken_off_again(self) -> None:
        assert invoiced(sale(line(price="900", discount=100))).net_total == D("900.00")

    def test_a_discount_on_the_sale_is_a_line_of_the_discount_product(self) -> None:
        made = invoiced(sale(line(price="1000"), line(2, "100", "-1", product_id="discount", is_return=False)))
        assert (made.type_code, made.net_total, made.gross_total) == ("381", D("900.00"), D("967.50"))

    def test_a_surcharge_is_a_charge_and_a_tip_is_outside(self) -> None:
        beside = [
            {"adjustment_type": "SURCHARGE", "name": "Card fee", "value": D(20), "tax_components": []},
            {"type": "TIP", "name": "Tip", "value": D(50), "tax_components": []},
        ]
        made = invoiced(sale(line(), adjustments=beside))
        assert (made.gross_total, made.tip) == (D("1095.00"), D("50.00"))

    def test_untaxed_and_taxed_lines_stand_apart(self) -> None:
        made = invoiced(sale(line(1), line(2, "500", tax="none")))
        assert {(tax.category, tax.base) for tax in made.taxes} == {
            ("STANDARD_VAT", D("1000.00")),
            ("ZERO_VAT", D("500.00")),
        }

    def test_a_tax_that_no_rate_explains_is_not_guessed(self) -> None:
        odd = line(tax_total=D("33.333"), tax_id="gone", tax_components=[])
        assert [fault.code for fault in reading(sale(odd)).faults] == ["LSX-103"]

    def test_a_header_that_is_not_its_lines_needs_the_payments_to_agree(self) -> None:
        settled = sale(line(), total_price=D(7), payments=[payment("1075")])
        assert invoiced(settled).gross_total == D("1075.00")
        doubtful = sale(line(), total_price=D(7), payments=[payment("500")])
        assert [fault.code for fault in reading(doubtful).faults] == ["LSX-003"]

    def test_cash_is_rounded_by_the_till_and_not_by_the_tax(self) -> None:
        made = invoiced(sale(line(price="999.30"), payments=[payment("1075")]))
        assert (made.gross_total, made.rounding, made.payable) == (D("1074.25"), D("0.75"), D("1075.00"))

    @given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 9)), min_size=1, max_size=7))
    def test_whatever_the_shelf_says_is_what_the_invoice_comes_to(self, goods: list[tuple[int, int]]) -> None:
        lines = [
            line(place, quantity=str(pieces), shelf=str(D(price).scaleb(-2)))
            for place, (price, pieces) in enumerate(goods, 1)
        ]
        wanted = sum((D(price).scaleb(-2) * pieces for price, pieces in goods), D(0))
        assert invoiced(sale(*lines, payments=[payment(str(wanted), "Card", "3")])).gross_total == wanted


class TestReturns:
    def test_a_closed_return_is_a_credit_note_without_what_was_not_given_back(self) -> None:
        back = sale(line(1, quantity="-1"), line(2, quantity="0"), return_for="7")
        assert decision(back) == "credit_note"
        made = invoiced(back)
        assert (made.type_code, len(made.lines), made.gross_total) == ("380", 1, D("1075.00"))
        found = reading(back).sale
        assert found is not None
        assert found.refers_to == ("7",)
        assert RecordRef(resource="sale", id="7") in found.depends_on

    def test_an_exchange_is_an_invoice_and_a_credit_note_that_pay_each_other(self) -> None:
        swap = sale(line(1, "3000"), line(2, "1000", "-1"), return_for="7")
        assert X_SERIES.parts(RecordRef(resource="sale", id=SALE), bundle(swap)) == (
            (RecordRef(resource="sale_return", id=f"{SALE}_return"), True),
        )
        out, back = invoiced(swap), invoiced(swap, "sale_return")
        assert (out.type_code, out.gross_total, out.payment_status) == ("381", D("3225.00"), "PAID")
        assert (back.type_code, back.gross_total, back.sale_id) == ("380", D("1075.00"), f"{SALE}_return")
        assert [(one.method, one.amount) for one in back.payments] == [("Returned goods", D(1075))]

    def test_the_tip_of_an_exchange_is_given_once(self) -> None:
        tip = [{"type": "TIP", "name": "Tip", "value": D(50), "tax_components": []}]
        swap = sale(line(1, "3000"), line(2, "1000", "-1"), return_for="7", adjustments=tip)
        assert (invoiced(swap).tip, bool(invoiced(swap, "sale_return").tip)) == (D("50.00"), False)


class TestBuyer:
    def test_a_walk_in_customer_is_a_real_record_and_nobody(self) -> None:
        walk_in = {"data": {"id": "customer-1", "customer_code": "WALKIN"}}
        assert invoiced(sale(line(), customer_id="customer-1"), customer=walk_in).kind == "B2C"
        assert invoiced(sale(line(), customer_id="null")).kind == "B2C"

    def test_a_company_has_its_tin_in_the_custom_field_that_the_merchant_names(self) -> None:
        rules = {"version": 1, "rules": [{"target": "buyer.tin", "source": "customer.custom_field_1"}]}
        found = reading(sale(line(), customer_id="customer-1"), mapping=rules, customer={"data": COMPANY}).sale
        assert found is not None
        assert found.buyer is not None
        assert (found.buyer.name, found.buyer.tin) == ("Adé & Søns Ltd", "12345678-0001")
        assert found.buyer.telephone == "+2348031234567"

    def test_a_customer_who_cannot_be_read_is_still_somebody(self) -> None:
        found = reading(sale(line(), customer_id="customer-9")).sale
        assert found is not None
        assert found.buyer is not None
