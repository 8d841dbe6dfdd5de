"""What becomes of an accepted document when its source says something else: never an edit, always another document.

Differences are taken against everything issued so far, invoices and debit notes less credit notes, so that all
documents together equal what the source says now, to the minor unit and by (category, rate). A credit note never takes
more from a document than earlier ones left of it. Source: reference 8.1, 9 rule 13, 19; docs/decisions/0011.

CHANGE-001 taken back · 002 less · 003 more · 004 some of both · 005 buyer, currency, kind or date · 006 a difference
that no note can tell to the minor unit · 007 sold again after it was credited whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from taxpoynt.conversion.clock import lagos_date
from taxpoynt.conversion.differences import amount_of, exact_rows, lines_for, mirror, names_of, told
from taxpoynt.conversion.exact import VAT_TYPES
from taxpoynt.conversion.split import Split, split
from taxpoynt.conversion.standing import (
    Group,
    Issued,
    Items,
    Sums,
    folded,
    items,
    left,
    minus,
    plus,
    standing,
    standing_items,
    sums,
    total,
)
from taxpoynt.conversion.units import percent_of
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.party import Party
from taxpoynt.domain.sale import Sale

Document = Literal["invoice", "credit_note", "debit_note"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A document to be made. Its sale's id is still the source's; `against`: the document it corrects (None: new)."""

    document: Document
    sale: Sale
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What the source says anew. `asks`: whatever the merchant's policy, a person must decide."""

    code: str
    message: str
    documents: tuple[Planned, ...]
    asks: bool = False


def corrections(issued: Sequence[Issued], was: Sale, now: Sale | None, invoice: Invoice | None) -> Change | None:
    """The documents that bring what was issued in line with the source; None when nothing legal changed.

    issued: every document of this source record that NRS has or is being sent, in order. was: the sale of the newest
    invoice among them. now, invoice: what the source says today, converted as the invoice was (same seller, same
    date); both None when the sale was taken back.
    """
    live = _live(issued)
    stands = standing(live)
    if now is None or invoice is None:
        return None if settled(stands) else _taken_back(live, was)
    if settled(stands):
        return _sold_again(now, invoice) if total(sums(invoice)) else None
    other = _other_terms(issued, was, now, invoice)
    if other:
        return Change("CHANGE-005", other, (*_credit_all(live, was, other), _new(now)), asks=True)
    wanted = folded(minus(sums(invoice), stands), stands)
    things = (standing_items(live), items(invoice))
    if settled(wanted) and not split(*things).swapped:
        return None
    return _difference(issued, was, (now, invoice), wanted, things)


def _live(issued: Sequence[Issued]) -> list[Issued]:
    """Without documents that are credited whole, and those credit notes: nothing of them stands any more."""
    closed = {one.sale_id for one in issued if not one.credit and settled(left(one, issued))}
    return [one for one in issued if one.sale_id not in closed and not (one.credit and one.against in closed)]


def settled(rows: Sums) -> bool:
    """Is it nothing, but for a kobo of tax that no row could tell?"""
    return all(not base and abs(tax) <= 1 for base, tax in rows.values())


def _taken_back(issued: Sequence[Issued], was: Sale) -> Change:
    message = f"This sale was taken back after {amount_of(total(standing(issued)), was.currency)} was invoiced."
    return Change("CHANGE-001", message, tuple(_credit_all(issued, was, message)))


def _sold_again(now: Sale, invoice: Invoice) -> Change:
    message = f"Sold again for {amount_of(total(sums(invoice)), now.currency)}, after its invoice was credited whole."
    return Change("CHANGE-007", message, (_new(now),))


def _other_terms(issued: Sequence[Issued], was: Sale, now: Sale, invoice: Invoice) -> str:
    """What no credit or debit note can say, in words; empty when it is unchanged."""
    before = next(one.invoice for one in reversed(issued) if one.against is None)
    pairs = [
        ("the currency", before.currency, invoice.currency),
        ("the kind of buyer", before.kind, invoice.kind),
        ("the buyer", *_buyers(before.buyer, invoice.buyer)),
        ("the day of the sale", *(lagos_date(one.completed_at).isoformat() for one in (was, now))),
    ]
    told = [f"{what} from {first} to {second}" for what, first, second in pairs if first != second]
    return f"Changed after the invoice: {'; '.join(told)}." if told else ""


def _buyers(first: Party | None, second: Party | None) -> tuple[str, str]:
    """Name and tax number: who owes. A new telephone number or address makes no new invoice."""
    one, other = ((party.name or "", party.tin or "") if party else ("nobody", "") for party in (first, second))
    if " ".join(one[0].casefold().split()) == " ".join(other[0].casefold().split()):
        other = (one[0], other[1])
    return " ".join(one).strip(), " ".join(other).strip()


def _difference(
    issued: Sequence[Issued], was: Sale, new: tuple[Sale, Invoice], wanted: Sums, things: tuple[Items, Items]
) -> Change:
    (now, invoice), (before, after) = new, things
    parts = split(before, after)
    less, more = parts.shares(wanted)
    message = _words(issued, invoice, parts)
    shares = _shared(issued, {group: _pair(group, base, more, wanted) for group, base in less.items()})
    up = {} if shares is None else plus(wanted, *(share for _, share in shares))
    beside = any(group[0] not in VAT_TYPES for group in wanted)
    if beside or shares is None or not all(told(rows) for rows in (up, *(share for _, share in shares))):
        return Change("CHANGE-006", message, (*_credit_all(issued, was, message), _new(now)))
    planned = [_credit(one, was, share, parts.down or before, message) for one, share in shares]
    if up:
        planned.append(_debit(issued, was, up, parts.up or after, message, invoice))
    code = "CHANGE-004" if less and up else "CHANGE-002" if less else "CHANGE-003"
    return Change(code, message, tuple(planned))


