"""What the campaign sells, what that must come to, and that a changed ledger is noticed."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from loadtests.campaign.expected import half_up, payable
from loadtests.campaign.ledger import broken_chains
from loadtests.campaign.plan import STORIES, plan

DEAL_101 = [
    {"item_price": 62500, "quantity": 2, "discount": 20, "tax": 7.5, "tax_method": "exclusive"},
    {"item_price": 10000, "quantity": 5, "tax": 7.5, "tax_method": "exclusive"},
]
DEAL_103 = [{"item_price": 26875, "quantity": 4, "tax": 7.5, "tax_method": "inclusive"}]


@pytest.mark.parametrize(
    ("lines", "off", "total"), [(DEAL_101, 0, "161250"), (DEAL_103, 0, "107500"), (DEAL_101, 10, "145125")]
)
def test_known_deals_come_to_what_they_were_sold_for(lines: list[dict[str, Any]], off: int, total: str) -> None:
    assert payable(lines, Fraction(off)) == Decimal(total)


@pytest.mark.parametrize(("amount", "rounded"), [("0.005", "0.01"), ("0.0049", "0"), ("2.345", "2.35"), ("1", "1")])
def test_halves_are_rounded_up_to_the_kobo(amount: str, rounded: str) -> None:
    assert half_up(Fraction(amount)) == Fraction(rounded)


def test_the_same_seed_plans_the_same_sales_and_another_one_others() -> None:
    assert plan(200, 7, 0.1) == plan(200, 7, 0.1) != plan(200, 8, 0.1)


def test_every_story_is_told_and_every_amount_is_known() -> None:
    planned = plan(60, 1, 0.1)
    assert {one.story.name for one in planned} == {story.name for story in STORIES}
    assert all(one.amounts and min(one.amounts) > 0 for one in planned)
    assert all(len(one.amounts) == 2 for one in planned if one.story.name == "lines edited meanwhile")


def entries(count: int) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        bare: dict[str, Any] = {
            "chain": "c",
            "sequence": number,
            "detail": {},
            "previous_hash": made[-1]["hash"] if made else "0" * 64,
        }
        text = json.dumps(bare, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        made.append({**bare, "hash": hashlib.sha256(text.encode()).hexdigest()})
    return made


def test_a_whole_chain_has_no_fault() -> None:
    assert broken_chains(entries(5)) == []


@pytest.mark.parametrize("damage", ["changed", "lost", "doubled", "swapped"])
def test_a_damaged_chain_is_noticed(damage: str) -> None:
    chain = entries(5)
    if damage == "changed":
        chain[2]["detail"] = {"by": "somebody"}
    elif damage == "lost":
        del chain[2]
    elif damage == "doubled":
        chain.insert(2, chain[2])
    else:
        chain[2], chain[3] = chain[3], chain[2]
    assert broken_chains(chain)
