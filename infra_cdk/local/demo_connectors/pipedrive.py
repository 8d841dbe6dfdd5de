"""Pipedrive in the demo: deal 101 of the sandbox's seed is won."""

from decimal import Decimal

import requests

from infra_cdk.local.demo_connectors import DemoConnector

DEAL = "101"


def win_the_deal(sandbox: str) -> None:
    """What a salesperson does in Pipedrive; the sandbox then delivers `change.deal` to our subscription."""
    answer = requests.patch(f"{sandbox}/_control/deals/{DEAL}", json={"status": "won"}, timeout=30)
    answer.raise_for_status()


CONNECTOR = DemoConnector(
    name="pipedrive", port=9101, sale=DEAL, expected_total=Decimal("161250.00"), trigger=win_the_deal
)
