"""What happens to a transmitted invoice, and the unsigned notices NRS sends about it (reference, section 12)."""

from __future__ import annotations

import json
import threading

from tests.sandbox.kit import Courier, Outgoing
from tests.sandbox.nrs.chaos import LYING
from tests.sandbox.nrs.problems import NO_WEBHOOK, sentence
from tests.sandbox.nrs.records import SignedInvoice
from tests.sandbox.nrs.world import World

MESSAGES = ("TRANSMITTING", "TRANSMITTED", "ACKNOWLEDGED", "FAILED")
COURSES = {
    "acknowledges": ("TRANSMITTED", "ACKNOWLEDGED"),
    "receives": ("TRANSMITTED",),
    "fails": ("FAILED",),
}
"""What the buyer's access point does -> the messages after TRANSMITTING."""

LIES = {
    "TRANSMITTING": "ACKNOWLEDGED",
    "TRANSMITTED": "FAILED",
    "ACKNOWLEDGED": "TRANSMITTING",
    "FAILED": "TRANSMITTED",
}
"""What a lying notice says instead."""

SUBSCRIBER = "nrs-webhook"


class Exchange:
    """Moves invoices on, a step at a time, and tells the webhook. Callers hold the sandbox's lock."""

    def __init__(self, world: World, courier: Courier, lock: threading.RLock) -> None:
        self.world, self._courier, self._lock = world, courier, lock
        self._timers: set[threading.Timer] = set()

    def reaches(self, tin: str) -> bool:
        """Whether the holder of this TIN has an access point."""
        found = self.world.taxpayers.get(tin)
        return found is not None and found.onboarded

    def check_webhook(self) -> None:
        if not self.world.webhook_url:
            raise sentence(NO_WEBHOOK, handler="transmit_actions")

    def start(self, invoice: SignedInvoice) -> None:
        """TRANSMITTING now, the rest of the course a step at a time."""
        course = COURSES[self.world.taxpayers[invoice.buyer_tin or ""].exchange]
        self.tell(invoice, "TRANSMITTING")
        self._go_on(invoice, course)

    def _go_on(self, invoice: SignedInvoice, course: tuple[str, ...]) -> None:
        pause = float(self.world.settings["step_seconds"])
        if pause:
            timer = threading.Timer(pause, self._step, (invoice, course))
            timer.daemon = True
            self._timers = {one for one in self._timers if one.is_alive()} | {timer}
            timer.start()
            return
        for message in course:
            self.tell(invoice, message)

    def _step(self, invoice: SignedInvoice, course: tuple[str, ...]) -> None:
        with self._lock:
            if self.world.signed.get(invoice.irn) is not invoice:
                return  # the sandbox was reset meanwhile
            self.tell(invoice, course[0])
            if course[1:]:
                self._go_on(invoice, course[1:])

    def tell(self, invoice: SignedInvoice, message: str) -> None:
        """Moves the invoice to `message` and sends the notice."""
        invoice.entry_status = message
        invoice.transmitted = message in ("TRANSMITTED", "ACKNOWLEDGED")
        invoice.delivered = message == "ACKNOWLEDGED"
        invoice.changed_at = self.world.now()
        self.notify(invoice.irn, message)

    def notify(self, irn: str, message: str) -> None:
        """Only the notice; nothing without a registered address."""
        if not self.world.webhook_url:
            return
        if self._courier.faults.take(frozenset({LYING}), topic=message):
            message = LIES[message]
        body = json.dumps({"irn": irn, "message": message}).encode()
        outgoing = Outgoing(self.world.webhook_url, {"Content-Type": "application/json"}, body)
        self._courier.send(SUBSCRIBER, message, lambda _attempt: outgoing)

    def stop(self) -> None:
        """No more steps."""
        for timer in self._timers:
            timer.cancel()
