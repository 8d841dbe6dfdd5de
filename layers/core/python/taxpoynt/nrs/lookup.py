"""Reading what NRS tells of one IRN. "Not found" is a promise that nothing was registered, so doubt is an outage."""

from __future__ import annotations

from typing import Any

from taxpoynt.errors import NrsUnavailable
from taxpoynt.ports import NrsInvoiceStatus

_TELLING = frozenset({"irn", "payment_status", "issue_date", "sync_date", "transmitted"})
"""An answer with none of these says nothing about an invoice."""


def status_of(told: Any) -> NrsInvoiceStatus:
    """The status NRS confirmed, from the data of confirm or one item of search."""
    if not isinstance(told, dict) or not told.keys() & _TELLING:
        raise NrsUnavailable("NRS answered something else than an invoice's status")
    return NrsInvoiceStatus(
        found=True,
        payment_status=_text(told, "payment_status"),
        transmitted=told.get("transmitted") is True,
        delivered=told.get("delivered") is True,
        # search gives a time stamp where confirm gives a day
        issue_date=(_text(told, "issue_date") or "")[:10] or None,
        invoice_type_code=_text(told, "invoice_type_code"),
        currency=_text(told, "document_currency_code"),
        entry_status=(_text(told, "entry_status") or "").upper() or None,
    )


def searched(found: Any, irn: str) -> NrsInvoiceStatus:
    """The status of `irn` in a search filtered by it; `found` False only if NRS says that nothing matches."""
    if not isinstance(found, dict) or not isinstance(found.get("items") or [], list):
        raise NrsUnavailable("NRS answered something else than search results")
    items = [one for one in found.get("items") or [] if isinstance(one, dict)]
    for one in items:
        if one.get("irn") == irn:
            return status_of(one)
    page = found.get("page")
    total = page.get("totalCount") if isinstance(page, dict) else None
    if items or total != 0 or isinstance(total, bool):
        raise NrsUnavailable("NRS's search does not say whether it knows the invoice")
    return NrsInvoiceStatus(found=False)


def _text(told: dict[str, Any], key: str) -> str | None:
    value = told.get(key)
    return value if isinstance(value, str) and value else None
