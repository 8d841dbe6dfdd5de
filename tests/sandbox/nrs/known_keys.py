"""Every key of the v1.1 invoice. NRS ignores others silently, so the sandbox writes them down for tests to see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Tree = dict[str, "Tree"]


def _leaves(names: str) -> Tree:
    return {name: {} for name in names.split()}


_REFERENCE = _leaves("irn issue_date")
_ADDRESS = _leaves("street_name city_name postal_zone lga state country")
_PARTY: Tree = {
    **_leaves("id postal_address_id party_name tin email telephone business_description"),
    "postal_address": _ADDRESS,
}
_SUBTOTAL: Tree = {**_leaves("taxable_amount tax_amount"), "tax_category": _leaves("id percent")}
_LINE: Tree = {
    **_leaves("hsn_code product_category isic_code service_category"),
    **_leaves("discount_rate discount_amount fee_rate fee_amount invoiced_quantity line_extension_amount"),
    "item": _leaves("name description sellers_item_identification"),
    "price": _leaves("price_amount base_quantity price_unit"),
}
REFERENCES = (
    "dispatch_document_reference",
    "receipt_document_reference",
    "originator_document_reference",
    "contract_document_reference",
    "additional_document_reference",
)
OTHER_PARTIES = ("payee_party", "bill_party", "ship_party", "tax_representative_party")

INVOICE: Tree = {
    **_leaves("business_id irn issue_date issue_time due_date invoice_type_code invoice_kind payment_status"),
    **_leaves("tax_point_date document_currency_code tax_currency_code note accounting_cost buyer_reference"),
    **_leaves("order_reference actual_delivery_date payment_terms_note"),
    "invoice_delivery_period": _leaves("start_date end_date"),
    "billing_reference": _REFERENCE,
    **dict.fromkeys(REFERENCES, _REFERENCE),
    "accounting_supplier_party": _PARTY,
    "accounting_customer_party": _PARTY,
    **dict.fromkeys(OTHER_PARTIES, _PARTY),
    "payment_means": _leaves("payment_means_code payment_due_date"),
    "allowance_charge": _leaves("charge_indicator amount"),
    "tax_total": {"tax_amount": {}, "tax_subtotal": _SUBTOTAL},
    "legal_monetary_total": _leaves("line_extension_amount tax_exclusive_amount tax_inclusive_amount payable_amount"),
    "invoice_line": _LINE,
}


def ignored_keys(body: Any, tree: Tree = INVOICE, path: str = "") -> Iterator[str]:
    """Where the body says something NRS does not read, as `invoice_line[0].item.descripton`."""
    if isinstance(body, list):
        for index, row in enumerate(body):
            yield from ignored_keys(row, tree, f"{path}[{index}]")
    elif isinstance(body, dict):
        for key, value in body.items():
            place = f"{path}.{key}" if path else str(key)
            if key not in tree:
                yield place
            elif tree[key]:
                yield from ignored_keys(value, tree[key], place)
