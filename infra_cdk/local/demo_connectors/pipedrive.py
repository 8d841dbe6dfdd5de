"""Pipedrive in the demo: deal 101 of the sandbox's seed is won."""

from decimal import Decimal
from typing import Any

import requests

from infra_cdk.local.demo_connectors import DemoConnector
from infra_cdk.local.launch import SEEDS
from infra_cdk.local.seeds import read_seed

DEAL = "101"

# Pipedrive has no field for a TIN, so every company keeps it in a custom field under a random key of its own.
TARGETS = {
    "buyer.tin": ("organization", "buyer_tin_key"),
    "buyer.address.state": ("organization", "buyer_state_key"),
    "buyer.address.lga": ("organization", "buyer_lga_key"),
    "buyer_reference": ("deal", "deal_purchase_order_key"),
    "line.classification.hsn_code": ("product", "product_hs_code_key"),
    "line.classification.product_category": ("product", "product_category_key"),
    "line.classification.isic_code": ("product", "product_isic_code_key"),
    "line.classification.service_category": ("product", "product_service_category_key"),
}


def rules(_sandbox: str) -> dict[str, Any]:
    """What the sample merchant would choose on the mapping page: which custom field holds what."""
    keys = read_seed(SEEDS, "pipedrive")["companies"][0]["custom_field_keys"]
    made = [
        {"target": target, "source": f'{record}.custom_fields."{keys[name]}"', "transforms": ["strip"]}
        for target, (record, name) in TARGETS.items()
    ]
    return {"version": 1, "rules": made}


def win_the_deal(sandbox: str) -> str:
    """What a salesperson does in Pipedrive; the sandbox then delivers `change.deal` to our subscription."""
    answer = requests.patch(f"{sandbox}/_control/deals/{DEAL}", json={"status": "won"}, timeout=30)
    answer.raise_for_status()
    return DEAL


CONNECTOR = DemoConnector(
    name="pipedrive",
    port=9101,
    sale=DEAL,
    expected_total=Decimal("161250.00"),
    trigger=win_the_deal,
    mapping=rules,
)
