"""The body NRS gets: the reference's own documents, field for field."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from taxpoynt.domain.invoice import DocumentCharge
from taxpoynt.domain.party import Address
from taxpoynt.errors import BadInput
from taxpoynt.nrs.payload import as_dict, body
from tests.unit.nrs.invoices import BUYER, SELLER, b2b, b2c, credit_note, line

GOLDEN = Path(__file__).parent / "golden"


def read(text: bytes | str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


@pytest.mark.parametrize("name", ["b2b", "b2c", "credit_note"])
def test_the_references_sample_documents_come_out_field_for_field(name: str) -> None:
    invoice = {"b2b": b2b, "b2c": b2c, "credit_note": credit_note}[name]()

    assert read(body(invoice)) == read((GOLDEN / f"{name}.json").read_text())


def test_equal_invoices_give_equal_bytes() -> None:
    assert body(b2b()) == body(b2b())


def test_the_body_has_no_number_in_quotes_and_no_exponent() -> None:
    tiny = line(unit_price_net=Decimal("1E+3"), quantity=Decimal("1E-7"), net=Decimal("0.00"))

    text = body(b2b(lines=(tiny,))).decode()

    assert '"price_amount":1000,' in text
    assert '"invoiced_quantity":0.0000001,' in text


@pytest.mark.parametrize("missing", ["irn", "tax_total", "gross_total"])
def test_an_unfinished_invoice_has_no_body_to_send(missing: str) -> None:
    with pytest.raises(BadInput, match=missing):
        body(b2b(**{missing: None}))


def test_a_seller_unknown_to_nrs_has_no_body_to_send() -> None:
    with pytest.raises(BadInput, match="business_id"):
        body(b2b(seller=SELLER.model_copy(update={"business_id": None})))


def test_an_unfinished_invoice_can_still_be_looked_at() -> None:
    whole = as_dict(b2b(irn=None, tax_total=None, gross_total=None, payable=None, taxes=()))

    assert "irn" not in whole
    assert "payable_amount" not in whole.get("legal_monetary_total", {})


def test_an_invoice_never_names_an_earlier_document_and_a_debit_note_does() -> None:
    earlier = credit_note().refers_to

    assert "billing_reference" not in as_dict(b2b(refers_to=earlier))
    assert as_dict(b2b(type_code="384", refers_to=earlier))["billing_reference"] == [
        {"irn": "HUB100245-94ND90NR-20260915", "issue_date": "2026-09-15"}
    ]


def test_a_foreign_buyer_goes_without_nigerian_place_codes() -> None:
    abroad = BUYER.model_copy(
        update={"address": Address(street="1 Rue A", city="Cotonou", country="BJ", state="NG-LA", lga="NG-LA-IKE")}
    )

    address = as_dict(b2b(buyer=abroad))["accounting_customer_party"]["postal_address"]

    assert address == {"street_name": "1 Rue A", "city_name": "Cotonou", "country": "BJ"}


def test_a_goods_line_has_no_service_keys_and_a_service_line_no_goods_keys() -> None:
    goods, service = as_dict(b2b())["invoice_line"]

    assert {"hsn_code", "product_category"} <= goods.keys()
    assert not {"isic_code", "service_category"} & goods.keys()
    assert {"isic_code", "service_category"} <= service.keys()
    assert not {"hsn_code", "product_category"} & service.keys()


def test_discounts_and_charges_on_the_document_are_told_apart() -> None:
    charges = (
        DocumentCharge(charge=False, amount=Decimal(500)),
        DocumentCharge(charge=True, amount=Decimal("2500.50")),
    )

    assert as_dict(b2b(charges=charges))["allowance_charge"] == [
        {"charge_indicator": False, "amount": Decimal(500)},
        {"charge_indicator": True, "amount": Decimal("2500.50")},
    ]


def test_zero_amounts_are_sent_because_nrs_takes_a_missing_number_for_an_error() -> None:
    first = as_dict(b2c())["invoice_line"][0]

    assert [first[key] for key in ("discount_rate", "discount_amount", "fee_rate", "fee_amount")] == [0, 0, 0, 0]


def test_names_keep_their_letters() -> None:
    text = body(b2b(note="Àṣẹ & Ụ̀lọ ọrụ “ɗan ƙasa”")).decode()

    assert '"note":"Àṣẹ & Ụ̀lọ ọrụ “ɗan ƙasa”"' in text
