"""Source record to NRS body on one core, against one JSON parse of the same record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from loadtests.bench.measure import Compared, in_turns, per_call
from taxpoynt.connector_kit import loader
from taxpoynt.conversion.convert import convert
from taxpoynt.domain.party import Address, Classification, Merchant, MerchantDefaults
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists

MERCHANT = Merchant(
    business_id="3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10",
    service_id="94ND90NR",
    tin="23456789-0001",
    name="Zuma Office Systems Limited",
    email="billing@zuma.example",
    telephone="+2348011110001",
    address=Address(
        street="14 Sample Crescent", city="Aba", postal_code="450001", lga="NG-AB-ANO", state="NG-AB", country="NG"
    ),
    defaults=MerchantDefaults(
        tax_category="STANDARD_VAT", classification=Classification(isic_code="6202", service_category="Consultancy")
    ),
)
RULES: dict[str, Any] = {
    "version": 1,
    "rules": [
        {"target": "buyer.tin", "source": "organization.custom_fields.tin"},
        {"target": "buyer.address.state", "source": "organization.custom_fields.state"},
        {"target": "buyer.address.lga", "source": "organization.custom_fields.lga"},
    ],
}
ACCOUNT = {"timezone_name": "Africa/Lagos", "company_domain": "zuma", "default_currency": "NGN"}


def compare(*, rounds: int = 9) -> Iterator[Compared]:
    """Deals of 1, 10 and 200 lines."""
    connector = loader.load("pipedrive")
    lists = code_lists()
    for lines in (1, 10, 200):
        stored = bundle(lines).to_bytes()

        def ours(stored: bytes = stored) -> object:
            sale = connector.sale(SourceBundle.from_bytes(stored), account=ACCOUNT, mapping=RULES)
            invoice, faults = convert(
                sale,
                MERCHANT,
                issue_date=date(2026, 11, 23),
                issue_time="10:00:00",
                lists=lists,
                number="PD1",
                irn="PD1-94ND90NR-20261123",
            )
            if faults:
                raise SystemExit(f"bench: faults {faults}")
            return body(invoice)

        def floor(stored: bytes = stored) -> object:
            return json.loads(stored)

        calls = max(3, 400 // lines)
        yield in_turns(
            f"deal of {lines} lines", per_call(ours, calls=calls), per_call(floor, calls=calls * 10), rounds=rounds
        )


def bundle(lines: int) -> SourceBundle:
    """A won deal as Pipedrive's API shows it."""
    products = [_line(number) for number in range(1, lines + 1)]
    deal = {
        "id": 101,
        "title": "Office set-up",
        "value": 1000 * lines,
        "currency": "NGN",
        "status": "won",
        "org_id": 1,
        "person_id": 1,
        "won_time": "2026-11-23T09:00:00Z",
        "local_won_date": "2026-11-23",
        "is_deleted": False,
        "custom_fields": None,
    }
    answers = {
        "deal": deal,
        "deal_products": products,
        "deal_discounts": [],
        "organization": _ORGANIZATION,
        "person": _PERSON,
    }
    kept = {name: (_answer(name, data),) for name, data in answers.items()}
    return SourceBundle("pipedrive", "deal", "101", kept)


def _answer(name: str, data: object) -> Answer:
    whole = {"success": True, "data": data, "additional_data": {"next_cursor": None}}
    return Answer(f"GET {name}", json.dumps(whole).encode())


def _line(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "deal_id": 101,
        "product_id": number,
        "name": f"Service {number}",
        "item_price": 1000,
        "quantity": 1,
        "discount": 0,
        "discount_type": "percentage",
        "sum": 1000,
        "currency": "NGN",
        "tax": 7.5,
        "tax_method": "exclusive",
        "is_enabled": True,
        "comments": "",
        "billing_frequency": "one-time",
        "billing_frequency_cycles": None,
        "order_nr": number,
    }


_ORGANIZATION = {
    "id": 1,
    "name": "Kainji Logistics Limited",
    "address": {
        "value": "8 Example Road, Aba",
        "route": "Example Road",
        "street_number": "8",
        "locality": "Aba",
        "postal_code": "450002",
        "country": "Nigeria",
    },
    "custom_fields": {"tin": "34567890-0001", "state": "NG-AB", "lga": "NG-AB-ANO"},
}
_PERSON = {
    "id": 1,
    "name": "Ada Okafor",
    "emails": [{"value": "ada@kainji.example", "primary": True, "label": "work"}],
    "phones": [{"value": "+2348022220002", "primary": True, "label": "work"}],
}
