"""Webhooks: form-encoded, in API 1.0's shape, signed for hooks of an application, silent when a receiver fails much."""

import hashlib
import hmac
import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from tests.sandbox.kit import Clock, Courier, DeliveryPolicy, Json, Outgoing
from tests.sandbox.lightspeed_x import views_old
from tests.sandbox.lightspeed_x.world import App, Retailer

TYPES = (
    "sale.update",
    "product.update",
    "customer.update",
    "inventory.update",
    "register_closure.create",
    "consignment.send",
    "consignment.receive",
)
ATTEMPTS_AGAIN = 20
# "retried up to 20 times over 48 hours, exponentially": these pauses add up to 48 hours
POLICY = DeliveryPolicy(
    timeout_seconds=5.0,
    retry_delays=tuple(26 * 1.5**number for number in range(ATTEMPTS_AGAIN)),
    final_statuses=frozenset(range(300, 500)),
)


@dataclass
class Blackhole:
    """More than `failure_share` failed within the window and more than `unprocessed` wait: wiped, and silent."""

    failure_share: float = 0.95
    unprocessed: int = 1000
    window_seconds: float = 3600
    silence_seconds: float = 24 * 3600
    attempts: dict[str, deque[tuple[datetime, bool]]] = field(default_factory=lambda: defaultdict(deque))

    def note(self, courier: Courier, hook: str, status: int | None, now: datetime) -> bool:
        """Counts an attempt; True when it starts the silence."""
        recent = self.attempts[hook]
        recent.append((now, status is not None and 200 <= status < 300))
        while now - recent[0][0] > timedelta(seconds=self.window_seconds):
            recent.popleft()
        failed = sum(not ok for _at, ok in recent)
        if failed <= self.failure_share * len(recent) or courier.waiting(hook) <= self.unprocessed:
            return False
        recent.clear()
        courier.silence(hook, self.silence_seconds)
        return True


class Announcer:
    """Turns a change of a record into deliveries to the store's hooks of that type."""

    def __init__(self, courier: Courier, clock: Clock, app: Callable[[], App]) -> None:
        self.courier, self.clock, self.app = courier, clock, app

    def sale(self, store: Retailer, one: Json, shown: Json | None = None) -> None:
        """`shown`: another payload than the sale's own (the captured return)."""
        self.announce(store, "sale.update", shown or views_old.sale(store, one))

    def customer(self, store: Retailer, one: Json) -> None:
        """customer.update."""
        self.announce(store, "customer.update", views_old.customer(one))

    def product(self, store: Retailer, one: Json) -> None:
        """product.update."""
        self.announce(store, "product.update", views_old.product(one))

    def stock(self, store: Retailer, one: Json) -> None:
        """inventory.update."""
        self.announce(store, "inventory.update", views_old.stock(one))

    def announce(self, store: Retailer, kind: str, payload: Json) -> None:
        """One delivery for each active hook."""
        form = {
            "domain_prefix": store.domain_prefix,
            "environment": "prod",
            "payload": json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
            "retailer_id": store.id,
            "type": kind,
        }
        raw = urlencode(form).encode()
        for hook in list(store.hooks.values()):
            if hook["type"] == kind and hook["active"]:
                self.courier.send(hook["id"], kind, _always(Outgoing(hook["url"], self._headers(hook, raw), raw)))

    def _headers(self, hook: Json, raw: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Lightspeed-Retail-Webhooks"}
        if hook["_signed"]:
            headers["X-Signature"] = signature(self.app().client_secret, raw)
        return headers


def _always(call: Outgoing) -> Callable[[int], Outgoing]:
    return lambda _attempt: call


def signature(secret: str, raw: bytes) -> str:
    """Lower-case hex of HMAC-SHA256 over the raw body; the vendor does not name the encoding, receivers do."""
    value = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return f"signature={value},algorithm=HMAC-SHA256"
