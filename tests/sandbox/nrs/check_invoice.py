"""Validates an invoice body as endpoints 5 and 6 do (reference, sections 7 to 9), stopping at the first problem.

Where public sources disagree on whether a field is required, the stricter reading holds: a client that passes here
passes everywhere. Texts that are not in section 13 are ours, in the same style.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.sandbox.nrs.check_lines import check_lines
from tests.sandbox.nrs.check_party import Parties, check_party
from tests.sandbox.nrs.check_totals import check_arithmetic, check_totals
from tests.sandbox.nrs.irn import LONGEST, check_irn, parts
from tests.sandbox.nrs.known_keys import OTHER_PARTIES, REFERENCES
from tests.sandbox.nrs.node import TIME, Node, check_uuid
from tests.sandbox.nrs.problems import Problem
from tests.sandbox.nrs.tables import Tables

KINDS = ("B2B", "B2C", "B2G", "G2B")
STATUSES = ("PENDING", "PAID", "REJECTED", "PARTIAL")
NEED_BUYER = ("B2B", "B2G")
NEED_REFERENCE = ("380", "384")
ROOT = "invoicerequest.invoice"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a check depends on beside the body. `template_of` gives a visible business's IRN template, else None."""

    tables: Tables
    today: date
    strict: bool
    template_of: Callable[[str], str | None]
    parties: Parties


def check_invoice(body: dict[str, Any], rules: Rules) -> None:
    """Raises the first Problem of the body."""
    node = Node(body, ROOT)
    _identity(node, rules)
    _header(node, rules.tables)
    _dates(node, rules.today)
    _references(node)
    _parties(node, rules)
    _payment(node, rules.tables)
    check_totals(node, rules.tables)
    check_lines(node, rules.tables)
    if rules.strict:
        check_arithmetic(node, rules.tables)


def _identity(node: Node, rules: Rules) -> None:
    business = check_uuid(node.text("business_id"))
    template = rules.template_of(business)
    if template is None:
        raise Problem("business does not belong to this api key")
    irn = node.text("irn", most=LONGEST)
    check_irn(irn, template, issue_date=node.date("issue_date"))


def _header(node: Node, tables: Tables) -> None:
    code = node.text("invoice_type_code")
    if not tables.has("invoice-types", code):
        node.refuse_list("invoice_type_code", "invoice type code")
    if node.text("invoice_kind") not in KINDS:
        node.refuse("invoice_kind", f"must be one of {' '.join(KINDS)}")
    if node.text("payment_status") not in STATUSES:
        node.refuse("payment_status", f"must be one of {' '.join(STATUSES)}")
    for key in ("document_currency_code", "tax_currency_code"):
        node.choice(key, [row["code"] for row in tables.rows("currencies")], "currency code")
    for key in ("note", "accounting_cost", "buyer_reference", "order_reference", "payment_terms_note"):
        node.optional_text(key)


def _dates(node: Node, today: date) -> None:
    issued = node.date("issue_date")
    if issued > today:
        node.refuse("issue_date", "can not be in the future")
    if not TIME.fullmatch(node.text("issue_time")):
        node.refuse("issue_time", "must be a valid time value hh:mm:ss (e.g: 17:59:04)")
    if node.date("due_date") < issued:
        node.refuse("due_date", "can not be before issuedate")
    node.date("tax_point_date")
    node.optional_date("actual_delivery_date")
    period = node.optional_child("invoice_delivery_period")
    if period and period.date("end_date") < period.date("start_date"):
        period.refuse("end_date", "can not be before startdate")


def _references(node: Node) -> None:
    corrected = node.optional_children("billing_reference")
    if not corrected and node.value["invoice_type_code"] in NEED_REFERENCE:
        node.refuse("billing_reference", f"is required when invoicetypecode is {node.value['invoice_type_code']}")
    for reference in corrected:
        _check_reference(reference)
    for key in REFERENCES:
        value = node.value.get(key)
        one = isinstance(value, dict)  # the official table says array, the official samples show one object
        for reference in [node.child(key)] if one else node.optional_children(key):
            _check_reference(reference)


def _check_reference(reference: Node) -> None:
    found = parts(reference.text("irn", most=LONGEST))
    if found is None:
        reference.refuse("irn", "must be a valid irn")
    if found[2] != reference.date("issue_date"):
        reference.refuse("issue_date", "must be the date in irn")


def _parties(node: Node, rules: Rules) -> None:
    check_party(node.child("accounting_supplier_party"), rules.tables, rules.parties)
    buyer = node.optional_child("accounting_customer_party")
    if buyer is None and node.value["invoice_kind"] in NEED_BUYER:
        node.refuse("accounting_customer_party", f"is required when invoicekind is {node.value['invoice_kind']}")
    others = [node.optional_child(key) for key in OTHER_PARTIES]
    for party in (buyer, *others):
        if party:
            check_party(party, rules.tables, rules.parties)


def _payment(node: Node, tables: Tables) -> None:
    for means in node.optional_children("payment_means"):
        if not tables.has("payment-means", means.text("payment_means_code")):
            means.refuse_list("payment_means_code", "payment means code")
        means.date("payment_due_date")
    for change in node.optional_children("allowance_charge"):
        change.boolean("charge_indicator")
        change.number("amount")
