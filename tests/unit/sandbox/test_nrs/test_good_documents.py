import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from tests.unit.sandbox.test_nrs.helping import API_KEY, BUSINESS, DOCUMENTS, GONE, IRN, Caller, changed, document

SAMPLES = sorted(DOCUMENTS.glob("*.json"))
NAMES = [path.stem for path in SAMPLES]


@pytest.mark.parametrize("path", SAMPLES, ids=NAMES)
def test_the_reference_documents_validate_and_sign(nrs: Caller, path: Path) -> None:
    raw = path.read_bytes()
    validated, signed = nrs.validate(raw), nrs.sign(raw)
    assert (validated.status_code, validated.json()) == (200, {"code": 200, "data": {"ok": True}})
    assert (signed.status_code, signed.json()) == (201, {"code": 201, "data": {"ok": True}})


def test_validating_registers_nothing(nrs: Caller) -> None:
    nrs.validate(document())
    nrs.validate(document())
    assert nrs.control("/invoices")["invoices"] == []
    assert nrs.get(f"/api/v1/invoice/confirm/{IRN}").status_code == 404


def test_a_signed_invoice_is_kept_byte_for_byte(nrs: Caller) -> None:
    raw = (DOCUMENTS / "till_sale_b2c.json").read_bytes()
    nrs.sign(raw)
    (kept,) = nrs.control("/invoices")["invoices"]
    assert kept["body_text"].encode() == raw
    assert kept["sign_attempts"] == 1
    assert kept["ignored_keys"] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("accounting_customer_party.party_name", "Ọmọtáyọ̀ & Nwáchukwu’s Ɗaki"),
        ("accounting_customer_party.telephone", GONE),
        ("accounting_customer_party.business_description", GONE),
        ("accounting_customer_party.tin", "RN-1234567"),
        ("accounting_customer_party.tin", "2345678901234"),
        ("accounting_customer_party.tin", "TIN-000001"),
        ("accounting_customer_party.postal_address.postal_zone", ""),
        ("payment_means", GONE),
        ("billing_reference", [{"irn": "OLD1-94ND90NR-20260101", "issue_date": "2026-01-01"}]),
        ("contract_document_reference", {"irn": "OLD1-94ND90NR-20260101", "issue_date": "2026-01-01"}),
        ("invoice_delivery_period", {"start_date": "2026-09-01", "end_date": "2026-09-15"}),
        ("invoice_line.0.isic_code", ""),
    ],
)
def test_what_the_reference_allows_passes(nrs: Caller, path: str, value: object) -> None:
    response = nrs.validate(changed(document(), path, value))
    assert response.status_code == 200, response.text


def test_a_foreign_buyer_needs_no_state(nrs: Caller) -> None:
    abroad = {"street_name": "1 Quay", "city_name": "Tema", "postal_zone": "GT-020", "country": "GH"}
    assert nrs.validate(changed(document(), "accounting_customer_party.postal_address", abroad)).status_code == 200


def test_a_fractional_quantity_is_taken_as_it_is(nrs: Caller) -> None:
    body = document("till_sale_b2c")
    body["invoice_line"][0] |= {"invoiced_quantity": 1.5, "line_extension_amount": 3000}
    body["tax_total"][0]["tax_amount"] = 225
    body["tax_total"][0]["tax_subtotal"][0] |= {"taxable_amount": 3000, "tax_amount": 225}
    body["legal_monetary_total"] = {
        "line_extension_amount": 15000,
        "tax_exclusive_amount": 15000,
        "tax_inclusive_amount": 15225,
        "payable_amount": 15225,
    }
    assert nrs.validate(body).status_code == 200


def test_document_allowances_and_charges_enter_the_totals(nrs: Caller) -> None:
    body = document()
    body["allowance_charge"] = [
        {"charge_indicator": False, "amount": 20000},
        {"charge_indicator": True, "amount": 10000},
    ]
    body["tax_total"][0] = {
        "tax_amount": 10500,
        "tax_subtotal": [
            {"taxable_amount": 140000, "tax_amount": 10500, "tax_category": {"id": "STANDARD_VAT", "percent": 7.5}}
        ],
    }
    body["legal_monetary_total"] |= {
        "tax_exclusive_amount": 140000,
        "tax_inclusive_amount": 150500,
        "payable_amount": 150500,
    }
    assert nrs.validate(body).status_code == 200


def test_lenient_mode_does_not_check_sums(nrs: Caller) -> None:
    body = changed(document(), "legal_monetary_total.payable_amount", 1)
    assert nrs.validate(body).status_code == 400
    nrs.control("/settings", {"strictness": "lenient"})
    assert nrs.validate(body).status_code == 200


def _open(sealed: dict[str, str]) -> bytes:
    key = (sealed["pub"] + API_KEY.split("-", maxsplit=1)[0]).encode()
    assert len(key) == 32
    data = base64.urlsafe_b64decode(sealed["data"] + "=" * (-len(sealed["data"]) % 4))
    return Cipher(algorithms.AES(key), CFB(bytes.fromhex(sealed["iv_hex"]))).decryptor().update(data)


def test_the_downloaded_copy_opens_with_the_key_of_section_11(nrs: Caller) -> None:
    nrs.sign(document())
    first, second = (nrs.data(f"/api/v1/invoice/download/{IRN}") for _ in range(2))
    assert first["iv_hex"] != second["iv_hex"]
    assert json.loads(_open(first)) == json.loads(_open(second)) == document()


def test_the_downloaded_copy_can_be_the_bytes_as_sent(nrs: Caller) -> None:
    raw = (DOCUMENTS / "goods_and_service_b2b.json").read_bytes()
    nrs.sign(raw)
    assert _open(nrs.data(f"/api/v1/invoice/download/{IRN}")) != raw
    nrs.control("/settings", {"download_shape": "as_sent"})
    assert _open(nrs.data(f"/api/v1/invoice/download/{IRN}")) == raw


def test_the_irn_can_be_checked_before_an_invoice_exists(nrs: Caller) -> None:
    body = {"business_id": BUSINESS, "invoice_reference": "HUB100245", "irn": IRN}
    assert nrs.call("POST", "/api/v1/invoice/irn/validate", body).json() == {"code": 200, "data": {"ok": True}}
