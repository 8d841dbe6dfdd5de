"""When sales of two platforms are one: the rules as data, and what is known of those that may be (decision 0024).

Sales meet at keys: what a rule looks at, hashed. Every sale that has a key is a member of it. A sure key has one member
that is invoiced; at a doubtful one a person is asked. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taxpoynt.domain.model import Model

Sight = Literal["order_number", "reference", "buyer", "amount", "day"]
NAMED = frozenset({"order_number", "reference"})
"""Only these name a sale; everything else may be alike by chance."""


class Match(Model):
    """Two sales are one when all of `on` agree: surely (`sure`), or maybe, and then a person is asked.

    day: at most `days` apart. buyer: tax number, e-mail, telephone or name, whichever both have.
    """

    on: Annotated[tuple[Sight, ...], Field(min_length=1, max_length=5)]
    sure: bool = False
    days: Annotated[int, Field(ge=0, le=31)] = 0

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if len(set(self.on)) < len(self.on):
            raise ValueError("each of `on` once")
        if self.sure and not (NAMED & set(self.on) and set(self.on) <= NAMED | {"buyer"}):
            raise ValueError("only an order number or a reference, perhaps with the buyer, can be sure")
        if not NAMED & set(self.on) and not {"buyer", "amount"} <= set(self.on):
            raise ValueError("without an order number or a reference, buyer and amount must both agree")
        if self.days and "day" not in self.on:
            raise ValueError("`days` belongs to `day`")
        return self


class IdentityRules(Model):
    """sources: connectors whose sales may be one, the one that is invoiced first. Others are never compared."""

    version: Literal[1] = 1
    sources: Annotated[tuple[str, ...], Field(min_length=2, max_length=10)]
    match: Annotated[tuple[Match, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.sources)) < len(self.sources):
            raise ValueError("each source once")
        return self


MemberState = Literal["open", "sealed", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One sale at a key. rank: place of its connector in `sources`; day: of the sale.

    state: open (nothing reserved), sealed (reserved: its bytes may be at NRS), lost (ended because it is `lost_to`,
    a name, or a person said so). apart: names of those that a person said are other sales.
    """

    connector: str
    sale_id: str
    rank: int
    day: date
    state: MemberState = "open"
    lost_to: str | None = None
    apart: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`crm/8`: unique within a merchant."""
        return f"{self.connector}/{self.sale_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SameKey:
    """A key with its members as they were read; `version` counts writes, 0 before the first.

    days: how far apart members may be; None: the day does not matter.
    """

    key: str
    sure: bool
    days: int | None = None
    members: tuple[Member, ...] = ()
    version: int = 0

    def member(self, name: str) -> Member | None:
        """The one of that name."""
        return next((one for one in self.members if one.name == name), None)

    def with_member(self, mine: Member) -> SameKey:
        """With `mine` in place of what was there under its name."""
        others = tuple(one for one in self.members if one.name != mine.name)
        return replace(self, members=(*others, mine))

    def without(self, name: str) -> SameKey:
        """Without the one of that name."""
        return replace(self, members=tuple(one for one in self.members if one.name != name))

    def rivals(self, mine: Member) -> list[Member]:
        """Sales of other platforms that may be this one and are not ended."""
        return [
            one
            for one in self.members
            if one.connector != mine.connector
            and one.state != "lost"
            and not _apart(one, mine)
            and self._near(one, mine)
        ]

    def _near(self, one: Member, mine: Member) -> bool:
        return self.days is None or abs((one.day - mine.day).days) <= self.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """go: nobody stands against it; lost: it is `to`; ask: it may be `to`. beaten: whom it puts out (open ones)."""

    word: Literal["go", "lost", "ask"]
    to: Member | None = None
    beaten: tuple[Member, ...] = ()


def verdict(mine: Member, keys: Iterable[SameKey]) -> Verdict:
    """What becomes of a sale that is about to be reserved, or that was just seen, at these keys.

    Reserved is reserved: whoever is sealed wins, whatever the order says. Of open ones the first in the order wins. A
    doubtful key asks once somebody is sealed there. Where a second sale of the same platform has the same sure key,
    nobody can tell which of them it is: asked.
    """
    keys = list(keys)
    sure = [(key, one) for key in keys if key.sure for one in key.rivals(mine)]
    stronger = [one for _, one in sure if one.state == "sealed"] or [one for _, one in sure if one.rank < mine.rank]
    if stronger:
        to = min(stronger, key=lambda one: (one.state != "sealed", one.rank, one.name))
        return Verdict(word="ask" if _several(mine, keys, to) else "lost", to=to)
    doubtful = [one for key in keys if not key.sure for one in key.rivals(mine) if one.state == "sealed"]
    if doubtful:
        return Verdict(word="ask", to=min(doubtful, key=lambda one: (one.rank, one.name)))
    beaten = {one.name: one for _, one in sure}
    return Verdict(word="go", beaten=tuple(beaten.values()))


def lost_to(name: str, keys: Iterable[SameKey]) -> list[str]:
    """Names of the sales that were ended because they are the one called `name`."""
    found = [one.name for key in keys for one in key.members if one.state == "lost" and one.lost_to == name]
    return list(dict.fromkeys(found))


def _several(mine: Member, keys: Sequence[SameKey], to: Member) -> bool:
    """Is there another sale of my own platform that was taken for the same one?"""
    return any(
        one.connector == mine.connector and one.name != mine.name and not _apart(one, to)
        for key in keys
        if key.sure and key.member(to.name)
        for one in key.members
    )


def _apart(one: Member, other: Member) -> bool:
    return one.name in other.apart or other.name in one.apart
