"""Values a person supplied: they mend what the source lacks, and never outlive what the source says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.suppliable import asked_for
from taxpoynt.conversion.supplied import supply
from taxpoynt.conversion.supplied_check import checked
from taxpoynt.domain.connection import LegalClock
from taxpoynt.domain.party import Address, Party
from taxpoynt.domain.sale import RecordRef, Sale, SaleLine, StatedTax
from taxpoynt.domain.supplied import SuppliedValue, SuppliedValues
from taxpoynt.errors import FaultsFound
from taxpoynt.nrs.resources import code_lists
from tests.fakes.world import PROFILE

LISTS = code_lists()
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLOCK = LegalClock(
    issue_date=date(2026, 11, 23), issue_time="10:00:00", due_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
)
SIGNED = SuppliedValue(path="", value="", who="Ada Obi", why="from the buyer's certificate", at=AT)
TIN = "12345678-0001"


def line(name: str = "Chair", **more: object) -> SaleLine:
    return SaleLine.model_validate(
        {
            "path": "deal_products[0]",
            "description": name,
            "name": name,
            "sku": name.upper(),
            "quantity": "2",
            "unit_price": "100",
            "taxes": (StatedTax(rate_percent="7.5"),),
            "classification": {"isic_code": "6201"},
            **more,
        }
    )


def sale(**more: object) -> Sale:
    address = Address(
        street="1 Broad", city="Lagos", postal_code="101001", state="NG-LA", lga="NG-LA-IKE", country="NG"
    )
    return Sale.model_validate(
        {
            "connector": "pipedrive",
            "sale_id": "8",
            "currency": "NGN",
            "completed_at": AT,
            "buyer": Party(name="Kainji", email="k@kainji.example", address=address, kind="organisation"),
            "lines": (line(),),
            "depends_on": (RecordRef(resource="deal", id="8"), RecordRef(resource="organization", id="12")),
            **more,
        }
    )


def with_buyer(one: Sale, **more: object) -> Sale:
    assert one.buyer
    return one.model_copy(update={"buyer": one.buyer.model_copy(update=more)})


def give(one: Sale, known: SuppliedValues | None = None, /, **wanted: str) -> SuppliedValues:
    paths = {path.replace("__", "."): value for path, value in wanted.items()}
    return checked(one, paths, SIGNED, known or SuppliedValues(), merchant=PROFILE, clock=CLOCK, lists=LISTS)


def lines_give(one: Sale, **wanted: str) -> SuppliedValues:
    paths = {f"lines[0].{path.replace('__', '.')}": value for path, value in wanted.items()}
    return checked(one, paths, SIGNED, SuppliedValues(), merchant=PROFILE, clock=CLOCK, lists=LISTS)


def codes(one: Sale) -> set[str]:
    _, faults = convert(one, PROFILE, issue_date=CLOCK.issue_date, issue_time=CLOCK.issue_time, lists=LISTS)
    return {fault.code for fault in faults}


def refusal(one: Sale, **wanted: str) -> list[tuple[str, str]]:
    with pytest.raises(FaultsFound) as found:
        give(one, **wanted)
    return [(fault.code, fault.path) for fault in found.value.faults]


def test_a_supplied_tin_mends_the_sale_and_the_trace_names_who_and_why() -> None:
    assert codes(sale()) == {"BUYER-002"}
    made, trace = supply(sale(), give(sale(), buyer__tin=TIN))
    assert codes(made) == set()
    (entry,) = trace
    assert (entry.rule, entry.path) == ("supplied", "buyer.tin")
    assert "Ada Obi on 2026-11-23: from the buyer's certificate" in entry.detail


def test_nothing_supplied_changes_nothing() -> None:
    assert supply(sale(), SuppliedValues()) == (sale(), ())


def test_the_sources_own_tin_wins_as_soon_as_it_states_one_and_the_trace_says_so() -> None:
    values = give(sale(), buyer__tin=TIN)
    made, (entry,) = supply(with_buyer(sale(), tin="87654321-0001"), values)
    assert made.buyer
    assert made.buyer.tin == "87654321-0001"
    assert entry.rule == "supplied-left-out"
    assert "the source now says 87654321-0001" in entry.detail


def test_a_wrong_tin_of_the_source_is_replaced_until_the_source_says_another() -> None:
    wrong = with_buyer(sale(), tin="12-34")
    values = give(wrong, buyer__tin=TIN)
    assert codes(supply(wrong, values)[0]) == set()
    assert codes(supply(sale(), values)[0]) == set(), "the wrong one was deleted at the source"
    assert codes(supply(with_buyer(sale(), tin="99"), values)[0]) == {"BUYER-003"}


def test_a_tin_is_never_given_to_another_buyer() -> None:
    values = give(sale(), buyer__tin=TIN)
    other = (RecordRef(resource="deal", id="8"), RecordRef(resource="organization", id="13"))
    relinked = with_buyer(sale(depends_on=other), name="Somebody else")
    assert codes(supply(relinked, values)[0]) == {"BUYER-002"}
    renamed = with_buyer(sale(), name="Kainji Limited")
    assert codes(supply(renamed, values)[0]) == set(), "renamed, it is the same buyer"


def test_an_area_supplied_for_one_address_does_not_go_to_another() -> None:
    assert sale().buyer
    address = sale().buyer.address  # type: ignore[union-attr]  # asserted above
    assert address
    bare = with_buyer(sale(), tin=TIN, address=address.model_copy(update={"lga": None, "postal_code": None}))
    values = give(bare, buyer__address__lga="NG-LA-IKE", buyer__address__postal_code="101001")
    assert codes(supply(bare, values)[0]) == set()
    filled = with_buyer(bare, address=address.model_copy(update={"lga": None}))
    assert codes(supply(filled, values)[0]) == set(), "a blank that was filled in is no other address"
    moved = with_buyer(bare, address=address.model_copy(update={"lga": None, "street": "9 Marina"}))
    assert codes(supply(moved, values)[0]) == {"BUYER-015"}


def test_the_decision_that_this_buyer_is_a_consumer_needs_no_tin() -> None:
    made, _ = supply(sale(), give(sale(), buyer__kind="person"))
    invoice, faults = convert(made, PROFILE, issue_date=CLOCK.issue_date, issue_time="10:00:00", lists=LISTS)
    assert (invoice.kind, faults) == ("B2C", [])
    with_tin, _ = supply(with_buyer(sale(), tin=TIN), give(sale(), buyer__kind="person"))
    invoice, _ = convert(with_tin, PROFILE, issue_date=CLOCK.issue_date, issue_time="10:00:00", lists=LISTS)
    assert invoice.kind == "B2B", "a tax number that came later says more"


@pytest.mark.parametrize(
    ("wanted", "code", "path"),
    [
        ({"buyer__tin": "12345"}, "BUYER-003", "buyer.tin"),
        ({"buyer__email": "nobody"}, "BUYER-006", "buyer.email"),
        ({"buyer__kind": "friend"}, "SUP-003", "buyer.kind"),
        ({"buyer__name": "   "}, "SUP-002", "buyer.name"),
        ({"buyer__name": "a\x00b"}, "SUP-002", "buyer.name"),
        ({"buyer__name": "a" * 256}, "SUP-002", "buyer.name"),
        ({"buyer__address__lga": "NG-AB-ANO"}, "BUYER-015", "buyer.address.lga"),
        ({"buyer__address__country": "Narnia"}, "BUYER-013", "buyer.address.country"),
        ({"currency": "USD"}, "SUP-001", "currency"),
        ({"lines[0].unit_price": "1"}, "SUP-001", "lines[0].unit_price"),
        ({"lines[7].unit": "EA"}, "SUP-004", "lines[7].unit"),
        ({"lines[0].unit": "XX"}, "LINE-011", "lines[0].unit"),
        ({"lines[0].taxes": "FREE"}, "SUP-003", "lines[0].taxes"),
        ({"lines[0].classification.hsn_code": "8471"}, "CLASS-003", "lines[0].classification.hsn_code"),
        ({"lines[0].classification.isic_code": "0000"}, "CLASS-007", "lines[0].classification.isic_code"),
    ],
)
def test_what_cannot_be_is_refused_at_once_with_its_code(wanted: dict[str, str], code: str, path: str) -> None:
    assert (code, path) in refusal(sale(), **wanted)


def test_a_consumers_tin_is_judged_too() -> None:
    person = with_buyer(sale(), kind="person")
    assert refusal(person, buyer__tin="1") == [("BUYER-003", "buyer.tin")]


def test_a_code_from_the_list_brings_its_category_and_one_beyond_our_copy_needs_it_in_words() -> None:
    bare = sale(lines=(line(classification=None),))
    assert "CLASS-001" in codes(with_buyer(bare, tin=TIN))
    made, _ = supply(with_buyer(bare, tin=TIN), lines_give(bare, classification__isic_code="6201"))
    assert codes(made) == set()
    with pytest.raises(FaultsFound, match="CLASS-005"):
        lines_give(bare, classification__hsn_code="9999.99")
    made, _ = supply(
        with_buyer(bare, tin=TIN),
        lines_give(bare, classification__hsn_code="9999.99", classification__product_category="Oddments"),
    )
    assert codes(made) == set()


def test_a_service_supplied_for_what_was_called_goods_is_one_or_the_other() -> None:
    goods = sale(lines=(line(classification={"hsn_code": "1", "product_category": "x"}),))
    made, _ = supply(goods, lines_give(goods, classification__isic_code="6201"))
    assert made.lines[0].classification
    assert made.lines[0].classification.hsn_code is None


def test_a_supplied_tax_has_the_laws_rate() -> None:
    odd = sale(lines=(line(taxes=(StatedTax(rate_percent="5"),)),))
    assert "TAX-003" in codes(odd)
    made, _ = supply(with_buyer(odd, tin=TIN), lines_give(odd, taxes="STANDARD_VAT"))
    invoice, faults = convert(made, PROFILE, issue_date=CLOCK.issue_date, issue_time="10:00:00", lists=LISTS)
    assert faults == []
    assert str(invoice.lines[0].tax_rate_percent) == "7.5"


def test_a_lines_value_follows_its_product_and_leaves_with_it() -> None:
    bare = sale(lines=(line("Chair", unit=None), line("Desk")))
    values = lines_give(bare, unit="KGM")
    turned = sale(lines=(line("Desk"), line("Chair", unit=None)))
    made, (entry,) = supply(turned, values)
    assert [one.unit for one in made.lines] == [None, "KGM"]
    assert entry.path == "lines[1].unit"
    made, (entry,) = supply(sale(lines=(line("Lamp", unit=None),)), values)
    assert made.lines[0].unit is None
    assert entry.rule == "supplied-left-out"
    twice = sale(lines=(line("Desk"), line("Chair"), line("Chair")))
    assert supply(twice, values)[1][0].rule == "supplied-left-out", "which of the two was meant is not guessed"


def test_a_second_value_for_the_same_field_replaces_the_first() -> None:
    first = give(sale(), buyer__tin=TIN)
    both = give(sale(), first, buyer__tin="87654321-0001", buyer__name="Kainji Plc")
    assert [(one.path, one.value) for one in both.values] == [
        ("buyer.tin", "87654321-0001"),
        ("buyer.name", "Kainji Plc"),
    ]


@pytest.mark.parametrize(
    ("path", "code", "first"),
    [
        ("buyer.tin", "BUYER-002", "buyer.tin"),
        ("buyer.address", "BUYER-009", "buyer.address.street"),
        ("buyer", "BUYER-001", "buyer.name"),
        ("buyer.address.lga", "BUYER-015", "buyer.address.lga"),
        ("lines[3]", "CLASS-001", "lines[3].classification.hsn_code"),
        ("lines[0].tax_category", "TAX-002", "lines[0].taxes"),
        ("lines[0].unit", "LINE-011", "lines[0].unit"),
    ],
)
def test_each_fault_a_person_can_mend_here_names_what_to_give(path: str, code: str, first: str) -> None:
    assert asked_for(path, code)[0] == first


@pytest.mark.parametrize(
    "path", ["", "gross_total", "seller.tin", "lines[0].discount", "deal_products[0].tax", "lines"]
)
def test_what_only_the_source_or_the_profile_can_mend_asks_for_nothing(path: str) -> None:
    assert asked_for(path, "SUM-006") == ()


def test_lines_are_counted_as_the_invoice_counts_them() -> None:
    two = sale(lines=(line("Free", quantity="0"), line("Chair", unit=None)))
    made, _ = supply(two, lines_give(two, unit="KGM"))
    assert [one.unit for one in made.lines] == [None, "KGM"]


def test_an_exempt_line_keeps_the_reason_that_was_given_with_it() -> None:
    odd = sale(lines=(line(taxes=()),))
    made, _ = supply(odd, lines_give(odd, tax_reason="Basic food", taxes="EXEMPTED"))
    assert made.lines[0].taxes == (StatedTax(category="EXEMPTED", reason="Basic food"),)
