"""What a seed does: merchants, deals and what becomes of them, and what is wrong with the world meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

HOUR = 3600.0
FAULTS_END = 34 * HOUR
"""Until then things break (in an outage of two days longer); afterwards nothing does, and all must come to rest."""
REST = 100 * HOUR
"""Seconds after the faults end within which everything must have come to rest (P8)."""

KINDS = ("calm", "stormy", "outage", "key", "profile", "edits", "refunds", "foreign", "doubt", "doubt")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens at a merchant at `at` seconds: `what` with its values."""

    at: float
    merchant: str
    what: str
    record: str = ""
    value: str = ""


@dataclass
class Plan:
    """One seed's story."""

    kind: str
    merchants: tuple[str, ...]
    acts: list[Act] = field(default_factory=list)
    nrs_rates: dict[str, float] = field(default_factory=dict)
    outages: list[tuple[float, float]] = field(default_factory=list)
    refused: tuple[str, float, float] | None = None
    wrong_profile: str | None = None
    foreign: bool = False
    corrects: tuple[str, ...] = ()
    calm: bool = False
    faults_end: float = FAULTS_END


VALUES = ("1000.00", "99.99", "0.07", "161250.35")


def plan_of(random: Random) -> Plan:
    """A story; every choice is the seed's."""
    kind = random.choice(KINDS)
    merchants = ("m_aaaaaaaaaaaaaaaa", "m_bbbbbbbbbbbbbbbb")
    plan = Plan(kind, merchants)
    plan.nrs_rates = _rates(random, kind)
    plan.calm = kind == "calm"
    _trouble(plan, random, kind, merchants)
    for merchant in merchants:
        for number in range(random.choice((1, 1, 2))):
            _deal(plan, random, merchant, str(8 + number))
    if kind == "profile":
        _profile(plan, random, merchants[0])
    plan.acts.sort(key=lambda act: act.at)
    return plan


def _trouble(plan: Plan, random: Random, kind: str, merchants: tuple[str, ...]) -> None:
    """What is wrong besides, and what people decide."""
    if kind == "outage":
        begin = random.random() * 4 * HOUR
        plan.faults_end = 60 * HOUR
        plan.outages = [(begin, begin + random.choice((0.1, 1.0, 12.0, 48.0)) * HOUR)]
    if kind == "key":
        plan.refused = (merchants[0], random.random() * HOUR, FAULTS_END)
    if kind == "profile":
        plan.wrong_profile = merchants[0]
    plan.foreign = kind == "foreign"
    plan.corrects = random.choice(((), merchants[:1], merchants))
    for merchant in merchants:
        for _ in range(random.choice((0, 1, 3))):
            choice = random.choice(("issue", "issue", "ignore"))
            plan.acts.append(Act(random.random() * 30 * HOUR, merchant, "answer", "", choice))


def _rates(random: Random, kind: str) -> dict[str, float]:
    """How often NRS fails in which way."""
    rough = 0.25 if kind == "stormy" else 0.06
    rates = {
        "no answer": rough * random.random(),
        "slow commit": rough * random.random(),
        "try again text": rough * random.random(),
        "reset after commit": rough * random.random(),
        "text after commit": rough * random.random() / 2,
        "too many": rough * random.random() / 2,
        "read fails": rough * random.random(),
        "no copy": random.choice((0.0, 0.3, 1.0)),
        "lag": random.choice((0.0, 0.0, 0.5)),
    }
    return rates | {"slow commit": 0.6, "no answer": 0.1} if kind == "doubt" else rates


def _deal(plan: Plan, random: Random, merchant: str, deal: str) -> None:
    at = random.random() * 3 * HOUR
    held = random.random() < 0.2
    disliked = random.random() < 0.1
    plan.acts.append(Act(at, merchant, "won without tin" if held else "won", deal, random.choice(VALUES)))
    if held:
        plan.acts.append(Act(at + random.random() * 8 * HOUR, merchant, "tin", deal))
    if disliked:
        plan.acts.append(Act(0.0, merchant, "disliked", deal))
        plan.acts.append(Act(at + random.random() * 20 * HOUR, merchant, "liked", deal))
    if plan.kind == "doubt":
        _doubted(plan, random, merchant, deal, at)
    stuck = plan.kind in ("foreign", "key") and merchant == plan.merchants[0]
    if plan.kind == "edits" or (random.random() < 0.15 and not stuck):
        for _ in range(random.choice((1, 1, 2, 3))):
            when = at + random.choice((1.0, 60.0, HOUR, 12 * HOUR)) * random.random()
            plan.acts.append(
                Act(when, merchant, random.choice(("value", "value", "lost", "won")), deal, random.choice(VALUES))
            )
    if plan.kind == "refunds":
        _refunded(plan, random, merchant, deal, at)
    if plan.foreign and merchant == plan.merchants[0]:
        plan.acts.append(Act(0.0, merchant, "foreign", deal))


def _refunded(plan: Plan, random: Random, merchant: str, deal: str, at: float) -> None:
    """All of it, perhaps before the deal itself is there."""
    when = max(0.0, at + random.choice((-HOUR, 60.0, 6 * HOUR)) * random.random())
    plan.acts.append(Act(when, merchant, "refund", deal, "a"))
    if random.random() < 0.5:  # the same once more, by another hand in the same moment: one of them is too much
        plan.acts.append(Act(when + random.random(), merchant, "refund", deal, "b"))


def _doubted(plan: Plan, random: Random, merchant: str, deal: str, at: float) -> None:
    """While a call may still come through, NRS begins to refuse, the deal is edited, and NRS takes it again."""
    refused = at + random.choice((0.0, 20.0, 120.0)) + random.random() * 60
    edited = refused + random.random() * random.choice((120.0, HOUR, 6 * HOUR))
    plan.acts.append(Act(refused, merchant, "disliked", deal))
    plan.acts.append(Act(edited, merchant, "value", deal, random.choice(VALUES)))
    plan.acts.append(Act(edited + random.random() * random.choice((60.0, HOUR, 12 * HOUR)), merchant, "liked", deal))


def _profile(plan: Plan, random: Random, merchant: str) -> None:
    """Wrong from the start or made wrong on the way, and mended later."""
    if random.random() < 0.5:
        plan.acts.append(Act(random.random() * 3 * HOUR, merchant, "profile wrong"))
    plan.acts.append(Act((4 + random.random() * 20) * HOUR, merchant, "profile right"))
