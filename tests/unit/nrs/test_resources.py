from __future__ import annotations

from decimal import Decimal

from taxpoynt.conversion.list_copy import to_bytes, version_of
from taxpoynt.nrs.resources import code_lists, packaged


def test_the_shipped_lists_know_what_every_invoice_needs() -> None:
    lists = code_lists()

    assert lists.tax_categories.get("STANDARD_VAT") == Decimal("7.5")
    assert lists.tax_categories.get("EXEMPTED") is None
    assert "EXEMPT_VAT" not in lists.tax_categories
    assert lists.invoice_types.get("380") == "Credit note"
    assert (len(lists.countries.rows), len(lists.currencies.rows)) == (249, 118)
    assert len(lists.service_codes.rows) == 419
    assert lists.currencies.get("JPY") == 0
    assert lists.states.get("NG-LA") == "Lagos"
    assert {"10", "20", "30"} <= lists.payment_means.rows.keys()
    assert {"EA", "KGM", "HUR"} <= lists.units.rows.keys()
    assert "8471.30" in lists.hs_codes


def test_lists_the_public_knows_a_part_of_refuse_nothing() -> None:
    lists = code_lists()

    assert not lists.lgas.complete
    assert lists.lgas.allows("NG-KN-DAL")
    assert lists.service_codes.complete
    assert not lists.service_codes.allows("9999")


def test_the_shipped_lists_are_read_once() -> None:
    assert code_lists() is code_lists()


def test_the_shipped_lists_have_the_version_of_their_bytes() -> None:
    assert code_lists().version == version_of(to_bytes(packaged()))
    assert len(code_lists().version) == 16
