"""The numbered rules over an NRS body (v1.1) made by anyone. Source: nrs-einvoice reference, sections 6a to 9 and 16.

All faults at once; no JSON value makes it raise.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import localcontext
from typing import Any

from taxpoynt.conversion.body_lines import check_lines
from taxpoynt.conversion.body_parties import check_party
from taxpoynt.conversion.body_totals import check_totals
from taxpoynt.conversion.body_values import Findings, as_date, as_text, shown
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.numbering import check_irn
from taxpoynt.conversion.rule_book import rule
from taxpoynt.domain.invoice import CORRECTION_TYPES
from taxpoynt.domain.money import minor_digits
from taxpoynt.errors import Fault

KINDS = ("B2B", "B2C", "B2G")
STATUSES = ("PENDING", "PAID", "PARTIAL", "REJECTED")
PRECISION = 60

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TYPE = re.compile(r"[0-9]{3}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
_CURRENCY = re.compile(r"[A-Z]{3}")


def check_body(body: Any, lists: CodeLists, *, today: date, require_state_lga: bool = True) -> list[Fault]:
    """Every broken rule of `body` (JSON with Decimal numbers; floats are read by their shortest form).

    today: in Africa/Lagos, for dates in the future. require_state_lga: are state and local government area needed for
    addresses in Nigeria (sources differ: section 7.2)? Paths are NRS's own: `invoice_line[0].item.description`.
    """
    if not isinstance(body, dict):
        return [rule("DOC-001").fault()]
    with localcontext(prec=PRECISION):
        found = Findings(lists, today, require_state_lga)
        _check_identity(body, found)
        _check_dates(body, found)
        _check_references(body, found)
        _check_parties(body, found)
        _check_payment_means(body, found)
        line_amounts = check_lines(body.get("invoice_line"), found)
        check_totals(body, line_amounts, found)
        return found.faults


def _check_identity(body: dict[str, Any], found: Findings) -> None:
    business = body.get("business_id")
    if not isinstance(business, str) or not _UUID.fullmatch(business):
        found.fault("DOC-002")
    code = body.get("invoice_type_code")
    if not isinstance(code, str) or not _TYPE.fullmatch(code):
        found.fault("DOC-003")
    elif not found.lists.invoice_types.allows(code):
        found.fault("DOC-004", value=code)
    if body.get("invoice_kind") not in KINDS:
        found.fault("DOC-005")
    if body.get("payment_status", "PENDING") not in STATUSES:
        found.fault("DOC-006")
    _check_currencies(body, found)
    for name in ("note", "buyer_reference", "order_reference", "payment_terms_note", "accounting_cost"):
        if not isinstance(body.get(name, ""), str | None):
            found.fault("DOC-009", name)


def _check_currencies(body: dict[str, Any], found: Findings) -> None:
    currency, tax_currency = body.get("document_currency_code"), body.get("tax_currency_code")
    if _is_currency(currency, found):
        found.digits = minor_digits(str(currency))
    else:
        found.fault("DOC-007", value=shown(currency))
    if not _is_currency(tax_currency, found):
        found.fault("DOC-008")


def _is_currency(code: object, found: Findings) -> bool:
    return isinstance(code, str) and bool(_CURRENCY.fullmatch(code)) and found.lists.currencies.allows(code)


def _check_dates(body: dict[str, Any], found: Findings) -> None:
    issued, due, tax_point = (as_date(body.get(key)) for key in ("issue_date", "due_date", "tax_point_date"))
    found.tax_date = tax_point or issued
    if issued is None:
        found.fault("DATE-001")
    elif issued > found.today:
        found.fault("DATE-002", value=issued.isoformat())
    clock = body.get("issue_time")
    if not isinstance(clock, str) or not _TIME.fullmatch(clock):
        found.fault("DATE-003")
    if due is None:
        found.fault("DATE-004")
    elif issued is not None and due < issued:
        found.fault("DATE-005")
    if tax_point is None:
        found.fault("DATE-006")
    irn = body.get("irn")
    found.faults += check_irn(irn if isinstance(irn, str) else "", issue_date=issued)
    _check_delivery(body, found)


def _check_delivery(body: dict[str, Any], found: Findings) -> None:
    if body.get("actual_delivery_date") is not None and as_date(body["actual_delivery_date"]) is None:
        found.fault("DATE-007")
    period = body.get("invoice_delivery_period")
    if period is None:
        return
    start, end = (as_date(period.get(key)) if isinstance(period, dict) else None for key in ("start_date", "end_date"))
    if start is None or end is None or end < start:
        found.fault("DATE-008")


def _check_references(body: dict[str, Any], found: Findings) -> None:
    references = body.get("billing_reference")
    if not references:
        if body.get("invoice_type_code") in CORRECTION_TYPES:
            found.fault("REF-001")
        return
    issued = as_date(body.get("issue_date"))
    for place, one in enumerate(references if isinstance(references, list) else [references]):
        path = f"billing_reference[{place}]"
        irn = as_text(one.get("irn")) if isinstance(one, dict) else None
        day = as_date(one.get("issue_date")) if isinstance(one, dict) else None
        if irn is None or day is None or check_irn(irn, issue_date=day) or not isinstance(references, list):
            found.fault("REF-002", path)
        elif irn == body.get("irn"):
            found.fault("REF-003", path)
        elif issued is not None and day > issued:
            found.fault("REF-004", path)


def _check_parties(body: dict[str, Any], found: Findings) -> None:
    seller = body.get("accounting_supplier_party")
    if isinstance(seller, dict):
        check_party(seller, "SELLER", "accounting_supplier_party", found)
    else:
        found.fault("SELLER-001")
    buyer = body.get("accounting_customer_party")
    if isinstance(buyer, dict):
        check_party(buyer, "BUYER", "accounting_customer_party", found)
    elif buyer is not None or body.get("invoice_kind") in ("B2B", "B2G"):
        found.fault("BUYER-001")


def _check_payment_means(body: dict[str, Any], found: Findings) -> None:
    means = body.get("payment_means")
    if means is None:
        return
    if not isinstance(means, list):
        found.fault("PAY-002")
        return
    for place, one in enumerate(means):
        path = f"payment_means[{place}]"
        if not isinstance(one, dict) or ("payment_due_date" in one and as_date(one["payment_due_date"]) is None):
            found.fault("PAY-002", path)
            continue
        code = one.get("payment_means_code")
        if not isinstance(code, str) or not found.lists.allows_means(code):
            found.fault("PAY-001", f"{path}.payment_means_code")
