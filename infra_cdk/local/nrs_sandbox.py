"""The NRS sandbox by its control routes: what it really received, and where it sends notices."""

import json
from decimal import Decimal
from typing import Any

import requests

TIMEOUT = 30


def register_webhook(nrs: str, url: str) -> None:
    """What a person does in the NRS portal: tell it where notices go."""
    requests.post(f"{nrs}/_control/webhook", json={"url": url}, timeout=TIMEOUT).raise_for_status()


def signed_invoices(nrs: str) -> list[dict[str, Any]]:
    """Every invoice that NRS signed, with the body exactly as it was sent (`body_text`)."""
    answer = requests.get(f"{nrs}/_control/invoices", timeout=TIMEOUT)
    answer.raise_for_status()
    return list(answer.json()["invoices"])


def accepted_total(nrs: str, irn: str) -> Decimal | None:
    """The payable amount that NRS holds for this IRN, as it stood in the body; None when it holds none."""
    bodies = [invoice["body_text"] for invoice in signed_invoices(nrs) if invoice["irn"] == irn]
    if len(bodies) != 1:
        return None
    body = json.loads(bodies[0], parse_float=Decimal, parse_int=Decimal)
    return Decimal(body["legal_monetary_total"]["payable_amount"])
