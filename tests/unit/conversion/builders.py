"""Small lists, a merchant, a buyer and sales for the tests of the conversion."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.lists import CodeList, CodeLists, Country
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.party import Address, Classification, Merchant, MerchantDefaults, Party
from taxpoynt.domain.sale import Discount, Sale, SaleLine, StatedTax
from taxpoynt.errors import Fault

D = Decimal
ISSUED = date(2026, 9, 15)


def _codes(*codes: str) -> CodeList[str]:
    return CodeList({code: code.lower() for code in codes}, complete=True, version="test")


LISTS = CodeLists(
    countries=CodeList(
        {
            "NG": Country("Nigeria", "NG", "NGA"),
            "US": Country("United States of America", "US", "USA"),
            "KE": Country("Kenya", "KE", "KEN"),
        },
        complete=True,
        version="test",
    ),
    currencies=CodeList({"NGN": 2, "USD": 2, "EUR": 2, "JPY": 0, "BHD": 3}, complete=True, version="test"),
    tax_categories=CodeList(
        {"STANDARD_VAT": D("7.5"), "REDUCED_VAT": D("7.5"), "ZERO_VAT": D(0), "EXEMPTED": None, "STAMP_DUTY": None},
        complete=True,
        version="test",
    ),
    payment_means=_codes("10", "20", "30", "48"),
    invoice_types=_codes("380", "381", "384"),
    service_codes=CodeList(
        {"6202": "Computer consultancy and computer facilities management activities", "0111": "Growing of cereals"},
        complete=True,
        version="test",
    ),
    hs_codes=CodeList({"8471.30": "Portable automatic data processing machines"}, complete=False, version="test"),
    states=CodeList({"NG-AB": "Abia", "NG-LA": "Lagos"}, complete=True, version="test"),
    lgas=CodeList({"NG-AB-ANO": "Aba North", "NG-LA-IKE": "Ikeja"}, complete=False, version="test"),
    units=_codes("EA", "HUR", "KGM"),
)

GOODS = Classification(hsn_code="8471.30", product_category="Portable automatic data processing machines")
SERVICE = Classification(isic_code="6202")
ABA = Address(
    street="14 Sample Crescent", city="Aba", postal_code="450001", lga="NG-AB-ANO", state="NG-AB", country="NG"
)
MERCHANT = Merchant(
    business_id="3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10",
    service_id="94ND90NR",
    tin="23456789-0001",
    name="Zuma Office Systems Limited",
    email="billing@zuma.example",
    telephone="+2348011110001",
    business_description="Sale of office equipment and IT support",
    address=ABA,
    defaults=MerchantDefaults(tax_category="STANDARD_VAT", classification=GOODS),
)
BUYER = Party(
    name="Kainji Logistics Limited",
    tin="34567890-0001",
    email="accounts@kainji.example",
    telephone="+2348022220002",
    business_description="Freight forwarding and haulage",
    address=Address(
        street="8 Example Road", city="Aba", postal_code="450002", lga="NG-AB-ANO", state="NG-AB", country="NG"
    ),
    kind="organisation",
)


def defaults(**changes: Any) -> Merchant:
    """The merchant with other defaults."""
    return MERCHANT.model_copy(update={"defaults": MERCHANT.defaults.model_copy(update=changes)})


def line(quantity: str = "1", price: str = "100", **fields: Any) -> SaleLine:
    fields.setdefault("path", "products[0]")
    fields.setdefault("description", "Thing")
    if "percent" in fields:
        fields["discounts"] = (Discount(percent=D(fields.pop("percent"))),)
    if "off" in fields:
        fields["discounts"] = (Discount(amount=D(fields.pop("off"))),)
    if "rate" in fields:
        fields["taxes"] = (StatedTax(rate_percent=D(fields.pop("rate"))),)
    return SaleLine(quantity=D(quantity), unit_price=D(price), **fields)


def sale(*lines: SaleLine, **fields: Any) -> Sale:
    fields.setdefault("currency", "NGN")
    fields.setdefault("buyer", BUYER)
    when = datetime(2026, 9, 15, 9, 42, 31, tzinfo=UTC)
    return Sale(connector="pipedrive", platform="PD", sale_id="8", completed_at=when, lines=lines, **fields)


def converted(one: Sale, merchant: Merchant = MERCHANT, **options: Any) -> tuple[Invoice, list[Fault]]:
    return convert(one, merchant, issue_date=ISSUED, issue_time="10:42:31", lists=LISTS, **options)


def body(name: str) -> dict[str, Any]:
    """A sample document of the reference, numbers as Decimal."""
    text = Path(__file__).with_name(f"{name}.json").read_text("utf-8")
    whole: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return whole


def codes(faults: list[Fault]) -> set[str]:
    return {fault.code for fault in faults}
