"""A what-if as JSON, for the command line and the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from taxpoynt.conversion.summary import fault_rows
from taxpoynt.domain.money import plain, round_money
from taxpoynt.services.what_if import RecordOutcome, WhatIf


def shown(made: WhatIf) -> dict[str, Any]:
    """As JSON: amounts are decimal strings; `kobo` is a whole number, or a decimal string where a price has parts."""
    totals = {
        currency: {"before": _money(one.before, currency), "after": _money(one.after, currency), "kobo": one.kobo}
        for currency, one in made.totals.items()
    }
    return {"records": [shown_record(one) for one in made.records], "counts": dict(made.counts), "totals": totals}


def shown_record(one: RecordOutcome) -> dict[str, Any]:
    """One record as JSON."""
    return {
        "name": one.name,
        "resource": one.resource,
        "id": one.resource_id,
        "outcome": one.outcome,
        "is_new": one.is_new,
        "was_refused": one.was_refused,
        "document": one.document,
        "why": one.why,
        "currency": one.currency,
        "before": _money(one.before, one.currency),
        "after": _money(one.after, one.currency),
        "kobo": one.kobo,
        "changes": [
            {"field": change.field, "from": change.before, "to": change.after, "kobo": _whole(change.kobo)}
            for change in one.changes
        ],
        "faults": fault_rows(one.faults),
    }


def _whole(kobo: Decimal | None) -> int | str | None:
    if kobo is None:
        return None
    return int(kobo) if kobo == kobo.to_integral_value() else plain(kobo)


def _money(amount: Decimal | None, currency: str | None) -> str | None:
    """With the digits of its currency."""
    return None if amount is None or currency is None else plain(round_money(amount, currency))
