"""One merchant's CRM and till over atomic stores, with every interleaving a seed can choose.

An actor (a job, an execution, a person) gives way before each call of the sale store and may die after it; what died is
done again. Nothing is left out of the real services between the platform's record and NRS's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import greenlet

from taxpoynt.conversion.corrections import settled
from taxpoynt.conversion.standing import Issued, left
from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.rules import identity_rules
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import NotFound, Rejected, Retryable
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from taxpoynt.ports import NrsGateway
from taxpoynt.services.answer_question import AnswerQuestion, is_question, question_id
from taxpoynt.services.answer_same import AnswerSame, is_same_question
from taxpoynt.services.check_invoice import CheckInvoice
from taxpoynt.services.chosen import ChosenRules
from taxpoynt.services.code_tables import CodeTables
from taxpoynt.services.convert_sale import ConvertSale
from taxpoynt.services.correct_sale import CorrectSale
from taxpoynt.services.current_lists import FixedLists
from taxpoynt.services.guarded_nrs import GuardedNrs
from taxpoynt.services.hold_invoice import HoldInvoice
from taxpoynt.services.read_record import ReadRecord
from taxpoynt.services.reserve_invoice import ReserveInvoice
from taxpoynt.services.sale_files import invoice_of
from taxpoynt.services.steps import Stores
from taxpoynt.services.submission import Submission
from taxpoynt.services.submit_invoice import SubmitInvoice
from taxpoynt.services.take_record import TakeRecord
from tests.fakes.clock import FakeClock
from tests.fakes.outside import FakeAlerts, FakeApi, FakeBlobs, FakeNrs, FakePlatform, FakeStarter
from tests.fakes.rules import FakeRuleStore
from tests.fakes.stores import FakeCircuits, FakeConnectionStore, FakeSaleStore
from tests.fakes.world import MERCHANT, PROFILE

CRM, TILL = "pipedrive", "square"
RULES: dict[str, Any] = {
    "version": 1,
    "sources": [TILL, CRM],
    "match": [{"on": ["order_number"], "sure": True}, {"on": ["buyer", "amount", "day"], "days": 2}],
}


class Died(BaseException):
    """The actor's process is gone."""


class Turns:
    """Who acts next is the seed's."""

    def __init__(self, random: Random, death: float) -> None:
        self.random, self.death = random, death
        self.waiting: list[greenlet.greenlet] = []
        self.hub: Any = None

    def give_way(self) -> None:
        if self.hub is not None and greenlet.getcurrent() is not self.hub:
            self.waiting.append(greenlet.getcurrent())
            self.hub.switch()
            if self.random.random() < self.death:
                raise Died

    def run(self, acts: list[Callable[[], None]]) -> None:
        """All of them at once, to their ends."""
        self.hub = greenlet.getcurrent()
        self.waiting = [greenlet.greenlet(act) for act in acts]
        while self.waiting:
            self.waiting.pop(self.random.randrange(len(self.waiting))).switch()
        self.hub = None


class Gate:
    """`target` behind a moment in which others may act, before and after each call."""

    def __init__(self, target: Any, turns: Turns) -> None:
        self._target, self._turns = target, turns

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._turns.give_way()
            answer = found(*args, **kwargs)
            self._turns.give_way()
            return answer

        return call


