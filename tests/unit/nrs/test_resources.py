from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from taxpoynt.errors import NrsUnavailable
from taxpoynt.nrs.resources import code_lists, refresh

LIVE: dict[str, Any] = {
    "countries": [{"name": "Nigeria", "alpha_2": "NG", "alpha_3": "NGA"}],
    "currencies": [{"code": "NGN", "decimal_digits": 2}, {"code": "JPY", "decimal_digits": 0}, {"code": "XXX"}],
    "tax-categories": [
        {"code": "STANDARD_VAT", "value": "Standard VAT", "percent": "7.5"},
        {"code": "ZERO_VAT", "value": "Zero VAT", "percent": 0},
        {"code": "STANDARD_GST", "value": "GST", "percent": "Not Available"},
    ],
    "payment-means": [{"code": "10", "value": "Cash"}],
    "invoice-types": [{"code": "381", "value": "Commercial invoice"}],
    "services-codes": [{"code": "0111", "description": "Growing of cereals"}],
    "hs-codes": [{"hscode": "8471.30 ", "description": "Portable machines"}, {"hscode": ""}, "noise"],
    "states": [{"code": "NG-LA", "name": "Lagos"}],
    "lgas": [{"code": "NG-LA-IKE", "name": "Ikeja"}],
    "invoice-quantity-codes": [{"code": "EA", "name": "Each", "description": "one"}],
}


class LiveNrs:
    """Answers as NRS would; `lists` may be changed by a test."""

    def __init__(self, **changed: Any) -> None:
        self.lists = LIVE | {name.replace("_", "-"): rows for name, rows in changed.items()}

    def resource(self, name: str) -> Any:
        return self.lists[name]


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


def test_live_lists_are_complete_and_carry_their_day() -> None:
    lists = refresh(LiveNrs(), today=date(2026, 9, 15))

    assert lists.hs_codes.rows == {"8471.30": "Portable machines"}
    assert lists.tax_categories.rows == {
        "STANDARD_VAT": Decimal("7.5"),
        "ZERO_VAT": Decimal(0),
        "STANDARD_GST": None,
    }
    assert lists.currencies.rows == {"NGN": 2, "JPY": 0, "XXX": 2}
    assert not lists.lgas.allows("NG-KN-DAL")
    assert lists.lgas.version == "live 2026-09-15"


@pytest.mark.parametrize("rows", [[], None, {"rows": []}, [{"other": 1}]])
def test_an_empty_live_list_replaces_nothing(rows: Any) -> None:
    with pytest.raises(NrsUnavailable):
        refresh(LiveNrs(hs_codes=rows), today=date(2026, 9, 15))
