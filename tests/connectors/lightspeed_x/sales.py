"""X-Series sales as API 2.0 writes them: JSON numbers, prices without tax of five decimals, taxes by component."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.connector_kit.loader import load
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.nrs.json_text import encode

FIXTURES = Path(__file__).parent / "fixtures"
X_SERIES = load("lightspeed_x")
SALE = "5687606e-dbc9-b0a6-11e9-ae5bfe3709e3"
ACCOUNT = {"currency": "NGN", "time_zone": "Africa/Lagos", "discount_product_id": "discount"}
OUTLET = {"id": "outlet-1", "name": "Ikeja", "currency": "NGN", "time_zone": "Africa/Lagos"}
TAXES = [
    {"id": "vat", "name": "VAT", "rates": [{"id": "vat-rate", "name": "VAT", "rate": Decimal("0.075")}]},
    {"id": "none", "name": "No Tax", "rates": [{"id": "none-rate", "name": "No Tax", "rate": 0}]},
]
COMPANY = {
    "id": "customer-1",
    "customer_code": "ADE-1",
    "first_name": "Bisi",
    "last_name": "Adé",
    "company_name": "Adé & Søns Ltd",
    "email": "bisi@example.com",
    "phone": "0803 123 4567",
    "custom_field_1": "12345678-0001",
    "physical_address_1": "12 Marina",
    "physical_city": "Lagos",
    "physical_state": "Lagos",
    "physical_country_id": "NG",
}
UNIT = Decimal("0.00001")


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text("utf-8"), parse_float=Decimal)


def line(number: int = 1, price: str = "1000", quantity: str = "1", tax: str = "vat", **changes: Any) -> dict[str, Any]:
    """A line; `shelf`: the price with tax, of which the API shows the net and the tax at five decimals."""
    rate = Decimal("0.075") if tax == "vat" else Decimal(0)
    shelf, net = changes.pop("shelf", None), Decimal(price)
    if shelf is not None:
        net = (Decimal(shelf) / (1 + rate)).quantize(UNIT, ROUND_HALF_UP)
    unit_tax = Decimal(shelf) - net if shelf is not None else (net * rate).quantize(UNIT, ROUND_HALF_UP)
    pieces = Decimal(quantity)
    return {
        "id": f"line-{number}",
        "product_id": f"product-{number}",
        "quantity": pieces,
        "price": net,
        "discount": 0,
        "tax": unit_tax,
        "price_total": net * pieces,
        "tax_total": unit_tax * pieces,
        "tax_id": tax,
        "tax_components": [{"rate_id": f"{tax}-rate", "total_tax": unit_tax * pieces}],
        "is_return": pieces < 0,
        "status": "CONFIRMED",
        "note": None,
    } | changes


def payment(amount: str, name: str = "Cash", kind: str = "1") -> dict[str, Any]:
    return {
        "name": name,
        "payment_type_id": kind,
        "amount": Decimal(amount),
        "payment_date": "2026-05-15T23:30:00+00:00",
    }


def sale(*lines: dict[str, Any], payments: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """A closed sale, with the header's totals unrounded as the API shows them, and tendered half up to the kobo."""
    price = sum((Decimal(one["price_total"]) for one in lines), Decimal(0))
    tax = sum((Decimal(one["tax_total"]) for one in lines), Decimal(0))
    extra = sum((Decimal(one["value"]) for one in changes.get("adjustments", [])), Decimal(0))
    tendered = (price + tax + extra).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "id": SALE,
        "version": 413,
        "status": "CLOSED",
        "invoice_number": "1036",
        "sale_date": "2026-05-15T23:30:00+00:00",
        "outlet_id": "outlet-1",
        "register_id": "register-1",
        "customer_id": None,
        "return_for": None,
        "total_price": price + extra,
        "total_tax": tax,
        "line_items": list(lines),
        "payments": [payment(str(tendered))] if payments is None and tendered else payments or [],
        "taxes": [],
        "adjustments": [],
    } | changes


def bundle(record: Any, resource: str = "sale", **related: Any) -> SourceBundle:
    """With the outlet, the taxes and a product for every line, unless `related` says otherwise."""
    products = [
        {"data": {"id": f"product-{number}", "name": f"Item {number}", "sku": f"SKU-{number}"}}
        for number in range(1, 8)
    ]
    answers: dict[str, tuple[Any, ...]] = {
        resource: (record if "payload" in record else {"data": record},),
        "outlets": ({"data": [OUTLET]},),
        "taxes": ({"data": TAXES},),
        "products": tuple(products),
    } | {name: (one,) for name, one in related.items()}
    kept = {
        name: tuple(Answer(f"GET {name}", encode(one).encode()) for one in many)
        for name, many in answers.items()
        if many
    }
    return SourceBundle("lightspeed_x", resource, SALE, kept)


def reading(
    record: Any, resource: str = "sale", mapping: Mapping[str, Any] | None = None, **related: Any
) -> SaleReading:
    return X_SERIES.read(bundle(record, resource, **related), account=ACCOUNT, mapping=mapping or {})
