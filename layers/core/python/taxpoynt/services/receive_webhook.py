"""A platform calls: verify the raw bytes, write them durably once, answer. What it means is decided behind the queue.

Order of work (security-and-reliability, part 3): size, headers, authentication, then one durable write. The body is
never parsed here. Light on imports: standard library and the kit's webhook half only.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from taxpoynt.connector_kit.webhook import ReplyPolicy, verify
from taxpoynt.errors import NotFound, Retryable
from taxpoynt.web import Response

if TYPE_CHECKING:
    from taxpoynt.domain.connection import Endpoint
    from taxpoynt.ports import BlobStore, Clock, JobQueue

MAX_INLINE = 180_000
"""Characters of base64 that go into the queue message itself; a larger body goes to the raw bucket."""

_TEXT = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}


class Endpoints(Protocol):
    """The one lookup of this path."""

    def get_endpoint(self, endpoint: str) -> Endpoint | None:
        """The endpoint, None when nobody made it."""
        ...


@dataclass(frozen=True, slots=True)
class ReceiveWebhook:
    """`kind_of` tells the queue of a connector; `policy` what its sender is answered (NotFound: no such connector)."""

    endpoints: Endpoints
    blobs: Callable[[], BlobStore]
    queue: JobQueue
    clock: Clock
    policy: Callable[[str], ReplyPolicy]
    kind_of: Callable[[str], Literal["crm", "pos"]]

    def __call__(
        self, connector: str, endpoint: str | None, headers: Mapping[str, Sequence[str]], body: bytes
    ) -> Response:
        """The answer to the sender; after a 2xx the delivery is stored durably, after anything else it is not."""
        try:
            policy = self.policy(connector)
        except NotFound:
            return _answer(404)
        whose = self._whose(connector, endpoint) if len(body) <= policy.max_body_bytes else None
        verdict = verify(policy, dict(headers), body, whose.secrets if whose else ())
        if not verdict.genuine or whose is None:
            return _answer(verdict.status)
        try:
            self._keep(whose, headers, body)
        except Retryable:
            return _answer(policy.unavailable)
        return _answer(policy.accepted)

    def _whose(self, connector: str, endpoint: str | None) -> Endpoint | None:
        found = self.endpoints.get_endpoint(endpoint) if endpoint else None
        return found if found and found.connector == connector else None

    def _keep(self, whose: Endpoint, headers: Mapping[str, Sequence[str]], body: bytes) -> None:
        """An endpoint that was switched off still gets its 2xx: the consumer parks what it sent."""
        job: dict[str, Any] = {
            "v": 1,
            "job": "webhook",
            "id": str(uuid.uuid4()),
            "merchant": whose.merchant,
            "connection": whose.connection,
            "connector": whose.connector,
            "received_at": self.clock.now().isoformat(),
            "content_type": next(iter(headers.get("content-type", ())), "")[:200],
        }
        text = base64.b64encode(body).decode()
        if len(text) <= MAX_INLINE:
            job["body_b64"] = text
        else:
            place = f"{whose.merchant}/webhooks/{hashlib.sha256(body).hexdigest()}"
            job["body_key"] = self.blobs().put(place, body, content_type="application/octet-stream")
        self.queue.send(self.kind_of(whose.connector), job)


def _answer(status: int) -> Response:
    """One short body per status, the same for every reason."""
    return Response(status=status, body="ok\n" if status < 300 else "refused\n", headers=_TEXT)