class Shops:
    """`reserve`, `take`: what a broken twin puts in the place of the real one."""

    def __init__(
        self,
        seed: int = 0,
        *,
        death: float = 0.0,
        rules: dict[str, Any] | None = RULES,
        reserve: type[ReserveInvoice] = ReserveInvoice,
        take: type[TakeRecord] = TakeRecord,
        store: type[FakeSaleStore] = FakeSaleStore,
    ) -> None:
        self.turns = Turns(Random(seed), death)  # noqa: S311 - a simulation, not a secret
        self.clock = FakeClock()
        self.sales, self.blobs, self.nrs = store(self.clock), FakeBlobs(), FakeNrs()
        self.starter, self.rules, self.connections = FakeStarter(), FakeRuleStore(self.clock), FakeConnectionStore()
        self.platforms = {CRM: FakePlatform(), TILL: FakePlatform()}
        self.platforms[TILL].name, self.platforms[TILL].kind = TILL, "pos"
        self.connections.put_merchant(MERCHANT, PROFILE, expected_version=0)
        if rules is not None:
            scope = identity_rules(MERCHANT)
            self.rules.add(scope, rules, author="Ada", note="", seen=self.rules.head(scope), activate=True)
        sales: Any = Gate(self.sales, self.turns)
        lists = FixedLists(code_lists())
        self.stores = Stores(sales, self.connections, self.blobs, self.clock)
        read = ReadRecord(
            sales, self.blobs, self.clock, lambda _: FakeApi(), ChosenRules(self.rules, CodeTables(self.blobs))
        )
        correct = CorrectSale(sales, self.connections, self.blobs, self.starter, self.clock, lists)
        self.taking = take(sales, self.blobs, self.starter, self.clock, read, correct)
        self.steps: tuple[Any, ...] = (
            ConvertSale(self.stores, lists),
            CheckInvoice(self.stores, lists, body),
            reserve(self.stores, body),
            SubmitInvoice(Submission(self.stores, self._desk)),
        )
        self.hold = HoldInvoice(self.stores, FakeAlerts())

    def _desk(self, merchant: str, keys: str | None = None) -> NrsGateway:
        return GuardedNrs(self.nrs, FakeCircuits(), self.clock, "key", lambda: 100.0).permitted()

    def sell(self, connector: str, sale_id: str, **fields: Any) -> None:
        """A record of a platform, or a change of one."""
        self.platforms[connector].won(sale_id, **fields)

    def lose(self, connector: str, sale_id: str) -> None:
        """Taken back at its platform."""
        self.platforms[connector].deals[sale_id]["status"] = "lost"

    # --- acts, each done again until it ends -------------------------------------------------------------------------

    def take(self, connector: str, sale_id: str) -> Any:
        """One look at a record."""
        connection = Connection(
            merchant=MERCHANT,
            connection=f"c_{connector}",
            connector=connector,
            status=ConnectionStatus.ACTIVE,
            account_id=connector,
            api_base="https://acme.example",
        )
        platform: Any = self.platforms[connector]
        return again(lambda: self.taking(connection, platform, RecordRef(resource="deal", id=sale_id)))

    def convert(self, connector: str, sale_id: str) -> None:
        """One execution."""
        for step in self.steps:
            try:
                if again(lambda step=step: step(MERCHANT, connector, sale_id)) is None:  # type: ignore[misc]
                    return
            except Rejected as error:
                reason = type(error).__name__
                again(lambda reason=reason: self.hold(MERCHANT, connector, sale_id, reason=reason))  # type: ignore[misc]
                return

    def answer(self, connector: str, sale_id: str, choice: Any) -> None:
        """A person answers whatever is asked of a sale right now."""
        record = self.sales.get(MERCHANT, connector, sale_id)
        use: Any = AnswerSame if is_same_question(record) else AnswerQuestion
        if is_same_question(record) or is_question(record):
            seen = question_id(record)
            ids = (MERCHANT, connector, sale_id)
            try:
                again(lambda: use(self.stores, self.starter)(*ids, choice=choice, seen=seen, who="Ada", why="so"), 1)
            except Rejected:
                return

    def drain(self) -> None:
        """Every started execution, one after the other."""
        for _ in range(20):
            started = self.starter.take()
            for _, _, connector, sale_id, _ in started:
                self.convert(connector, sale_id)
            if not started:
                return

    # --- what came of it ---------------------------------------------------------------------------------------------

    def sale(self, connector: str, sale_id: str) -> Any:
        return self.sales.get(MERCHANT, connector, sale_id)

    def state(self, connector: str, sale_id: str) -> SaleState | None:
        try:
            return self.sales.get(MERCHANT, connector, sale_id).state
        except NotFound:
            return None

    def codes(self, connector: str, sale_id: str) -> list[str]:
        return [fault.code for fault in self.sale(connector, sale_id).faults]

    def standing(self) -> list[str]:
        """Sales with an invoice at NRS that is not credited whole."""
        found = []
        for record in list(self.sales.sales.values()):
            if record.state in AT_NRS and record.document == "invoice":
                family = [record, *self.sales.family(MERCHANT, record.connector, record.sale_id)]
                issued = [
                    Issued(
                        one.sale_id,
                        invoice_of(self.blobs, one),
                        None if one.document == "invoice" else one.corrects,
                    )
                    for one in family
                    if one.state in AT_NRS
                ]
                if not settled(left(issued[0], issued)):
                    found.append(f"{record.connector}/{record.sale_id}")
        return found


def again(act: Callable[[], Any], tries: int = 50) -> Any:
    """Until it ends: what died or lost against another comes back, as queues and machines bring it. None: given up."""
    for _ in range(tries):
        try:
            return act()
        except (Died, Retryable):
            continue
    return None
