from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from taxpoynt.domain.connection import TokenSet
from taxpoynt.domain.party import Merchant, Party
from taxpoynt.domain.sale import SaleLine


def test_a_misspelt_key_is_an_error_and_not_lost_data() -> None:
    with pytest.raises(ValidationError):
        Party.model_validate({"nmae": "Ada"})


def test_a_model_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        Party(name="Ada").name = "Obi"  # type: ignore[misc]  # trying is the test


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_line_takes_finite_numbers_only(number: str) -> None:
    with pytest.raises(ValidationError):
        SaleLine(path="p", description="x", quantity=Decimal(number), unit_price=Decimal(1))


def test_a_sale_line_comes_back_from_json_to_the_last_digit() -> None:
    line = SaleLine(path="p", description="x", quantity=Decimal("1.3750"), unit_price=Decimal("0.10"))
    assert str(SaleLine.model_validate_json(line.model_dump_json()).quantity) == "1.3750"


def test_an_empty_merchant_decides_nothing() -> None:
    merchant = Merchant()
    assert (merchant.defaults.tax_category, merchant.defaults.classification) == (None, None)
    assert merchant.defaults.buyer_without_tin == "hold"


def test_tokens_do_not_show_when_printed() -> None:
    tokens = TokenSet(access_token="canary-1", refresh_token="canary-2", expires_at=datetime.now(UTC))
    assert "canary" not in repr(tokens)
