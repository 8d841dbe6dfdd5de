"""What will be sold and what must become of it: pure, and the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from loadtests.campaign.expected import payable

Dice = random.Random
Line = dict[str, Any]
Fate = Literal["accepted", "held", "nothing"]
"""One accepted invoice; held with faults and nothing at NRS; nothing at NRS and nothing held."""

PRODUCTS = ((1, "62500.00"), (2, "10000.00"), (3, "26875.50"), (4, "1250.55"))
PO_FIELD = "deal_purchase_order_key"


@dataclass(frozen=True, kw_only=True)
class Story:
    """One shape of sale. `then`: what people do after it was won; `codes`: of the faults that must hold it."""

    name: str
    weight: int
    fate: Fate
    lines: Callable[[Dice], list[Line]]
    buyer: Literal["company", "no tin", "person"] = "company"
    percent_off: int = 0
    then: str = ""
    codes: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Planned:
    """One sale of the campaign. `amounts`: what NRS may hold for it (two where an edit races with the submission)."""

    number: int
    story: Story
    lines: list[Line]
    edited: list[Line] = field(default_factory=list)
    amounts: tuple[Decimal, ...] = ()
    lost: bool = False
    deal: int = 0
    organization: int | None = None


def _priced(dice: Dice, method: str, count: int) -> list[Line]:
    lines = []
    for _ in range(count):
        product, price = dice.choice(PRODUCTS)
        quantity = dice.choice(("1", "2", "3", "7", "12", "2.5", "0.75"))
        lines.append(
            {"product_id": product, "item_price": float(price), "quantity": float(quantity), "tax": 7.5}
            | {"tax_method": method, "discount": 0, "discount_type": "percentage"}
        )
    return lines


def _exclusive(dice: Dice) -> list[Line]:
    return _priced(dice, "exclusive", dice.randint(1, 4))


def _inclusive(dice: Dice) -> list[Line]:
    return _priced(dice, "inclusive", dice.randint(1, 4))


def _discounted(dice: Dice) -> list[Line]:
    lines = _priced(dice, "exclusive", dice.randint(1, 3))
    for line in lines:
        line |= {"discount": dice.choice((5, 10, 12.5, 33)), "discount_type": "percentage"}
    return lines


def _amount_off(dice: Dice) -> list[Line]:
    lines = _priced(dice, dice.choice(("exclusive", "inclusive")), dice.randint(1, 3))
    lines[0] |= {"discount": 100.25, "discount_type": "amount"}
    return lines


def _many(dice: Dice) -> list[Line]:
    return _priced(dice, "exclusive", dice.randint(12, 25))


def _none(_dice: Dice) -> list[Line]:
    return []


STORIES = (
    Story(name="company, tax on top", weight=24, fate="accepted", lines=_exclusive),
    Story(name="company, prices with tax", weight=12, fate="accepted", lines=_inclusive),
    Story(name="private buyer", weight=14, fate="accepted", lines=_exclusive, buyer="person"),
    Story(name="private buyer, prices with tax", weight=8, fate="accepted", lines=_inclusive, buyer="person"),
    Story(name="percent off lines", weight=10, fate="accepted", lines=_discounted),
    Story(name="amount off a line", weight=6, fate="accepted", lines=_amount_off),
    Story(name="percent off the deal", weight=6, fate="accepted", lines=_exclusive, percent_off=10),
    Story(name="many lines", weight=2, fate="accepted", lines=_many),
    Story(name="title edited meanwhile", weight=3, fate="accepted", lines=_exclusive, then="retitle"),
    Story(name="lines edited meanwhile", weight=3, fate="accepted", lines=_exclusive, then="relines"),
    Story(name="no TIN, given later", weight=4, fate="accepted", lines=_exclusive, buyer="no tin", then="give tin"),
    Story(name="no TIN, lines edited, TIN later", weight=2, fate="accepted", lines=_exclusive, buyer="no tin",
          then="relines, give tin"),
    Story(name="no TIN at all", weight=3, fate="held", lines=_exclusive, buyer="no tin", codes=("BUYER-002",)),
    Story(name="no TIN, lost later", weight=1, fate="nothing", lines=_exclusive, buyer="no tin", then="lose"),
    Story(name="no TIN, deleted later", weight=1, fate="nothing", lines=_exclusive, buyer="no tin", then="delete"),
    Story(name="never won", weight=1, fate="nothing", lines=_exclusive, then="stay open"),
)  # fmt: skip


def plan(sales: int, seed: int, lost: float) -> list[Planned]:
    """`sales` of them in a mixed order; `lost`: the share whose webhooks all get lost, so that only a poll finds them.

    Every story comes at least once when there are as many sales as stories.
    """
    dice = random.Random(seed)  # noqa: S311 - a repeatable plan, nothing secret
    stories = list(STORIES[:sales])
    stories += dice.choices(STORIES, [story.weight for story in STORIES], k=sales - len(stories))
    dice.shuffle(stories)
    return [_one(number, story, dice, lost) for number, story in enumerate(stories, 1)]


def _one(number: int, story: Story, dice: Dice, lost: float) -> Planned:
    lines = story.lines(dice)
    edited = [line | {"quantity": line["quantity"] + 1} for line in lines] if "relines" in story.then else []
    off = Fraction(story.percent_off)
    amounts = [payable(one, off) for one in (lines, edited) if one]
    if "give tin" in story.then:
        amounts = amounts[-1:]  # it can only be accepted after every edit
    quiet = dice.random() < lost and story.then not in ("lose", "delete")
    return Planned(number=number, story=story, lines=lines, edited=edited, amounts=tuple(amounts), lost=quiet)


def counts(planned: list[Planned]) -> dict[str, int]:
    """How many of each story."""
    found = Counter(one.story.name for one in planned)
    return {story.name: found[story.name] for story in STORIES if found[story.name]}
