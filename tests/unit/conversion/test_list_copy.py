from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from taxpoynt.conversion.list_copy import (
    CODE_KEYS,
    OneList,
    from_bytes,
    key_of,
    lists_of,
    to_bytes,
    usable_rows,
    version_of,
)
from taxpoynt.errors import BadInput

LIVE: dict[str, Any] = {
    "countries": [{"name": "Nigeria", "alpha_2": "NG", "alpha_3": "NGA"}],
    "currencies": [{"code": "NGN", "decimal_digits": 2}, {"code": "JPY", "decimal_digits": 0}, {"code": "XXX"}],
    "tax-categories": [
        {"code": "STANDARD_VAT", "value": "Standard VAT", "percent": "7.5"},
        {"code": "ZERO_VAT", "value": "Zero VAT", "percent": 0},
        {"code": "REDUCED_VAT", "value": "Reduced VAT", "percent": Decimal("2.50")},
        {"code": "STANDARD_GST", "value": "GST", "percent": "Not Available"},
    ],
    "payment-means": [{"code": "10", "value": "Cash"}],
    "invoice-types": [{"code": "381", "value": "Commercial invoice"}],
    "services-codes": [{"code": "0111", "description": "Growing of cereals"}],
    "hs-codes": [{"hscode": "8471.30 ", "description": "Portable machines"}, {"hscode": ""}, "noise"],
    "states": [{"code": "NG-LA", "name": "Lagos"}],
    "lgas": [{"code": "NG-LA-IKE", "name": "Ikeja"}],
    "invoice-quantity-codes": [{"code": "EA", "name": "Each", "description": "one"}],
    "vat-exemptions": [{"harmonized_system_code": "1006.1000", "description": "Rice in the husk"}],
}


def live(**changed: Any) -> dict[str, OneList]:
    whole = LIVE | {name.replace("_", "-"): rows for name, rows in changed.items()}
    return {name: OneList(usable_rows(name, rows), complete=True) for name, rows in whole.items()}


def test_live_rows_become_complete_lists_codes_trimmed() -> None:
    lists = lists_of(live())

    assert lists.hs_codes.rows == {"8471.30": "Portable machines"}
    assert lists.tax_categories.rows == {
        "STANDARD_VAT": Decimal("7.5"),
        "ZERO_VAT": Decimal(0),
        "REDUCED_VAT": Decimal("2.5"),
        "STANDARD_GST": None,
    }
    assert lists.currencies.rows == {"NGN": 2, "JPY": 0, "XXX": 2}
    assert not lists.lgas.allows("NG-KN-DAL")


def test_a_kept_copy_reads_back_as_the_same_lists_of_the_same_version() -> None:
    data = to_bytes(live())
    again = from_bytes(data)

    assert to_bytes(again) == data
    assert lists_of(again) == lists_of(live())
    assert lists_of(again).version == version_of(data)
    assert key_of(version_of(data)) == f"shared/lists/{version_of(data)}.json"


def test_the_order_of_keys_and_lists_does_not_make_another_version() -> None:
    turned = {name: live()[name] for name in reversed(list(live()))}
    other = live(states=[{"name": "Lagos", "code": "NG-LA"}])

    assert version_of(to_bytes(turned)) == version_of(to_bytes(live())) == version_of(to_bytes(other))


def test_one_changed_row_makes_another_version() -> None:
    more = live(states=[{"code": "NG-LA", "name": "Lagos"}, {"code": "NG-KN", "name": "Kano"}])

    assert version_of(to_bytes(more)) != version_of(to_bytes(live()))


@pytest.mark.parametrize("rows", [[], None, {"rows": []}, [{"other": 1}], "<html>"])
def test_what_is_no_list_of_codes_has_no_usable_row(rows: Any) -> None:
    assert usable_rows("hs-codes", rows) == ()
    with pytest.raises(BadInput):
        lists_of(live(hs_codes=rows))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"states": {"rows": [], "complete": true}}', b'{"states": 1}'])
def test_bytes_that_are_no_copy_are_told_so(data: bytes) -> None:
    with pytest.raises(BadInput):
        from_bytes(data)


def test_every_list_of_the_reference_is_asked_for() -> None:
    assert set(CODE_KEYS) == set(LIVE)
