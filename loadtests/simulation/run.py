"""One seed from beginning to rest, and what it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from loadtests.simulation.acts import Acts
from loadtests.simulation.hub import Hub
from loadtests.simulation.memo import memoised
from loadtests.simulation.plan import HOUR, REST, plan_of
from loadtests.simulation.verdict import broken, unrest
from loadtests.simulation.world import Parts, World
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.services import jobs


@dataclass(frozen=True, slots=True)
class Result:
    """`wrong` is empty when every promise was kept."""

    seed: int
    kind: str
    wrong: list[str]
    steps: int
    documents: int
    states: Counter[str]
    faults: Counter[str]
    trace: list[str] = field(default_factory=list)


def run(seed: int, *, parts: type[Parts] = Parts, trace: bool = False) -> Result:
    """The same seed gives the same run, to the last byte."""
    with memoised(), seeded_ids(seed):
        plan = plan_of(Random(seed))  # noqa: S311 - a simulation, not a secret
        hub = Hub(seed, trace=trace)
        world = World(hub, plan, parts)
        Acts(world).schedule()
        wrong: list[str] = []
        try:
            hub.run(plan.faults_end)
            wrong += _local_trouble(world)
            _rest(world)
        except RuntimeError as error:
            wrong.append(f"P8: {error}")
        wrong += broken(world)
    states = Counter(f"{one.document} {one.state.value}" for one in world.sales.sales.values())
    documents = sum(one.state in AT_NRS for one in world.sales.sales.values())
    return Result(seed, plan.kind, wrong, hub.steps, documents, states, Counter(world.faults.counts), hub.lines or [])


class _Ids:
    """What jobs.py asks of the uuid module, from the seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(-seed - 1)  # noqa: S311 - a simulation, not a secret

    def uuid4(self) -> UUID:
        """The next one."""
        return UUID(int=self._random.getrandbits(128))


@contextmanager
def seeded_ids(seed: int) -> Iterator[None]:
    """With message ids that are the seed's too, so that a trace is the same to the last word."""
    real = vars(jobs)["uuid"]
    vars(jobs)["uuid"] = _Ids(seed)
    try:
        yield
    finally:
        vars(jobs)["uuid"] = real


RESTS = AT_NRS | {SaleState.WITHDRAWN}


def _rest(world: World) -> None:
    """Until everything has come to rest, and half a day more to see that it stays so; REST at the most."""
    hub, until = world.hub, world.hub.now + REST
    while hub.now < until:
        at_rest = not unrest(world)
        hub.run(min(hub.now + 12 * HOUR, until))
        if at_rest and not unrest(world):
            return


def _local_trouble(world: World) -> list[str]:
    """P8: the other merchant's sales are through while one merchant's key is refused.

    Not those that stop by themselves (0012, doubt, rule 5): two contents went to sign under one IRN, without copies.
    """
    if not world.plan.refused:
        return []
    held_up = world.plan.refused[0]
    return [
        f"P8: {one.merchant} {one.sale_id} waits ({one.state.value}) while another merchant's key is refused"
        for one in world.sales.sales.values()
        if one.merchant != held_up and one.state not in RESTS and not one.faults and not one.corrects
        if len(world.nrs.signed.get(str(one.irn), ())) < 2
    ]
