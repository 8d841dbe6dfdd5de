"""The merchant of golden cases: a `--merchant` file, complete enough for every document."""

from __future__ import annotations

from typing import Any

DEMO_TRADERS: dict[str, Any] = {
    "business_id": "6f2c2f4e-4b6b-4b0f-9c8e-1b2a3c4d5e6f",
    "service_id": "94ND90NR",
    "tin": "87654321-0001",
    "name": "Demo Traders Ltd",
    "email": "accounts@demo.example",
    "telephone": "+2348012345678",
    "address": {
        "street": "1 Broad Street",
        "city": "Lagos",
        "postal_code": "101221",
        "lga": "NG-LA-IKE",
        "state": "NG-LA",
        "country": "NG",
    },
    "defaults": {
        "tax_category": "STANDARD_VAT",
        "classification": {"isic_code": "6202", "service_category": "Computer consultancy"},
    },
}
