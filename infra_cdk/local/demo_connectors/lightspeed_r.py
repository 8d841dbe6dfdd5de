"""Lightspeed R-Series in the demo: a till sale found by polling, then a part of it brought back."""

from decimal import Decimal
from typing import Any

import requests

from infra_cdk.local.demo_connectors import DemoConnector

TIMEOUT = 30


def sell(sandbox: str) -> str:
    """A chair and two packs of paper over the counter: NGN 84,000.00 and 7.5 % VAT."""
    goods = [{"itemID": 1, "unitQuantity": 1}, {"itemID": 2, "unitQuantity": 2}]
    return str(_post(sandbox, "/sales", {"lines": goods})["saleID"])


def give_back(sandbox: str, sale: str) -> None:
    """One of the two packs comes back: a sale of its own with a negative line."""
    shown = requests.get(f"{sandbox}/_control/sales/{sale}", timeout=TIMEOUT).json()
    lines = shown["SaleLines"]["SaleLine"]
    paper = next(line for line in lines if line["itemID"] == "2")
    _post(sandbox, f"/sales/{sale}/refund", {"lines": [{"saleLineID": int(paper["saleLineID"]), "unitQuantity": 1}]})


def _post(sandbox: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(f"{sandbox}/_control{path}", json=body, timeout=TIMEOUT)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


CONNECTOR = DemoConnector(
    name="lightspeed_r",
    port=9102,
    expected_total=Decimal("90300.00"),
    trigger=sell,
    refund=give_back,
    expected_refund=Decimal("4837.50"),
    webhooks=False,
)
