from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.numbering import check_irn, invoice_number, irn, platform_prefix
from taxpoynt.errors import BadInput

DAY = date(2026, 9, 15)
IDS = st.one_of(st.integers(1, 10**12).map(str), st.text(min_size=1, max_size=60), st.uuids().map(str))
CONNECTORS = st.sampled_from(["pipedrive", "hubspot", "square", "lightspeed_x", "zoho"])


def is_good(number: str) -> bool:
    return re.fullmatch(r"[A-Z0-9]{1,32}", number) is not None


@given(CONNECTORS, IDS, st.one_of(st.none(), st.text(max_size=40)))
def test_any_id_gives_the_same_valid_irn_every_time(connector: str, sale_id: str, prefix: str | None) -> None:
    number = invoice_number(connector, sale_id, prefix)
    assert is_good(number)
    assert number == invoice_number(connector, sale_id, prefix)
    assert len(irn(number, "94ND90NR", DAY)) <= 50


@given(st.lists(IDS, unique=True, min_size=2, max_size=8))
def test_different_ids_give_different_numbers(ids: list[str]) -> None:
    assert len({invoice_number("pipedrive", one) for one in ids}) == len(ids)


@given(IDS)
def test_the_number_of_a_number_is_another_sale(sale_id: str) -> None:
    digested = invoice_number("pipedrive", sale_id)[2:]
    if digested != sale_id:
        assert invoice_number("pipedrive", digested) != invoice_number("pipedrive", sale_id)


def test_ids_that_strip_to_the_same_text_stay_apart() -> None:
    assert len({invoice_number("pipedrive", one) for one in ("A1", "A-1", "a1", "A 1", "Á1")}) == 5


@pytest.mark.parametrize(
    ("connector", "sale_id", "number"),
    [
        ("pipedrive", "8", "PD8"),
        ("hubspot", "100245", "HUB100245"),
        ("salesforce", "1", "SF1"),
        ("square", "7K2M9QX4", "SQ7K2M9QX4"),
        ("toast", "1", "TO1"),
        ("lightspeed_r", "277", "LR277"),
        ("lightspeed_x", "6", "LX6"),
        ("zoho", "5", "ZOH5"),
    ],
)
def test_a_plain_id_is_readable_in_the_number(connector: str, sale_id: str, number: str) -> None:
    assert invoice_number(connector, sale_id) == number


def test_a_merchants_prefix_comes_first() -> None:
    assert invoice_number("pipedrive", "8", "Zuma-Ltd Nigeria") == "ZUMALTDNPD8"


def test_an_empty_id_cannot_be_numbered() -> None:
    with pytest.raises(BadInput):
        invoice_number("pipedrive", "")


def test_a_name_without_letters_still_has_a_prefix() -> None:
    assert platform_prefix("ß") == "SS"
    assert platform_prefix("漢") == "X"


def without_stripping(sale_id: str) -> str:
    return "PD" + sale_id


def only_stripped(sale_id: str) -> str:
    return "PD" + re.sub("[^A-Z0-9]", "", sale_id.upper())[:30]


@pytest.mark.parametrize("twin", [without_stripping, only_stripped])
def test_the_search_catches_a_broken_twin(twin: Callable[[str], str]) -> None:
    pairs = st.tuples(st.sampled_from("Aa1-"), st.sampled_from("Aa1-")).map("".join)

    def breaks(ids: list[str]) -> bool:
        numbers = [twin(one) for one in ids]
        return len(set(numbers)) < len(ids) or not all(map(is_good, numbers))

    assert find(st.lists(pairs, unique=True, min_size=2), breaks, settings=settings(max_examples=2000))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("INV-001-94ND90NR-20260915", "IRN-001"),
        ("INV001-94ND90N-20260915", "IRN-001"),
        ("inv001-94ND90NR-20260915", "IRN-001"),
        ("INV001-94ND90NR-20260915\n", "IRN-001"),
        ("", "IRN-001"),
        ("INV001-94ND90NR-20260231", "IRN-002"),
        ("INV001-94ND90NR-20260914", "IRN-003"),
        ("A" * 33 + "-94ND90NR-20260915", "IRN-004"),
        ("INV001-AAAAAAAA-20260915", "IRN-005"),
    ],
)
def test_a_wrong_irn_is_found_out(text: str, code: str) -> None:
    assert [fault.code for fault in check_irn(text, issue_date=DAY, service_id="94ND90NR")] == [code]


def test_a_right_irn_has_no_fault() -> None:
    assert check_irn("INV001-94ND90NR-20260915", issue_date=DAY, service_id="94ND90NR") == []


def test_an_irn_is_not_made_from_a_wrong_service_id() -> None:
    with pytest.raises(BadInput, match="IRN-001"):
        irn("PD8", "94nd", DAY)
