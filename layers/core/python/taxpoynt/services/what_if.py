"""What other rules would make of records that are there: read and converted by both, and compared. Pure.

Nothing is stored, numbered or sent. What a profile lacks is no matter of rules: faults of the seller are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from taxpoynt.connector_kit.redaction import mark_in
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import Fault
from taxpoynt.mapping.documents import decisions_of, mapping_of
from taxpoynt.mapping.engine import Explained
from taxpoynt.ports import Connector
from taxpoynt.services.chosen import Chosen
from taxpoynt.services.what_changed import FieldChange, changes, minor_units
from taxpoynt.services.what_if_sides import Circumstances, Side, side_of

Outcome = Literal["appears", "vanishes", "changes", "refused", "unchanged"]
OUTCOMES: tuple[Outcome, ...] = ("appears", "vanishes", "changes", "refused", "unchanged")
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutcome:
    """One record. is_new: refused now, and was not before. was_refused: it was, and is no more.

    kobo: how much more is invoiced, in minor units.
    """

    name: str
    resource: str
    resource_id: str
    outcome: Outcome
    is_new: bool = False
    was_refused: bool = False
    document: str = "none"
    currency: str | None = None
    before: Decimal | None = None
    after: Decimal | None = None
    kobo: int | None = 0
    changes: tuple[FieldChange, ...] = ()
    faults: tuple[Fault, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotal:
    """Everything that would be invoiced in one currency, less credit notes, by the rules before and after."""

    before: Decimal
    after: Decimal
    kobo: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Every record, how many of each outcome, and the sums."""

    records: tuple[RecordOutcome, ...]
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    totals: Mapping[str, CurrencyTotal] = field(default_factory=dict)


def chosen_by(document: Data, operators: Data | None = None) -> Chosen:
    """A side from rule documents (mapping/documents.py): the merchant's, and the operator's below it."""
    general = operators or {}
    return Chosen(
        mapping=mapping_of(document),
        operator_mapping=mapping_of(general) if general else {},
        settings={**general.get("settings", {}), **document.get("settings", {})},
        decisions=decisions_of(document).over(decisions_of(general)),
    )


def what_if(
    connector: Connector,
    bundles: Iterable[tuple[str, SourceBundle]],
    merchant: Merchant,
    before: Chosen,
    after: Chosen,
    circumstances: Circumstances,
    seen: Callable[[RecordOutcome], None] = lambda _one: None,
) -> WhatIf:
    """Each record (with a name for people) by both rules. FaultsFound for rules that cannot be used at all.

    seen: called after each record, for whoever waits.
    """
    made: list[RecordOutcome] = []
    sums: dict[str, list[Decimal]] = {}
    for name, bundle in bundles:
        old = side_of(connector, bundle, merchant, before, circumstances)
        new = side_of(connector, bundle, merchant, after, circumstances)
        for place, side in enumerate((old, new)):
            if side.invoice is not None and side.is_sent:
                sums.setdefault(side.invoice.currency, [Decimal(0), Decimal(0)])[place] += side.total
        one = _compared(name, bundle, old, new, circumstances)
        seen(one)
        made.append(one)
    totals = {currency: _total(currency, *both) for currency, both in sorted(sums.items())}
    return WhatIf(records=tuple(made), counts=_counts(made), totals=totals)


def joined(parts: Sequence[WhatIf]) -> WhatIf:
    """What-ifs of several connections as one."""
    records = tuple(one for part in parts for one in part.records)
    sums: dict[str, list[Decimal]] = {}
    for part in parts:
        for currency, total in part.totals.items():
            both = sums.setdefault(currency, [Decimal(0), Decimal(0)])
            both[0] += total.before
            both[1] += total.after
    totals = {currency: _total(currency, *both) for currency, both in sorted(sums.items())}
    return WhatIf(records=records, counts=_counts(records), totals=totals)


def _counts(records: Sequence[RecordOutcome]) -> dict[Outcome, int]:
    return {outcome: sum(one.outcome == outcome for one in records) for outcome in OUTCOMES}


def _total(currency: str, before: Decimal, after: Decimal) -> CurrencyTotal:
    return CurrencyTotal(before=before, after=after, kobo=int(minor_units(after - before, currency)))


def _compared(name: str, bundle: SourceBundle, before: Side, after: Side, about: Circumstances) -> RecordOutcome:
    shown = after.invoice or before.invoice
    found = changes(before.invoice, after.invoice) if before.is_sent and after.is_sent else ()
    hidden = hidden_paths((*before.explained, *after.explained), about.hides)
    texts = about.texts(bundle) if found else {}
    outcome = _outcome(before, after, found)

    def mark(change: FieldChange) -> str | None:
        return _hidden_by(change.field, hidden, about.buyers) or _told_in(change, texts)

    return RecordOutcome(
        name=name,
        resource=bundle.resource,
        resource_id=bundle.resource_id or (shown.sale_id if shown else ""),
        outcome=outcome,
        is_new=outcome == "refused" and not before.faults,
        was_refused=outcome != "refused" and bool(before.faults),
        document=after.document,
        currency=shown.currency if shown else None,
        before=before.total if before.is_sent else None,
        after=after.total if after.is_sent else None,
        kobo=_kobo(before, after),
        changes=tuple(one.redacted(mark(one)) for one in found),
        faults=after.faults,
        why=after.why,
    )


def _kobo(before: Side, after: Side) -> int | None:
    """How much more is invoiced; None where the currencies differ."""
    currencies = {one.invoice.currency for one in (before, after) if one.is_sent and one.invoice is not None}
    if len(currencies) > 1:
        return None
    return int(minor_units(after.total - before.total, currencies.pop())) if currencies else 0


def _outcome(before: Side, after: Side, found: Sequence[FieldChange]) -> Outcome:
    if after.faults:
        return "refused"
    if after.is_sent:
        return "appears" if not before.is_sent else "changes" if found else "unchanged"
    return "vanishes" if before.is_sent else "unchanged"


def hidden_paths(explained: Iterable[Explained], hides: Callable[[Explained], str | None]) -> dict[str, str | None]:
    """Of each path that rules gave a value for: the class that hides it, None where it may be shown."""
    found: dict[str, str | None] = {}
    for one in explained:
        if one.result is not None:
            found[one.path] = found.get(one.path) or hides(one)
    return found


def _told_in(change: FieldChange, texts: Mapping[str, str]) -> str | None:
    """The class of a text that stands in a value although no rule took it there."""
    mark = mark_in(texts, [change.before, change.after])
    return mark.strip("[]") if mark else None


def _hidden_by(path: str, hidden: Mapping[str, str | None], buyers: str | None) -> str | None:
    """The class that hides a field. A buyer's field that no rule gave may be a person's; a line's name is its text."""
    if path.startswith("buyer.") and path not in hidden:
        return None if path == "buyer.kind" else buyers
    for given in (path, path.removesuffix("name") + "description", path.removesuffix("description") + "name"):
        if hidden.get(given):
            return hidden[given]
    return None
