"""One sale on several platforms is one invoice: who goes on, who ends for whom, and what a person is asked.

The guard is in the reservation: a sale that meets others there is sealed at all its keys in the same transaction, so
of sales that are one exactly one is ever reserved, whatever happened before. Everything else here only makes that the
right one, and early. docs/decisions/0024 has the whole design.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from taxpoynt.conversion.same_sale import doubtful_keys, known_key, rank_of, sure_keys
from taxpoynt.domain.identity import IdentityRules, Member, MemberState, SameKey, Verdict, lost_to, verdict
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import NotFound
from taxpoynt.ports import Clock, SaleRecord, SaleStore
from taxpoynt.services.families import OPEN
from taxpoynt.services.same_words import name_of, taken_back
from taxpoynt.services.steps import HELD

PERSON = "a person"
"""`lost_to` of a sale that a person ended; nobody's end brings it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A sale at its keys, as they were read.

    keys: those that its content gives now; left: at which it was before that changed; kept: those that this look cannot
    tell, because they need the invoice.
    """

    mine: Member
    keys: tuple[SameKey, ...]
    left: tuple[SameKey, ...] = ()
    kept: tuple[SameKey, ...] = ()
    verdict: Verdict

    @property
    def identity(self) -> tuple[str, ...]:
        """Every key, the ones it left too."""
        return tuple(one.key for one in (*self.keys, *self.left, *self.kept))

    @property
    def was_ended(self) -> bool:
        """Is it ended at one of its keys?"""
        return bool(self._ends())

    @property
    def ended_still(self) -> str | None:
        """The sale that it was ended for, if that still stands, or the person who said so; None otherwise."""
        for key, name in self._ends():
            other = key.member(name)
            if name == PERSON or (other is not None and other.state != "lost"):
                return name
        return None

    def writes(self, state: MemberState, to: str | None = None) -> list[SameKey]:
        """The keys with this sale as a member in `state`; who had lost to it before it lost itself is passed on.

        What is sealed stays sealed until it ends: its bytes went to NRS once.
        """
        joined = []
        for key in self.keys:
            known = key.member(self.mine.name)
            now: MemberState = "sealed" if known and known.state == "sealed" and state == "open" else state
            mine = replace(self.mine, state=now, lost_to=to, apart=known.apart if known else ())
            passed = key if state != "lost" or to is None else passed_on(key, self.mine.name, to)
            joined.append(passed.with_member(mine))
        left = [key.without(self.mine.name) for key in self.left]
        both = zip((*self.keys, *self.left), (*joined, *left), strict=True)
        return [after for before, after in both if after != before]

    def _ends(self) -> list[tuple[SameKey, str]]:
        found = [(key, key.member(self.mine.name)) for key in (*self.keys, *self.kept)]
        return [(key, one.lost_to or PERSON) for key, one in found if one is not None and one.state == "lost"]


@dataclass(frozen=True, slots=True)
class SameSale:
    """Reads and writes keys beside the sales themselves."""

    sales: SaleStore
    clock: Clock

    def meet(self, record: SaleRecord, sale: Sale, rules: IdentityRules | None) -> Met | None:
        """The sale at the keys its content gives; None for one that no rule compares, and never was compared."""
        current = sure_keys(rules, record.merchant, sale) if rules else []
        return self._met(record, rules, current) if current or record.identity else None

    def at_reserve(self, record: SaleRecord, sale: Sale, invoice: Invoice, rules: IdentityRules | None) -> Met | None:
        """The same with the keys that need the computed invoice: those at which a person decides."""
        if rules is None or record.document != "invoice":
            return None
        keys = [*sure_keys(rules, record.merchant, sale), *doubtful_keys(rules, record.merchant, sale, invoice)]
        return self._met(record, rules, keys) if keys else None

    def _met(self, record: SaleRecord, rules: IdentityRules | None, current: Sequence[SameKey]) -> Met:
        names = [one.key for one in current]
        others = [known_key(one) for one in record.identity if one not in names]
        read = self.sales.same_keys(record.merchant, [*current, *others])
        keys, others = tuple(read[: len(names)]), read[len(names) :]
        left, kept = (tuple(one for one in others if one.sure is sure) for sure in (True, False))
        rank = rank_of(rules, record.connector) if rules else None
        mine = member_of(record, 0 if rank is None else rank)
        apart = [one.apart for key in read if (one := key.member(mine.name)) is not None]
        mine = replace(mine, apart=tuple(dict.fromkeys(name for each in apart for name in each)))
        return Met(mine=mine, keys=keys, left=left, kept=kept, verdict=verdict(mine, keys))

    def leaving(self, record: SaleRecord) -> list[SameKey]:
        """Its keys without it: for a sale that is taken back before anything was sent."""
        name = name_of(record)
        keys = self.read(record)
        return [key.without(name) for key in keys if key.member(name) is not None]

    def read(self, record: SaleRecord) -> list[SameKey]:
        """Every key at which it ever was, as they are now."""
        if not record.identity:
            return []
        return self.sales.same_keys(record.merchant, [known_key(one) for one in record.identity])

    def standing(self, record: SaleRecord) -> bool:
        """Is NRS's document of this sale still the one that counts? Not when another sale was put in its place."""
        keys = self.read(record)
        return not keys or any(key.member(name_of(record)) is not None for key in keys)

    def losers_back(self, record: SaleRecord, *, left_only: bool = False) -> None:
        """Sales that were ended for this one come back as questions. May be repeated at any time.

        left_only: this one still stands; only those it met where it is not any more.
        """
        keys = self.read(record)
        if left_only:
            keys = [key for key in keys if key.member(name_of(record)) is None]
        self._orphans_back(record, keys)

    def _orphans_back(self, record: SaleRecord, keys: Sequence[SameKey]) -> None:
        for name in lost_to(name_of(record), keys):
            loser = self.find(record.merchant, name)
            if loser is not None and loser.state is SaleState.WITHDRAWN and loser.same_as == name_of(record):
                self._ask_back(loser, record, keys)

    def _ask_back(self, loser: SaleRecord, winner: SaleRecord, keys: Iterable[SameKey]) -> None:
        name = name_of(loser)
        back = []
        for key in keys:
            known = key.member(name)
            if known is not None and known.state == "lost":
                back.append(key.with_member(replace(known, state="open", lost_to=None)))
        asked = replace(
            loser,
            state=SaleState.NEEDS_ATTENTION,
            faults=(taken_back(winner),),
            next_action_at=self.clock.now() + HELD,
        )
        self.sales.change(asked, action="same_sale_back", detail={"for": name_of(winner)}, same=back)

    def put_out(self, merchant: str, beaten: Iterable[Member]) -> None:
        """Ends open sales that a better one beats. Nothing depends on it: each would end at its reservation."""
        for one in beaten:
            record = self.find(merchant, one.name)
            if record is not None and record.state in OPEN:
                keys = self.read(record)
                found = verdict(one, [key for key in keys if key.sure])
                if found.word == "lost" and found.to is not None:
                    met = Met(mine=one, keys=tuple(keys), verdict=found)
                    self.end(record, met)

    def end(self, record: SaleRecord, met: Met) -> SaleRecord:
        """It is the sale `met.verdict.to`, which is invoiced instead.

        Who had lost to it where that sale is not comes back first: a run that dies in between does it again.
        """
        to = met.verdict.to
        name = to.name if to else PERSON
        self._orphans_back(record, [key for key in (*met.keys, *met.left) if key.member(name) is None])
        ended = replace(
            record,
            state=SaleState.WITHDRAWN,
            faults=(),
            same_as=name,
            identity=union(record.identity, met.identity),
            next_action_at=None,
        )
        return self.sales.change(ended, action="same_sale", detail={"as": name}, same=met.writes("lost", name))

    def find(self, merchant: str, name: str) -> SaleRecord | None:
        """The sale of a member's name."""
        connector, _, sale_id = name.partition("/")
        try:
            return self.sales.get(merchant, connector, sale_id)
        except NotFound:
            return None


def member_of(record: SaleRecord, rank: int) -> Member:
    """A sale as a member that has nothing reserved."""
    return Member(connector=record.connector, sale_id=record.sale_id, rank=rank, day=record.clock.issue_date)


def union(known: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Both, each once."""
    return tuple(dict.fromkeys((*known, *more)))


def passed_on(key: SameKey, name: str, to: str) -> SameKey:
    """Who was ended for `name` is ended for `to` now, where `to` is."""
    if key.member(to) is None:
        return key
    for one in key.members:
        if one.state == "lost" and one.lost_to == name and one.name != to:
            key = key.with_member(replace(one, lost_to=to))
    return key