def _pair(group: Group, base: int, more: Mapping[Group, int], wanted: Sums) -> tuple[int, int | None]:
    """What must be credited: with nothing on the other side its tax is fixed, else the other side takes the rest."""
    return (base, None) if group in more else (base, -wanted[group][1])


def _words(issued: Sequence[Issued], invoice: Invoice, parts: Split) -> str:
    before, after = (amount_of(units, invoice.currency) for units in (total(standing(issued)), total(sums(invoice))))
    head = f"Changed after the invoice: from {before} to {after}"
    said = parts.told(invoice.currency)
    return f"{head} ({'; '.join(said[:3])}{'; …' if len(said) > 3 else ''})." if said else f"{head}."


def _credit_all(issued: Sequence[Issued], was: Sale, note: str) -> list[Planned]:
    """Everything that is left of every document, to the minor unit."""
    rests = [(one, left(one, issued)) for one in _debts(issued)]
    return [_credit_rest(one, issued, was, rows, note) for one, rows in rests if not settled(rows)]


def _credit_rest(one: Issued, issued: Sequence[Issued], was: Sale, rows: Sums, note: str) -> Planned:
    notes = [note for note in issued if note.credit and note.against == one.sale_id]
    made = _note("credit_note", was, one, rows, note)
    if not notes:
        lines, discounts, charges = mirror(one.invoice)
        copied = {"lines": lines, "discounts": discounts, "charges": charges}
        return Planned("credit_note", made.model_copy(update=copied), one.sale_id)
    things = _positive(standing_items([one, *notes])) or items(one.invoice)  # a rest of untaxed rounding has none
    lines = lines_for(rows, things, was.currency)
    return Planned("credit_note", made.model_copy(update={"lines": lines}), one.sale_id)


def _positive(many: Items) -> Items:
    kept = {group: {name: item for name, item in own.items() if item.net > 0} for group, own in many.items()}
    return {group: own for group, own in kept.items() if own}


def _credit(one: Issued, was: Sale, share: Sums, many: Items, note: str) -> Planned:
    made = _note("credit_note", was, one, share, note)
    return Planned("credit_note", made.model_copy(update={"lines": lines_for(share, many, was.currency)}), one.sale_id)


def _shared(issued: Sequence[Issued], need: Mapping[Group, tuple[int, int | None]]) -> list[tuple[Issued, Sums]] | None:
    """Who gives what: one document that has as much left, else the newest debit notes first; None where none can."""
    debts = [(one, left(one, issued)) for one in _debts(issued)]
    whole = [
        (one, rest)
        for one, rest in debts
        if all(base <= rest.get(group, (0, 0))[0] for group, (base, _) in need.items())
    ]
    found: list[tuple[Issued, Sums]] = []
    for one, rest in whole[:1] or reversed(debts):
        share = plus({group: _least(group, pair, rest[group]) for group, pair in need.items() if group in rest})
        if share:
            found.append((one, share))
            need = {group: _after(pair, share.get(group, (0, 0))) for group, pair in need.items()}
    return None if any(base or tax for base, tax in need.values()) else found


def _least(group: Group, need: tuple[int, int | None], rest: tuple[int, int]) -> tuple[int, int]:
    """A document's whole rest, or what is needed of it, never more tax than is left."""
    base, tax = need
    if rest[0] <= base:
        return rest
    return base, min(percent_of(base, group[1]) if tax is None else tax, rest[1])


def _after(need: tuple[int, int | None], given: tuple[int, int]) -> tuple[int, int | None]:
    base, tax = need
    return base - given[0], None if tax is None else tax - given[1]


def _debts(issued: Sequence[Issued]) -> list[Issued]:
    """Documents that can be credited: the newest invoice first, then the others as they came."""
    debts = [one for one in issued if not one.credit]
    return sorted(debts, key=lambda one: one.against is not None)


def _debit(issued: Sequence[Issued], was: Sale, rows: Sums, many: Items, note: str, invoice: Invoice) -> Planned:
    newest = next(one for one in reversed(issued) if one.against is None)
    made = _note("debit_note", was, newest, rows, note, invoice)
    return Planned("debit_note", made.model_copy(update={"lines": lines_for(rows, many, was.currency)}), newest.sale_id)


def _note(document: Document, was: Sale, one: Issued, rows: Sums, note: str, *more: Invoice) -> Sale:
    """A correction without its lines: buyer and day are those of the sale, amounts those of `rows`."""
    return Sale(
        connector=was.connector,
        platform=was.platform,
        sale_id=was.sale_id,
        document=document,
        title=was.title,
        location=was.location,
        currency=was.currency,
        completed_at=was.completed_at,
        business_date=was.business_date,
        buyer=was.buyer,
        lines=(),
        refers_to=(one.sale_id,),
        exact_taxes=exact_rows(rows, names_of(one.invoice, *more), was.currency),
        note=note,
        buyer_reference=was.buyer_reference,
        source_url=was.source_url,
        depends_on=was.depends_on,
    )


def _new(now: Sale) -> Planned:
    return Planned("invoice", now)
