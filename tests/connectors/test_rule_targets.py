"""What decisions go by reaches the sale on every platform: shop, order number, a line's category and account."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.connector_kit.connector import SaleReading
from tests.connectors.lightspeed_r import sales as r_series
from tests.connectors.lightspeed_x import sales as x_series
from tests.connectors.pipedrive import deals as pipedrive

RULES: dict[str, Any] = {
    "version": 1,
    "rules": [
        {"target": target, "source": f"'{target}'"}
        for target in ("location", "order_number", "line.category", "line.account", "line.sku")
    ],
}


def deal() -> SaleReading:
    return pipedrive.reading(pipedrive.answers(pipedrive.deal(1000), pipedrive.line(1, item_price=1000)), RULES)


def till_x() -> SaleReading:
    return x_series.reading(x_series.sale(x_series.line()), mapping=RULES)


def till_r() -> SaleReading:
    found = r_series.bundle(r_series.sale(r_series.line()))
    return r_series.R_SERIES.read(found, account=r_series.ACCOUNT, mapping=RULES)


@pytest.mark.parametrize("read", [deal, till_x, till_r])
def test_what_decisions_go_by_is_read_by_rules(read: Any) -> None:
    sale = read().sale
    assert (sale.location, sale.order_number) == ("location", "order_number")
    (line,) = sale.lines
    assert (line.category, line.account, line.sku) == ("line.category", "line.account", "line.sku")
