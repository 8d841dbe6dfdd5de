from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from taxpoynt.conversion.numbering import check_irn, invoice_number, irn, platform_letters
from taxpoynt.domain.keys import correction_id, root_of
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
    assert len({invoice_number("pipedrive", one, platform="PD") for one in ids}) == len(ids)


@given(IDS)
def test_the_number_of_a_number_is_another_sale(sale_id: str) -> None:
    digested = invoice_number("pipedrive", sale_id, platform="PD")[2:]
    if digested != sale_id:
        assert invoice_number("pipedrive", digested, platform="PD") != invoice_number(
            "pipedrive", sale_id, platform="PD"
        )


def test_ids_that_strip_to_the_same_text_stay_apart() -> None:
    assert len({invoice_number("pipedrive", one, platform="PD") for one in ("A1", "A-1", "a1", "A 1", "Á1")}) == 5


@pytest.mark.parametrize(
    ("connector", "platform", "sale_id", "number"),
    [
        ("pipedrive", "PD", "8", "PD8"),
        ("square", "SQ", "7K2M9QX4", "SQ7K2M9QX4"),
        ("lightspeed_x", "LX", "6", "LX6"),
        ("zoho", None, "5", "ZOH5"),
        ("kasuwa", "k-asuwa", "5", "KASU5"),
    ],
)
def test_a_plain_id_is_readable_in_the_number(connector: str, platform: str | None, sale_id: str, number: str) -> None:
    assert invoice_number(connector, sale_id, platform=platform) == number


def test_a_merchants_prefix_comes_first() -> None:
    assert invoice_number("pipedrive", "8", "Zuma-Ltd Nigeria", platform="PD") == "ZUMALTDNPD8"


def test_an_empty_id_cannot_be_numbered() -> None:
    with pytest.raises(BadInput):
        invoice_number("pipedrive", "", platform="PD")


def test_a_name_without_letters_still_has_a_prefix() -> None:
    assert platform_letters("ß") == "SS"
    assert platform_letters("漢") == "X"


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
        ("INV001-94ND90N-20260915", "IRN-006"),
        ("inv001-94ND90NR-20260915", "IRN-006"),
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
    with pytest.raises(BadInput, match="IRN-006"):
        irn("PD8", "94nd", DAY)


# --- corrections of ours ---------------------------------------------------------------------------------------------

FAMILY = st.builds(
    lambda root, letter, number: correction_id(root, letter, number),
    IDS.filter(lambda one: root_of(one) == one),
    st.sampled_from("CDR"),
    st.integers(1, 999),
)


@pytest.mark.parametrize(
    ("sale_id", "number"), [("8:C1", "PD8C1"), ("8:D12", "PD8D12"), ("8:R1", "PD8R1"), ("ABC:C2", "PDABCC2")]
)
def test_a_correction_is_its_sales_number_and_a_letter(sale_id: str, number: str) -> None:
    assert invoice_number("pipedrive", sale_id, platform="PD") == number


def test_a_plain_id_that_looks_like_a_correction_is_told_apart() -> None:
    ids = ("8C1", "8:C1", "8-C1", "8C1:C1", "8:C11", "8C:C1", "8CC1")
    assert len({invoice_number("pipedrive", one, platform="PD") for one in ids}) == len(ids)
    assert re.fullmatch(r"PD8C1X[A-Z2-7]{12}", invoice_number("pipedrive", "8C1", platform="PD"))


@given(
    st.lists(st.one_of(FAMILY, IDS, st.from_regex(r"[0-9A-Z]{1,6}[CDR][1-9]", fullmatch=True)), unique=True, max_size=9)
)
def test_sales_and_corrections_never_share_a_number(ids: list[str]) -> None:
    numbers = {invoice_number("pipedrive", one, platform="PD") for one in ids}
    assert len(numbers) == len(ids)
    assert all(is_good(number) and len(irn(number, "94ND90NR", DAY)) <= 50 for number in numbers)


def strips_corrections(sale_id: str) -> str:
    """Broken twin: strip only."""
    return "PD" + re.sub(r"[^A-Z0-9]", "", sale_id.upper())


def test_a_twin_that_only_strips_gives_two_sales_one_number() -> None:
    assert strips_corrections("8:C1") == strips_corrections("8C1")
    found = find(
        st.tuples(FAMILY, st.from_regex(r"[0-9]{1,4}[CDR][1-9]", fullmatch=True)),
        lambda pair: strips_corrections(pair[0]) == strips_corrections(pair[1]),
        settings=settings(max_examples=20_000),
    )
    assert invoice_number("pipedrive", found[0], platform="PD") != invoice_number("pipedrive", found[1], platform="PD")
