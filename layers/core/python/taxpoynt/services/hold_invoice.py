"""What cannot go on is held where somebody sees it: the merchant's faults in the portal, ours as an alert."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.domain.status import SaleState, may_follow
from taxpoynt.errors import Fault
from taxpoynt.ports import Alerts, SaleRecord
from taxpoynt.services.alerting import alert_once
from taxpoynt.services.steps import HELD, OPERATOR, Answer, Stores, codes_of, in_state, state_answer

MENDABLE = frozenset({"FaultsFound", "NrsRefused"})
"""The merchant can mend it; the faults stand on the record."""
OPERATORS = frozenset({"NrsKeyRefused", "ConfigurationError", "GaveUp"})
"""Nothing is wrong with this sale; it goes on by itself once the operator has acted."""


@dataclass(frozen=True, slots=True)
class HoldInvoice:
    """Where the state machines end when somebody must act. `reason` is the name of the error's leaf class."""

    stores: Stores
    alerts: Alerts

    def __call__(self, merchant: str, connector: str, sale_id: str, reason: str = "") -> Answer:
        """The sale as it stands afterwards."""
        record = self.stores.sales.get(merchant, connector, sale_id)
        if in_state(record, SaleState.COMPLETED):
            return state_answer(record)
        if reason in MENDABLE:  # without faults the sale was taken up again meanwhile
            return state_answer(self._hold(record, record.faults) if record.faults else record)
        self._alert(record, reason)
        in_doubt = reason == "ContentConflict" and record.tries > 0  # NRS holds something: nothing new may be made
        if reason in OPERATORS or in_doubt or not may_follow(record.state, SaleState.NEEDS_ATTENTION):
            return state_answer(self._postpone(record, reason))
        return state_answer(self._hold(record, (_stopped(reason),)))

    def _hold(self, record: SaleRecord, faults: tuple[Fault, ...]) -> SaleRecord:
        later = self.stores.clock.now() + HELD
        held = replace(record, state=SaleState.NEEDS_ATTENTION, faults=faults, next_action_at=later)
        if in_state(record, SaleState.NEEDS_ATTENTION) and record.faults == faults:
            return record
        return self.stores.sales.change(held, action="held", detail={"codes": codes_of(faults)})

    def _postpone(self, record: SaleRecord, reason: str) -> SaleRecord:
        later = replace(record, next_action_at=self.stores.clock.now() + OPERATOR)
        return self.stores.sales.change(later, action="waits_for_operator", detail={"why": reason})

    def _alert(self, record: SaleRecord, reason: str) -> None:
        """One alert an hour for what concerns everybody, one a sale and hour for what concerns one sale."""
        about = f"{record.merchant} {record.connector} {record.sale_id} ({record.state.value})"
        topic = reason if reason in OPERATORS else f"{reason} {about}"
        alert_once(self.stores, self.alerts, topic, f"invoicing stopped: {reason or 'unknown'}", about)


def _stopped(reason: str) -> Fault:
    remedy = "Nothing to do for you: our operators have been told. It goes on when the record changes or they act."
    return Fault("STOP-001", "", f"This sale could not be processed ({reason or 'unknown'}).", remedy)
