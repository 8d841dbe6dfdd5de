"""The documents of the reference (section 15) as `Invoice`, built by hand; shared by the tests of nrs and documents."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

from taxpoynt.domain.invoice import Invoice, InvoiceLine, Reference, TaxSubtotal
from taxpoynt.domain.party import Address, Classification, Merchant, Party
from taxpoynt.domain.sale import Payment

D = Decimal
ZERO = D(0)

SELLER = Merchant(
    business_id="3f1c2a64-5b1e-4d0a-9c77-2a8f5d6e9b10",
    service_id="94ND90NR",
    tin="23456789-0001",
    name="Zuma Office Systems Limited",
    email="billing@zuma.example",
    telephone="+2348011110001",
    business_description="Sale of office equipment and IT support",
    address=Address(
        street="14 Sample Crescent", city="Aba", postal_code="450001", lga="NG-AB-ANO", state="NG-AB", country="NG"
    ),
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
)
COMPUTERS = Classification(hsn_code="8471.30", product_category="Portable automatic data processing machines")
CONSULTING = Classification(
    isic_code="6202", service_category="Computer consultancy and computer facilities management activities"
)


def line(**changes: Any) -> InvoiceLine:
    """A line of one thing for 100.00 net, standard VAT."""
    whole: dict[str, Any] = {
        "path": "products[0]",
        "name": "Thing",
        "description": "A thing",
        "sku": "T1",
        "quantity": D(1),
        "unit": "EA",
        "unit_price_net": D("100.00"),
        "discount_percent": ZERO,
        "discount": ZERO,
        "fee_percent": ZERO,
        "fee": ZERO,
        "net": D("100.00"),
        "tax_category": "STANDARD_VAT",
        "tax_rate_percent": D("7.5"),
        "tax": D("7.50"),
        "classification": COMPUTERS,
    }
    return InvoiceLine(**(whole | changes))


def standard_vat(base: str, amount: str) -> TaxSubtotal:
    return TaxSubtotal(category="STANDARD_VAT", name="VAT", rate_percent=D("7.5"), base=D(base), amount=D(amount))


def b2b(**changes: Any) -> Invoice:
    """Section 15.1: one goods line with discount, one service line."""
    tablet = line(
        name="Tablet computer 10 inch",
        description="Tablet computer, 10 inch, 128 GB",
        sku="TAB10128",
        quantity=D(2),
        unit_price_net=D("62500.00"),
        discount_percent=D(20),
        discount=D("25000.00"),
        net=D("100000.00"),
        tax=D("7500.00"),
    )
    setup = line(
        name="Device setup",
        description="On-site setup and hand-over, per hour",
        sku="SVCSETUP",
        quantity=D(5),
        unit="HUR",
        unit_price_net=D("10000.00"),
        net=D("50000.00"),
        tax=D("3750.00"),
        classification=CONSULTING,
    )
    whole: dict[str, Any] = {
        "connector": "hubspot",
        "sale_id": "100245",
        "type_code": "381",
        "kind": "B2B",
        "currency": "NGN",
        "number": "HUB100245",
        "irn": "HUB100245-94ND90NR-20260915",
        "issue_date": date(2026, 9, 15),
        "issue_time": time(10, 42, 31),
        "due_date": date(2026, 10, 15),
        "tax_point_date": date(2026, 9, 15),
        "seller": SELLER,
        "buyer": BUYER,
        "lines": (tablet, setup),
        "lines_total": D("150000.00"),
        "net_total": D("150000.00"),
        "taxes": (standard_vat("150000.00", "11250.00"),),
        "tax_total": D("11250.00"),
        "gross_total": D("161250.00"),
        "payable": D("161250.00"),
        "payments": (Payment(method="bank transfer", amount=ZERO, means_code="30"),),
        "note": "Deal 100245 closed won",
        "buyer_reference": "PO7781",
    }
    return Invoice(**(whole | changes))


def b2c() -> Invoice:
    """Section 15.2: a till sale paid by card, one standard and one zero-rated line, no buyer."""
    journal = line(
        name="Ruled journal A5",
        description="Ruled journal, A5, 200 pages",
        sku="JRN-A5",
        quantity=D(2),
        unit_price_net=D("2000.00"),
        net=D("4000.00"),
        tax=D("300.00"),
        classification=Classification(
            hsn_code="4820.10", product_category="Registers, account books, note books and similar articles"
        ),
    )
    textbook = line(
        name="Physics textbook",
        description="Secondary school physics textbook",
        sku="BK-PHY-01",
        unit_price_net=D("12000.00"),
        net=D("12000.00"),
        tax_category="ZERO_VAT",
        tax_rate_percent=ZERO,
        tax=ZERO,
        classification=Classification(
            hsn_code="4901.99", product_category="Printed books, brochures and similar printed matter"
        ),
    )
    zero = TaxSubtotal(category="ZERO_VAT", name="Zero-rated", rate_percent=ZERO, base=D("12000.00"), amount=D("0.00"))
    return b2b(
        connector="square",
        sale_id="7K2M9QX4",
        kind="B2C",
        number="SQ7K2M9QX4",
        irn="SQ7K2M9QX4-94ND90NR-20260915",
        issue_time=time(18, 5, 12),
        due_date=date(2026, 9, 15),
        payment_status="PAID",
        buyer=None,
        lines=(journal, textbook),
        lines_total=D("16000.00"),
        net_total=D("16000.00"),
        taxes=(standard_vat("4000.00", "300.00"), zero),
        tax_total=D("300.00"),
        gross_total=D("16300.00"),
        payable=D("16300.00"),
        payments=(Payment(method="card", amount=D("16300.00"), means_code="48"),),
        balance_due=D("0.00"),
        note=None,
        buyer_reference=None,
    )


def credit_note() -> Invoice:
    """Section 15.3: one of the two tablets came back."""
    tablet = (
        b2b()
        .lines[0]
        .model_copy(update={"quantity": D(1), "discount": D("12500.00"), "net": D("50000.00"), "tax": D("3750.00")})
    )
    return b2b(
        sale_id="100245-1",
        type_code="380",
        number="HUB100245CN1",
        irn="HUB100245CN1-94ND90NR-20260920",
        issue_date=date(2026, 9, 20),
        issue_time=time(9, 0),
        due_date=date(2026, 9, 20),
        tax_point_date=date(2026, 9, 20),
        lines=(tablet,),
        lines_total=D("50000.00"),
        net_total=D("50000.00"),
        taxes=(standard_vat("50000.00", "3750.00"),),
        tax_total=D("3750.00"),
        gross_total=D("53750.00"),
        payable=D("53750.00"),
        payments=(),
        refers_to=(Reference(irn="HUB100245-94ND90NR-20260915", issue_date=date(2026, 9, 15)),),
        note="One unit returned",
        buyer_reference=None,
    )
