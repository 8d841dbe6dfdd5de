"""What cannot go on is held where somebody sees it: the merchant's faults in the portal, ours as an alert."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxpoynt.domain.status import SaleState, may_follow
from taxpoynt.errors import Fault
from taxpoynt.ports import Alerts, SaleRecord
from taxpoynt.services.alerting import alert_once
from taxpoynt.services.steps import HELD, OPERATOR, WAITS, Answer, Stores, codes_of, in_state, state_answer

MENDABLE = frozenset({"FaultsFound", "NrsRefused"})
"""The merchant can mend it; the faults stand on the record."""
OPERATORS = frozenset({"NrsKeyRefused", "ConfigurationError", "GaveUp"})
"""Nothing is wrong with this sale; it goes on by itself once the operator has acted."""
KEY_TROUBLE = frozenset({"NrsKeyRefused", "ConfigurationError"})
"""Told a merchant where it has keys of its own, so that one merchant's empty secret hides nobody else's trouble."""
TOLD = "DeliveryStopped"
"""deliver_invoice has stored its faults and when it looks again; a person is only told."""


@dataclass(frozen=True, slots=True)
class HoldInvoice:
    """Where the state machines end when somebody must act. `reason` is the name of the error's leaf class."""

    stores: Stores
    alerts: Alerts

    def __call__(self, merchant: str, connector: str, sale_id: str, reason: str = "") -> Answer:
        """The sale as it stands afterwards."""
        record = self.stores.sales.get(merchant, connector, sale_id)
        if reason == TOLD:
            self._alert(record, f"{TOLD}: {codes_of(record.faults)}")
        if reason == TOLD or (in_state(record, SaleState.COMPLETED) and record.next_action_at is None):
            return state_answer(record)
        if reason in MENDABLE:  # without faults the sale was taken up again meanwhile
            mendable = (
                bool(record.faults) and not record.in_doubt and may_follow(record.state, SaleState.NEEDS_ATTENTION)
            )
            return state_answer(self._hold(record, record.faults) if mendable else record)
        self._alert(record, reason)
        open_call = record.in_doubt or (reason == "ContentConflict" and record.tries > 0)
        # NRS holds something, or may: nothing new may be made of this sale
        if reason in OPERATORS or open_call or not may_follow(record.state, SaleState.NEEDS_ATTENTION):
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
        return self.stores.sales.change(later, action=WAITS, detail={"why": reason})

    def _alert(self, record: SaleRecord, reason: str) -> None:
        """One alert an hour for what concerns everybody, one a sale and hour for what concerns one sale."""
        about = f"{record.merchant} {record.connector} {record.sale_id} ({record.state.value})"
        topic = f"{reason} {self._whose(record, reason)}".strip() if reason in OPERATORS else f"{reason} {about}"
        alert_once(self.stores, self.alerts, topic, f"invoicing stopped: {reason or 'unknown'}", about)

    def _whose(self, record: SaleRecord, reason: str) -> str:
        """A merchant's own key pair, refused, missing or unusable, is that merchant's trouble, ours everybody's."""
        if reason not in KEY_TROUBLE:
            return ""
        profile = self.stores.connections.get_merchant(record.merchant).profile
        return record.merchant if (record.nrs_identity or profile.nrs_keys) == "own" else ""


def _stopped(reason: str) -> Fault:
    remedy = "Nothing to do for you: our operators have been told. It goes on when the record changes or they act."
    return Fault("STOP-001", "", f"This sale could not be processed ({reason or 'unknown'}).", remedy)
