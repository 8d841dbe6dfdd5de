"""NRS as our calls reach it: not at all while a circuit is open, and never later than this function may work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from taxpoynt.errors import NrsKeyRefused, NrsUnavailable, OutcomeUnknown, OutOfTime, Rejected, Retryable
from taxpoynt.ports import Circuits, Clock, NrsAnswer, NrsGateway, NrsInvoiceStatus

HOST = "nrs"
CALL_SECONDS = 30.0
"""What one call may take (nrs.transport: 5 to connect, 25 for the answer); with less time left none is begun."""

T = TypeVar("T")


def key_circuit(secret: str) -> str:
    """The circuit of a key pair, by the name of the secret that holds it."""
    return f"key:{secret}"


@dataclass(slots=True)
class GuardedNrs:
    """ports.NrsGateway around another one. One object serves one attempt at one sale.

    key: circuit of the key pair; time_left: seconds this function may still work.
    """

    gateway: NrsGateway
    circuits: Circuits
    clock: Clock
    key: str
    time_left: Callable[[], float]
    _noted: frozenset[str] = field(default=frozenset(), init=False)

    def permitted(self) -> GuardedNrs:
        """Itself, if a call may be made at all: CircuitOpen or OutOfTime before anything is written or sent."""
        self._in_time()
        now = self.clock.now()
        try:
            for name in (HOST, self.key):
                if self.circuits.permit(name, now):
                    self._noted |= {name}
        except Retryable:
            self._learned_nothing(HOST, self.key)
            raise
        return self

    def validate(self, body: bytes) -> NrsAnswer:
        """See NrsGateway; so with the rest."""
        return self._call(lambda: self.gateway.validate(body))

    def sign(self, body: bytes) -> NrsAnswer:
        """Registers."""
        return self._call(lambda: self.gateway.sign(body))

    def look_up(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        """Does NRS hold it."""
        return self._call(lambda: self.gateway.look_up(irn, business_id))

    def download(self, irn: str) -> bytes | None:
        """NRS's copy."""
        return self._call(lambda: self.gateway.download(irn))

    def follow(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        """How the exchange stands."""
        return self._call(lambda: self.gateway.follow(irn, business_id))

    def exchange_by_irn(self, irn: str) -> bool:
        """Can its parties exchange it."""
        return self._call(lambda: self.gateway.exchange_by_irn(irn))

    def exchange_by_tin(self, tin: str) -> bool:
        """Can its holder receive invoices."""
        return self._call(lambda: self.gateway.exchange_by_tin(tin))

    def transmit(self, irn: str) -> None:
        """To the buyer's access point."""
        self._call(lambda: self.gateway.transmit(irn))

    def update_payment(
        self, irn: str, status: str, *, reference: str | None = None, amount: Decimal | None = None
    ) -> None:
        """A payment."""
        self._call(lambda: self.gateway.update_payment(irn, status, reference=reference, amount=amount))

    def _call(self, call: Callable[[], T]) -> T:
        self._in_time()
        try:
            answer = call()
        except NrsKeyRefused:
            self._worked(HOST)
            with suppress(Retryable):
                self.circuits.refused(self.key, self.clock.now())
            raise
        except (NrsUnavailable, OutcomeUnknown) as error:
            self._down(error)
            raise
        except Retryable:  # asked to slow down: no outage, and nothing said of the key
            self._learned_nothing(HOST, self.key)
            raise
        except Rejected:
            self._worked(HOST, self.key)
            raise
        self._worked(HOST, self.key)
        return answer

    def _in_time(self) -> None:
        if self.time_left() < CALL_SECONDS:
            self._learned_nothing(HOST, self.key)
            raise OutOfTime("too little time is left for another call to NRS")

    def _down(self, error: Retryable) -> None:
        """Only silence and broken answers are an outage; "try again later" is also what a used-up IRN is told."""
        if error.answered:
            self._worked(HOST, self.key)
        else:
            with suppress(Retryable):  # a throttled note must not take the place of what NRS did (seeds 2664, 3436)
                self.circuits.failed(HOST, self.clock.now())
            self._learned_nothing(self.key)

    def _learned_nothing(self, *names: str) -> None:
        """A probe that ended for another reason must not keep the next one waiting."""
        for name in self._noted.intersection(names):
            with suppress(Retryable):
                self.circuits.released(name)

    def _worked(self, *names: str) -> None:
        for name in self._noted.intersection(names):
            with suppress(Retryable):
                self.circuits.succeeded(name)
        self._noted = self._noted.difference(names)
