"""Deals as Pipedrive's API answers them, for the golden chains and the rules."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.connector_kit.loader import load
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.nrs.json_text import encode

FIXTURES = Path(__file__).parent / "fixtures"
PIPEDRIVE = load("pipedrive")
TIN = "9c5d15f3a1e04e2f8a1f6a4d5be3c2d1a0b9c8d7"
AREA = "1f0e9d8c7b6a59483726150413a2b1c0d9e8f7a6"
MAPPING: dict[str, Any] = {
    "version": 1,
    "rules": [
        {"target": "buyer.tin", "source": f'organization.custom_fields."{TIN}"', "transforms": ["strip"]},
        {"target": "buyer.address.lga", "source": f'organization.custom_fields."{AREA}"'},
    ],
}
ACCOUNT = {"company_domain": "acme-sandbox", "timezone_name": "Africa/Lagos", "default_currency": "NGN"}


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text("utf-8"), parse_float=Decimal)


def line(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": 100 + number,
        "deal_id": 8,
        "product_id": number,
        "name": f"Item {number}",
        "order_nr": number * 10,
        "item_price": 1000,
        "quantity": 1,
        "discount": 0,
        "discount_type": "percentage",
        "sum": 1000,
        "tax": Decimal("7.5"),
        "tax_method": "exclusive",
        "currency": "NGN",
        "comments": "",
        "is_enabled": True,
        "billing_frequency": "one-time",
        "billing_frequency_cycles": None,
    } | changes


def deal(value: Any, currency: str = "NGN", **changes: Any) -> dict[str, Any]:
    return {
        "id": 8,
        "title": "Generators for Ikeja",
        "value": value,
        "currency": currency,
        "status": "won",
        "org_id": 1,
        "person_id": 2,
        "won_time": "2026-05-15T23:30:00Z",
        "local_won_date": "2026-05-16",
        "is_deleted": False,
        "is_archived": False,
        "custom_fields": None,
    } | changes


ORGANIZATION = {
    "id": 1,
    "name": "Adé & Søns Ltd",
    "address": {
        "value": "12 Marina, Lagos, Nigeria",
        "route": "Marina",
        "street_number": "12",
        "subpremise": "",
        "locality": "Lagos",
        "admin_area_level_1": "Lagos",
        "admin_area_level_2": None,
        "postal_code": "101241",
        "country": "Nigeria",
    },
    "custom_fields": {TIN: " 12345678-0001 ", AREA: "NG-LA-IKE"},
}
PERSON = {
    "id": 2,
    "name": "Bisi Adé",
    "emails": [{"value": "old@example.com", "primary": False}, {"value": "bisi@example.com", "primary": True}],
    "phones": [{"value": "", "primary": True}, {"value": "0803 123 4567", "primary": False}],
    "custom_fields": {},
}


def bundle(answers: dict[str, Any]) -> SourceBundle:
    """Answers by name; a value that is a tuple is several answers (pages, or one a product)."""
    kept = {
        name: tuple(
            Answer(f"GET {name}", encode(one).encode()) for one in (many if isinstance(many, tuple) else (many,))
        )
        for name, many in answers.items()
        if name != "composite" and not name.startswith("expected")
    }
    return SourceBundle("pipedrive", "deal", "8", kept)


def answers(record: dict[str, Any], *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "deal": {"success": True, "data": record},
        "deal_products": {"success": True, "data": list(lines), "additional_data": {"next_cursor": None}},
        "deal_discounts": {"success": True, "data": more.pop("discounts", [])},
        "organization": {"success": True, "data": ORGANIZATION},
        "person": {"success": True, "data": PERSON},
    } | more


def reading(given: dict[str, Any], mapping: dict[str, Any] | None = None) -> SaleReading:
    return PIPEDRIVE.read(bundle(given), account=ACCOUNT, mapping=MAPPING if mapping is None else mapping)


def codes(found: SaleReading) -> list[str]:
    return [fault.code for fault in found.faults]
