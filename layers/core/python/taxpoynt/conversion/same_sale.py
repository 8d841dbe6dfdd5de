"""The keys at which sales of several platforms meet: what an identity rule looks at, in one form, hashed. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from taxpoynt.domain.identity import IdentityRules, Match, SameKey, Sight
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.ledger import canonical, sha256
from taxpoynt.domain.money import plain
from taxpoynt.domain.party import Party
from taxpoynt.domain.sale import Sale

KEY_LENGTH = 40
SURE, MAYBE = "S", "M"
"""How keys begin, so that a key alone says what it is."""


def sure_keys(rules: IdentityRules, merchant: str, sale: Sale) -> list[SameKey]:
    """The keys of a sale that a machine may decide by; none for a sale that the rules are not about."""
    return _keys(rules, merchant, sale, None, sure=True)


def doubtful_keys(rules: IdentityRules, merchant: str, sale: Sale, invoice: Invoice) -> list[SameKey]:
    """The keys at which a person decides: they may look at the amount, so they need the computed invoice."""
    return _keys(rules, merchant, sale, invoice, sure=False)


def rank_of(rules: IdentityRules, connector: str) -> int | None:
    """The place of a platform in the order; None for one that is not compared."""
    return rules.sources.index(connector) if connector in rules.sources else None


def _keys(rules: IdentityRules, merchant: str, sale: Sale, invoice: Invoice | None, *, sure: bool) -> list[SameKey]:
    if rank_of(rules, sale.connector) is None or sale.document != "invoice":
        return []
    found: dict[str, SameKey] = {}
    for match in rules.match:
        if match.sure is sure:
            for key in _of(match, merchant, sale, invoice):
                found.setdefault(key.key, key)
    return list(found.values())


def _of(match: Match, merchant: str, sale: Sale, invoice: Invoice | None) -> Iterator[SameKey]:
    """One key for each way in which everything the rule looks at is there."""
    seen: list[list[str]] = []
    names = [name for name in match.on if name != "day"]
    for name in names:
        values = list(dict.fromkeys(_values(name, sale, invoice)))
        if not values:
            return
        seen.append(values)
    days = match.days if "day" in match.on else None
    for together in itertools.product(*seen):
        whole = [merchant, "sure" if match.sure else f"maybe {days}", *sorted(zip(names, together, strict=True))]
        first = SURE if match.sure else MAYBE
        yield SameKey(key=first + sha256(canonical(whole))[:KEY_LENGTH], sure=match.sure, days=days)


def known_key(key: str) -> SameKey:
    """A key that a sale is remembered at."""
    return SameKey(key=key, sure=key.startswith(SURE))


def _values(name: Sight, sale: Sale, invoice: Invoice | None) -> Iterator[str]:
    """What a sale says where a rule looks, folded: `# 10 045` is `#10045`."""
    if name == "order_number":
        yield from _folded(sale.order_number or sale.number)
    elif name == "reference":
        yield from _folded(sale.buyer_reference)
    elif name == "buyer":
        yield from _buyers(invoice.buyer if invoice else sale.buyer, sale.buyer)
    elif name == "amount" and invoice is not None and invoice.gross_total is not None:
        yield f"{invoice.currency} {plain(invoice.gross_total)}"


def _buyers(*parties: Party | None) -> Iterator[str]:
    for party in parties:
        if party is not None:
            for kind in ("tin", "email", "telephone", "name"):
                for text in _folded(getattr(party, kind)):
                    yield f"{kind} {text}"


def _folded(text: str | None) -> Sequence[str]:
    folded = "".join((text or "").split()).casefold()
    return (folded,) if folded else ()
