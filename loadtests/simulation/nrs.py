"""NRS as the reference describes it: it registers an IRN once, perhaps long after the caller has given up waiting."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loadtests.simulation.hub import Hub
from loadtests.simulation.ports import Faults
from taxpoynt.errors import (
    Fault,
    NrsKeyRefused,
    NrsRefused,
    NrsUnavailable,
    OutcomeUnknown,
    RateLimited,
    TaxPoyntError,
)
from taxpoynt.ports import NrsAnswer, NrsInvoiceStatus

LATEST = 4 * 3600.0
"""Seconds after which a sign that nobody waited for may still be registered."""
LAG = 90.0
"""Seconds for which a question may not know what was just registered."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One invoice at NRS."""

    body: bytes
    at: float
    known_at: float
    merchant: str
    foreign: bool = False


@dataclass
class Registry:
    """What NRS holds, and what is wrong with NRS just now.

    service_ids: the IRN template of each business; refused_keys: merchants whose key pair is refused;
    outages: (from, to) in seconds; signs: every sign that reached NRS, for the trace; signed: what came under each IRN.
    """

    hub: Hub
    faults: Faults
    rates: dict[str, float]
    service_ids: dict[str, str]
    businesses: dict[str, str]
    outages: list[tuple[float, float]] = field(default_factory=list)
    refused_keys: set[str] = field(default_factory=set)
    held: dict[str, Registered] = field(default_factory=dict)
    disliked: set[str] = field(default_factory=set)
    signs: int = 0
    signed: dict[str, set[bytes]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def down(self) -> bool:
        """Is this an outage?"""
        return self.faults.on and any(begin <= self.hub.now < end for begin, end in self.outages)

    def register(self, irn: str, body: bytes, merchant: str, *, foreign: bool = False) -> bool:
        """Once per IRN, whatever comes later under it."""
        if irn in self.held:
            return False
        lag = self.hub.random.random() * LAG if self.faults.hit(self.hub, "nrs lag", self.rates["lag"]) else 0.0
        self.held[irn] = Registered(body, self.hub.now, self.hub.now + lag, merchant, foreign)
        self.hub.say(f"NRS registers {irn}{' (somebody else)' if foreign else ''}")
        return True


class SimulatedNrs:
    """ports.NrsGateway for one merchant."""

    def __init__(self, registry: Registry, merchant: str) -> None:
        self._all, self._merchant = registry, merchant
        self._hub, self._faults, self._rates = registry.hub, registry.faults, registry.rates

    def validate(self, body: bytes) -> NrsAnswer:
        """Refuses what it dislikes."""
        self._reach()
        self._judge(body)
        return NrsAnswer(status=200, request_id=None, body=b'{"code":200,"data":{"ok":true}}')

    def sign(self, body: bytes) -> NrsAnswer:
        """Registers; what the caller hears of it is another matter."""
        registry, hub = self._all, self._hub
        registry.signs += 1
        irn = _irn(body)
        registry.signed.setdefault(irn, set()).add(body)
        if registry.down():
            return self._sign_in_outage(irn, body)
        self._reach()
        if self._hit("no answer"):
            self._wait()
            raise OutcomeUnknown("time-out")
        if self._hit("slow commit"):
            seconds = hub.random.choice((5.0, 60.0, 600.0, LATEST)) * hub.random.random()
            hub.after(seconds, lambda: self._late(irn, body))
            self._wait()
            raise OutcomeUnknown("time-out")
        if self._hit("try again text"):
            raise _answered(OutcomeUnknown("unable to complete this operation at this time"))
        self._judge(body)
        if not registry.register(irn, body, self._merchant):
            raise _answered(OutcomeUnknown("unable to complete this operation at this time"))
        if self._hit("reset after commit"):
            raise OutcomeUnknown("reset")
        if self._hit("text after commit"):
            raise _answered(OutcomeUnknown("unable to complete this operation at this time"))
        return NrsAnswer(status=201, request_id="r-1", body=b'{"code":201,"data":{"ok":true}}')

    def look_up(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        """By confirm and search; neither may know yet what was just registered."""
        self._reach()
        found = self._all.held.get(irn)
        if found is None or self._hub.now < found.known_at:
            return NrsInvoiceStatus(found=False)
        whole = json.loads(found.body)
        return NrsInvoiceStatus(
            found=True,
            payment_status=whole.get("payment_status"),
            issue_date=whole["issue_date"] + "T00:00:00Z",
            invoice_type_code=whole["invoice_type_code"],
            currency=whole["document_currency_code"],
            entry_status="SIGNED",
        )

    def download(self, irn: str) -> bytes | None:
        """The copy; some accounts get none."""
        self._reach()
        if self._hit("no copy"):
            return None
        found = self._all.held.get(irn)
        return found.body if found else None

    def follow(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        """As `look_up`."""
        return self.look_up(irn, business_id)

    def exchange_by_irn(self, irn: str) -> bool:
        """No buyer of this simulation has an access point."""
        self._reach()
        return False

    def exchange_by_tin(self, tin: str) -> bool:
        """The same."""
        self._reach()
        return False

    def transmit(self, irn: str) -> None:
        """Nothing may go to a buyer before NRS accepted it."""
        self._reach()
        if irn not in self._all.held:
            self._all.problems.append(f"P1: {irn} is sent to the buyer and NRS does not hold it")

    def update_payment(
        self, irn: str, status: str, *, reference: str | None = None, amount: Decimal | None = None
    ) -> None:
        """Heard."""
        self._reach()

    def _sign_in_outage(self, irn: str, body: bytes) -> NrsAnswer:
        if self._hub.random.random() < 0.5:
            raise NrsUnavailable("connection refused")
        if self._hub.random.random() < 0.15:  # it was taken in and comes through when NRS is back
            self._hub.after(self._hub.random.random() * LATEST, lambda: self._late(irn, body))
        self._wait()
        raise OutcomeUnknown("time-out")

    def _late(self, irn: str, body: bytes) -> None:
        if json.loads(body)["irn"] and self._fits(irn):
            self._all.register(irn, body, self._merchant)

    def _reach(self) -> None:
        if self._all.down():
            self._wait()
            raise NrsUnavailable("outage")
        if self._merchant in self._all.refused_keys:
            raise _answered(NrsKeyRefused("401"))
        if self._hit("too many"):
            raise _answered(RateLimited("429", retry_after=self._hub.random.choice((1.0, 30.0, 600.0))))
        if self._hit("read fails"):
            raise NrsUnavailable("502")

    def _judge(self, body: bytes) -> None:
        """A clear no: another business's template, or a word NRS dislikes for now."""
        irn = _irn(body)
        if not self._fits(irn):
            raise _refused("NRS-111", "irn")
        if irn.partition("-")[0] in self._all.disliked:
            raise _refused("NRS-101", "invoice_line[0]")

    def _fits(self, irn: str) -> bool:
        return irn.split("-")[1] == self._all.service_ids[self._merchant]

    def _wait(self) -> None:
        self._hub.give_way(25.0)

    def _hit(self, kind: str) -> bool:
        return self._faults.hit(self._hub, f"nrs {kind}", self._rates.get(kind, 0.0))


def _irn(body: bytes) -> str:
    irn: Any = json.loads(body)["irn"]
    return str(irn)


def _refused(code: str, path: str) -> TaxPoyntError:
    return _answered(NrsRefused("refused", [Fault(code, path, "NRS does not take this.", "Mend it.")]))


def _answered(error: TaxPoyntError) -> TaxPoyntError:
    error.answered = True
    return error
