"""A legal hold on a merchant's data: it stops the purge and nothing else (promise P9)."""

from __future__ import annotations

from dataclasses import dataclass

from taxpoynt.errors import BadInput
from taxpoynt.ports import Clock, ConnectionStore
from taxpoynt.ports.ledger import Ledger
from taxpoynt.ports.retention import Act, RetentionStore

MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Ordered by a person, by name and with a reason; both stand in the ledger."""

    connections: ConnectionStore
    retention: RetentionStore
    ledger: Ledger
    clock: Clock

    def read(self, merchant: str) -> Act | None:
        """The hold, if there is one; NotFound for an unknown merchant."""
        self.connections.get_merchant(merchant)
        return self.retention.hold(merchant)

    def put(self, merchant: str, *, who: str, why: str) -> Act:
        """From this moment on nothing of the merchant is purged. A second order replaces the first."""
        hold = act(self.clock, self.connections, merchant, who, why)
        self.ledger.note(merchant, "hold_put", "legal_hold", {"why": hold.why}, hold.who)
        self.retention.put_hold(hold)
        return hold

    def lift(self, merchant: str, *, who: str, why: str) -> None:
        """The next purge takes what is past its period. Lifting what is not there is noted and harmless."""
        order = act(self.clock, self.connections, merchant, who, why)
        self.ledger.note(merchant, "hold_lifted", "legal_hold", {"why": order.why}, order.who)
        self.retention.lift_hold(merchant)


def act(clock: Clock, connections: ConnectionStore, merchant: str, who: str, why: str) -> Act:
    """An order for a known merchant; BadInput without a name or a reason."""
    connections.get_merchant(merchant)
    who, why = who.strip(), why.strip()
    if not who or not why or len(who) > MAX_TEXT or len(why) > MAX_TEXT:
        raise BadInput(f"say who orders it and why, in at most {MAX_TEXT} characters each")
    return Act(merchant=merchant, who=who, why=why, at=clock.now())
