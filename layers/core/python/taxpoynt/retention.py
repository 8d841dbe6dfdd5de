"""How long each class of data stays: the one table, read by the infrastructure (lifecycle) and the purge (promise P9).

Standard library only. The periods are our reading of the Nigeria Tax Administration Act 2025 and of the Nigeria Data
Protection Act 2023 with its 2025 directive (security page, part 6); counsel confirms them, and a stage may set others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from taxpoynt.errors import ConfigurationError

TAX_LAW = "Nigeria Tax Administration Act 2025: six years after the year of assessment, which follows the sale year"
PRIVACY = "Nigeria Data Protection Act 2023 with its 2025 directive: no longer than the purpose needs"
OURS = "ours: longer than the longest repetition of a platform"

EVIDENCE = "evidence"
"""The class of what backs an invoice: a source record and everything made from it, from the reservation on."""
EXPIRED = "expired"
"""The class of what the purge is done with: gone with the next run of the bucket's lifecycle."""

Keeper = Literal["lifecycle", "purge", "ttl", "at once", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`days` after it was written, or until 31 December of the `sale_years`-th year after the sale year; else for ever.

    by: who takes it away. Only what the purge takes away can be held.
    """

    by: Keeper
    source: str
    days: int | None = None
    sale_years: int | None = None


_EVIDENCE = Rule(by="purge", sale_years=7, source=TAX_LAW)
_DRAFT = Rule(by="lifecycle", days=180, source=f"{PRIVACY}; a sale that waits for a person, never over six months")

RULES: Mapping[str, Rule] = {
    # objects of the raw bucket, by the class in their tag (at first the second part of their key)
    "webhooks": Rule(by="lifecycle", days=30, source=f"{PRIVACY}; for replay by us"),
    "records": Rule(by="lifecycle", days=30, source=f"{PRIVACY}; source records that are not on an invoice"),
    "sales": _DRAFT,
    "invoices": _DRAFT,
    "inputs": _DRAFT,
    "supplied": _DRAFT,
    EVIDENCE: _EVIDENCE,
    "submissions": _EVIDENCE,
    "answers": _EVIDENCE,
    "documents": _EVIDENCE,
    "ledger": _EVIDENCE,
    "codes": Rule(by="at once", source="a merchant's product tables: no personal data; until the merchant's erasure"),
    "lists": Rule(by="nobody", source="NRS's code lists: no personal data, and invoices name their version"),
    EXPIRED: Rule(by="lifecycle", days=1, source="marked by the purge or an erasure; a day to notice a mistake"),
    # items of the tables
    "sale": _EVIDENCE,
    "event": Rule(by="ttl", days=7, source=OURS),
    "parked event": Rule(by="ttl", days=30, source="as long as the raw body a person would want to see"),
    "cached customers": Rule(by="ttl", days=30, source=f"{PRIVACY}; after the platform last told them"),
    "cached items": Rule(by="ttl", days=180, source="ours: items and stock, no personal data; never over six months"),
    "platform tokens": Rule(by="at once", source="until the connection ends"),
    "profile": Rule(by="at once", source=f"{PRIVACY}; until the merchant asks for its erasure"),
    "access logs": Rule(by="lifecycle", days=90, source="ours: ids only"),
}


def rules(overrides: Mapping[str, int] | None = None) -> Mapping[str, Rule]:
    """The table with a stage's own periods (`{"records": 20, "evidence": 10}`); ConfigurationError for what is none."""
    changed = dict(RULES)
    for name, period in (overrides or {}).items():
        rule = changed.get(name)
        if rule is None or (rule.days is None and rule.sale_years is None) or period < 1:
            raise ConfigurationError(f"retention: no period can be set for {name!r}")
        for each, before in RULES.items():
            if each == name or (before == rule and rule.by == "purge"):  # evidence is one clock, wherever it is kept
                changed[each] = (
                    replace(before, sale_years=period) if before.sale_years else replace(before, days=period)
                )
    return changed


def last_day(sale_day: date, sale_years: int) -> date:
    """The last day on which what backs a sale of `sale_day` must be there."""
    return date(sale_day.year + sale_years, 12, 31)


def sale_years(table: Mapping[str, Rule]) -> int:
    """The one period of all evidence."""
    return table[EVIDENCE].sale_years or 0


def first_kept(today: date, sale_years: int) -> date:
    """Sales before this day are past their period: 1 January of the oldest sale year that must still be there."""
    return date(today.year - sale_years, 1, 1)
