"""Lightspeed X-Series in the demo: a sale to a firm told by a signed webhook, then a part of it brought back."""

from decimal import Decimal
from typing import Any

import requests

from infra_cdk.local.demo_connectors import DemoConnector
from infra_cdk.local.launch import SEEDS
from infra_cdk.local.seeds import read_seed

TIMEOUT = 30
FIRM = "Kainji Logistics Limited"


def rules(_sandbox: str) -> dict[str, Any]:
    """X-Series has no field for a TIN; the sample shop keeps it, with state and area code, in custom fields."""
    fields = {"buyer.tin": 1, "buyer.address.state": 2, "buyer.address.lga": 3}
    made = [{"target": target, "source": f"customer.custom_field_{number}"} for target, number in fields.items()]
    return {"version": 1, "rules": made}


def sell(sandbox: str) -> str:
    """A chair and two packs of paper at 5,000 with tax each."""
    shop = read_seed(SEEDS, "lightspeed_x")["retailers"][0]
    firm = next(one["id"] for one in shop["customers"] if one.get("company_name") == FIRM)
    chair, paper = (one["id"] for one in shop["products"][:2])
    goods = [{"product_id": chair, "quantity": 1}, {"product_id": paper, "quantity": 2}]
    return str(_post(sandbox, "/sales", {"customer_id": firm, "lines": goods})["id"])


def give_back(sandbox: str, sale: str) -> None:
    """One of the two packs comes back."""
    paper = read_seed(SEEDS, "lightspeed_x")["retailers"][0]["products"][1]["id"]
    _post(sandbox, f"/sales/{sale}/return", {"lines": [{"product_id": paper, "quantity": 1}], "close": True})


def _post(sandbox: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(f"{sandbox}/_control{path}", json=body, timeout=TIMEOUT)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


CONNECTOR = DemoConnector(
    name="lightspeed_x",
    port=9103,
    expected_total=Decimal("90625.00"),
    trigger=sell,
    mapping=rules,
    refund=give_back,
    expected_refund=Decimal("5000.00"),
)
