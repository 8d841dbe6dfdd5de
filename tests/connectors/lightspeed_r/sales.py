"""R-Series sales as the till's API writes them: everything text, lists of one as objects, unrounded taxes of lines."""

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
R_SERIES = load("lightspeed_r")
ACCOUNT = {"default_currency": "NGN", "timezone_name": "Africa/Lagos"}
VAT = {
    "taxCategoryID": "1",
    "isTaxInclusive": "false",
    "tax1Name": "VAT",
    "tax2Name": "",
    "tax1Rate": "0.075",
    "tax2Rate": "0",
}
SHOP = {"shopID": "1", "name": "Ikeja", "timeZone": "Africa/Lagos"}
CASH = {"paymentTypeID": "1", "name": "Cash", "type": "cash"}
CARD = {"paymentTypeID": "3", "name": "Card", "type": "credit card"}
GIFT = {"paymentTypeID": "5", "name": "Gift Card", "type": "gift card"}
ON_ACCOUNT = {"paymentTypeID": "4", "name": "Credit Account", "type": "credit account"}
COMPANY = {
    "customerID": "7",
    "firstName": "Bisi",
    "lastName": "Adé",
    "company": "Adé & Søns Ltd",
    "vatNumber": "12345678-0001",
    "Contact": {
        "Addresses": {
            "ContactAddress": {
                "address1": "12 Marina",
                "address2": "",
                "city": "Lagos",
                "state": "Lagos",
                "zip": "101241",
                "country": "Nigeria",
                "countryCode": "NG",
            }
        },
        "Phones": {"ContactPhone": {"number": "0803 123 4567", "useType": "Work"}},
        "Emails": {
            "ContactEmail": [
                {"address": "old@example.com", "useType": "Secondary"},
                {"address": "bisi@example.com", "useType": "Primary"},
            ]
        },
    },
}


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text("utf-8"), parse_float=Decimal)


def text(amount: Decimal) -> str:
    return format(amount.normalize() + 0, "f")


def line(number: int = 1, price: str = "1000", quantity: str = "1", **changes: Any) -> dict[str, Any]:
    """A line with the till's own sums; `discount` and `share` are amounts, `rate` the rate that is really charged."""
    rate, discount, share = (
        Decimal(changes.pop("rate", "0.075")),
        Decimal(changes.pop("discount", "0")),
        Decimal(changes.pop("share", "0")),
    )
    inclusive = changes.pop("inclusive", False)
    subtotal = Decimal(price) * Decimal(quantity)
    net = subtotal - discount - share
    tax = net * rate / (1 + rate) if inclusive else net * rate
    return {
        "saleLineID": str(200 + number),
        "saleID": "8",
        "unitQuantity": quantity,
        "unitPrice": price,
        "normalUnitPrice": "0",
        "tax": "true" if rate else "false",
        "tax1Rate": text(rate),
        "tax2Rate": "0",
        "calcSubtotal": text(subtotal),
        "calcLineDiscount": text(discount),
        "calcTransactionDiscount": text(share),
        "calcTax1": text(tax),
        "calcTax2": "0",
        "calcTotal": text(net if inclusive else net + tax),
        "itemID": str(number),
        "parentSaleLineID": "0",
        "taxClassID": "1",
        "Item": {"itemID": str(number), "description": f"Item {number}", "customSku": f"SKU-{number}"},
    } | changes


def payment(amount: str, kind: Mapping[str, Any] = CASH, tip: str = "0", **changes: Any) -> dict[str, Any]:
    return {
        "salePaymentID": "1",
        "amount": amount,
        "tipAmount": tip,
        "archived": "false",
        "createTime": "2026-05-15T23:30:00+00:00",
        "PaymentType": dict(kind),
    } | changes


def many(name: str, records: list[Any]) -> Any:
    """A relation as R-Series writes it: a list, one object, or an empty text."""
    return "" if not records else {name: records[0] if len(records) == 1 else records}


def sale(*lines: dict[str, Any], payments: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """A completed sale; each tax slot is summed over the lines and then rounded, as the till does it."""
    inclusive = changes.get("isTaxInclusive") == "true"
    subtotal = sum((Decimal(one["calcSubtotal"]) for one in lines), Decimal(0))
    less = sum(
        (Decimal(one["calcLineDiscount"]) + Decimal(one["calcTransactionDiscount"]) for one in lines), Decimal(0)
    )
    tax = sum((Decimal(one["calcTax1"]) for one in lines), Decimal(0)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    total = (subtotal - less + (0 if inclusive else tax)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "saleID": "8",
        "ticketNumber": "220000000008",
        "completed": "true",
        "archived": "false",
        "voided": "false",
        "isTaxInclusive": "false",
        "completeTime": "2026-05-15T23:30:00+00:00",
        "timeStamp": "2026-05-15T23:30:05+00:00",
        "change": "0",
        "shopID": "1",
        "customerID": "0",
        "tax1Rate": "0.075",
        "tax2Rate": "0",
        "calcSubtotal": text(subtotal),
        "calcDiscount": text(less),
        "calcTax1": text(tax),
        "calcTax2": "0",
        "total": text(total),
        "calcTotal": text(total),
        "balance": "0",
        "TaxCategory": VAT,
        "Shop": SHOP,
        "SaleLines": many("SaleLine", list(lines)),
        "SalePayments": many("SalePayment", [payment(text(total))] if payments is None else payments),
    } | changes


def bundle(record: Any, resource: str = "sale", **related: Any) -> SourceBundle:
    answers = {resource: {"@attributes": {"count": "1"}, "Sale": record} if "saleID" in record else record, **related}
    kept = {name: (Answer(f"GET {name}", encode(one).encode()),) for name, one in answers.items()}
    return SourceBundle("lightspeed_r", resource, "8", kept)


def reading(
    record: Any, resource: str = "sale", account: Mapping[str, Any] | None = None, **related: Any
) -> SaleReading:
    found = bundle(record, resource, **related)
    return R_SERIES.read(found, account=ACCOUNT if account is None else account, mapping={})
