"""Is the invoice NRS holds the one we sent? NRS writes JSON its own way, so values are compared, not bytes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput


def differences(sent: Mapping[str, Any], held: Mapping[str, Any]) -> list[str]:
    """Names of what both sides have and have differently: header fields, totals, number of lines."""
    names = ("business_id", "irn", "issue_date", "invoice_type_code", "document_currency_code")
    unequal = [name for name in names if _differ(sent.get(name), held.get(name))]
    ours, theirs = sent.get("legal_monetary_total") or {}, held.get("legal_monetary_total") or {}
    unequal += [name for name in ours if _differ(ours[name], theirs.get(name))]
    lines, held_lines = sent.get("invoice_line") or [], held.get("invoice_line")
    if held_lines is not None and len(lines) != len(held_lines):
        unequal.append("invoice_line")
    return unequal


def same_in_full(sent: Any, held: Any) -> bool:
    """Is everything we sent there, with the same value? What NRS added does not matter."""
    if isinstance(sent, Mapping):
        return isinstance(held, Mapping) and all(same_in_full(value, held.get(name)) for name, value in sent.items())
    if isinstance(sent, list):
        return isinstance(held, list) and len(sent) == len(held) and all(map(same_in_full, sent, held))
    return held is not None and not _differ(sent, held)


def read_copy(copy: bytes) -> Mapping[str, Any]:
    """NRS's copy, empty when it is not what we can compare: then the IRN and NRS's status fields must do."""
    try:
        whole = read_json(copy)
    except BadInput:
        return {}
    return whole if isinstance(whole, dict) else {}


def _differ(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None:
        return False
    numbers = (int, Decimal)
    if isinstance(ours, numbers) and isinstance(theirs, numbers):
        return Decimal(ours) != Decimal(theirs)
    return str(ours).lower() != str(theirs).lower()
