"""Whole deals, from Pipedrive's answer to the NRS body, against a second calculator and the sandbox's validator.

The calculator uses fractions and Pipedrive's own sums; it shares nothing with the package.
"""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.numbering import invoice_number, irn
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from tests.connectors.pipedrive.deals import answers, codes, deal, line, reading
from tests.connectors.pipedrive.test_golden import MERCHANT
from tests.sandbox.nrs.check_invoice import Rules, check_invoice
from tests.sandbox.nrs.tables import Tables, read_lists
from tests.sandbox.nrs.world import DATA
from tests.unit.conversion.audit import audit, half_up

RULES = Rules(
    tables=Tables(read_lists(DATA)),
    today=date(2026, 6, 1),
    strict=True,
    template_of=lambda business: "{{invoice_id()}}-94ND90NR-{{YYYYMMDD()}}",
    parties=lambda party: False,
)
VAT = Fraction(75, 1000)
NAMES = st.sampled_from(["Tablet", "Ọ̀rọ̀ <b>àṣẹ</b> &amp; ìwé", "☕ x2", "A" * 180, "  two\nlines "])


@st.composite
def one_line(draw: st.DrawFn, method: str) -> dict[str, Any]:
    """A line as Pipedrive would answer it: `sum` rounded once, from price × quantity less discount."""
    price = Decimal(draw(st.integers(100, 10**8))).scaleb(-2)
    quantity = draw(st.sampled_from([Decimal(one) for one in ("1", "2", "3", "7", "0.333", "1.25", "12.345")]))
    kind = draw(st.sampled_from(["none", "percentage", "per unit", "per line"]))
    gross, discount, off = price * quantity, Decimal(0), Fraction(0)
    if kind == "percentage":
        discount = draw(st.sampled_from([Decimal(one) for one in ("0.2", "5", "12.5", "33.33", "100")]))
        off = Fraction(gross) * Fraction(discount) / 100
    elif kind != "none":
        whole = price if kind == "per unit" else gross
        discount = (whole * draw(st.integers(1, 60)) / 100).quantize(Decimal("0.01"))
        off = Fraction(discount) * (Fraction(quantity) if kind == "per unit" else 1)
    total = half_up(Fraction(gross) - off, 2)
    return {
        "name": draw(NAMES),
        "item_price": price,
        "quantity": quantity,
        "discount": discount,
        "discount_type": "percentage" if kind in ("none", "percentage") else "amount",
        "sum": Decimal(total.numerator) / Decimal(total.denominator),
        "tax": draw(st.sampled_from([0, Decimal("7.5")])),
        "tax_method": method,
        "is_enabled": draw(st.sampled_from([True, True, True, False])),
        "discounted": kind != "none",
    }


@st.composite
def deals(draw: st.DrawFn) -> list[dict[str, Any]]:
    method = st.just(draw(st.sampled_from(["inclusive", "exclusive", "none"])))
    methods = draw(st.sampled_from([method, st.sampled_from(["inclusive", "exclusive", "none"])]))
    lines = draw(st.lists(methods.flatmap(one_line), min_size=1, max_size=12))
    lines[0]["is_enabled"] = True
    return lines


def totals(lines: list[dict[str, Any]]) -> Fraction:
    """What the customer owes: inclusive lines as they stand, the others with tax, rounded once per rate."""
    inclusive, groups = Fraction(0), {Fraction(0): Fraction(0), VAT: Fraction(0)}
    for one in lines:
        amount = Fraction(one["sum"])
        if not one["discounted"]:  # without a discount the law's own rule 1 decides: quantity × price, half up
            amount = half_up(Fraction(one["item_price"]) * Fraction(one["quantity"]), 2)
        rate = VAT if one["tax_method"] == "none" else Fraction(one["tax"]) / 100
        if one["tax_method"] == "inclusive":
            inclusive += amount
        else:
            groups[rate] += amount
    return inclusive + sum((base + half_up(base * rate, 2) for rate, base in groups.items()), Fraction(0))


def converted(lines: list[dict[str, Any]]) -> dict[str, Any]:
    value = sum((one["sum"] for one in lines if one["is_enabled"]), Decimal(0))
    found = reading(answers(deal(value), *(line(number, **one) for number, one in enumerate(lines, 1))))
    assert codes(found) == []
    assert found.sale is not None
    clock = legal_clock(found.sale.completed_at)
    number = invoice_number("pipedrive", found.sale.sale_id, platform="PD")
    invoice, faults = convert(
        found.sale,
        MERCHANT,
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
        number=number,
        irn=irn(number, "94ND90NR", clock.issue_date),
        lists=code_lists(),
    )
    assert faults == []
    text = body(invoice).decode()
    assert not re.search(r"[0-9][eE][+-]?[0-9]", re.sub(r'"(\\.|[^"\\])*"', "", text))
    made: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return made


@settings(max_examples=150)
@given(deals())
def test_every_readable_deal_is_a_document_nrs_takes_and_its_total_is_what_the_customer_was_quoted(
    lines: list[dict[str, Any]],
) -> None:
    made = converted(lines)
    assert audit(made, 2) == []
    check_invoice(made, RULES)
    assert Fraction(made["legal_monetary_total"]["payable_amount"]) == totals(
        [one for one in lines if one["is_enabled"]]
    )


def test_two_hundred_lines_add_up() -> None:
    kinds = ("inclusive", "exclusive", "none")
    price, quantity = Decimal("1234.57"), Decimal("0.333")
    total = Decimal("411.11")
    lines = [
        {"item_price": price, "quantity": quantity, "sum": total, "tax_method": kinds[place % 3], "is_enabled": True,
         "tax": Decimal("7.5"), "discount": 0, "discounted": False}
        for place in range(200)
    ]  # fmt: skip
    made = converted(lines)
    check_invoice(made, RULES)
    assert len(made["invoice_line"]) == 200
    assert Fraction(made["legal_monetary_total"]["payable_amount"]) == totals(lines)
