"""A platform calls: verify the raw bytes, write them durably once, answer. What it means is decided behind the queue.

Order of work (security-and-reliability, part 3): size, headers, authentication, freshness, then one durable write. The
body is never read for its meaning here. Light on imports: standard library and the kit's webhook half only.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from taxpoynt.connector_kit.webhook import Delivery, ReplyPolicy, Verdict, near_miss, verify
from taxpoynt.domain.keys import NOBODY
from taxpoynt.errors import ConfigurationError, NotFound, Retryable
from taxpoynt.web import Response

if TYPE_CHECKING:
    from datetime import datetime

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


class SigningSecrets(Protocol):
    """The secrets of a signature, newest first; ConfigurationError where none is fit to prove anything."""

    def __call__(self, policy: ReplyPolicy, names: Sequence[str]) -> Sequence[str]:
        """names: of an endpoint's own secrets; none for one of the application."""
        ...


@dataclass(frozen=True, slots=True)
class ReceiveWebhook:
    """`kind_of` tells the queue of a connector; `policy` what its sender is answered (NotFound: no such connector).

    public_url: the address platforms call, from our configuration; signatures may cover it.
    """

    endpoints: Endpoints
    blobs: Callable[[], BlobStore]
    queue: JobQueue
    clock: Clock
    policy: Callable[[str], ReplyPolicy]
    kind_of: Callable[[str], Literal["crm", "pos"]]
    signing: SigningSecrets
    public_url: str

    def __call__(
        self,
        connector: str,
        endpoint: str | None,
        headers: Mapping[str, Sequence[str]],
        body: bytes,
        query: str = "",
    ) -> Response:
        """The answer to the sender; after a 2xx the delivery is stored durably, after anything else it is not.

        query: as it was called, still encoded.
        """
        try:
            policy = self.policy(connector)
        except NotFound:
            return _answer(404)
        url = "/".join([self.public_url, "webhooks", connector, *([endpoint] if endpoint else [])])
        delivery = Delivery(headers=dict(headers), body=body, url=f"{url}?{query}" if query else url)
        whose = self._whose(connector, endpoint) if len(body) <= policy.max_body_bytes else None
        now = self.clock.now()
        try:
            secrets = self._secrets(policy, whose, now)
            verdict = verify(policy, delivery, secrets, now)
            if not verdict.genuine:
                return _answer(verdict.status, _why(policy, delivery, secrets, verdict))
            if not _is_ours(policy, endpoint, whose):
                return _answer(policy.refused, "unknown_address")
            self._keep(policy, whose, headers, body, now)
        except Retryable as error:
            return _answer(policy.unavailable, type(error).__name__)
        except ConfigurationError as error:
            return _answer(policy.unavailable, str(error))  # which secret to fill, never its value
        return _accepted(policy)

    def _whose(self, connector: str, endpoint: str | None) -> Endpoint | None:
        found = self.endpoints.get_endpoint(endpoint) if endpoint else None
        return found if found and found.connector == connector else None

    def _secrets(self, policy: ReplyPolicy, whose: Endpoint | None, now: datetime) -> Sequence[str]:
        """An unknown endpoint has none, so that it looks like a wrong secret. The application's are nobody's own."""
        if policy.secret == "app":  # noqa: S105 (whose it is)
            return self.signing(policy, ())
        if whose is None:
            return ()
        if policy.kind == "path":
            return (whose.endpoint,)
        known = whose.accepted(now)
        return known if policy.kind == "basic" else self.signing(policy, known)

    def _keep(
        self,
        policy: ReplyPolicy,
        whose: Endpoint | None,
        headers: Mapping[str, Sequence[str]],
        body: bytes,
        now: datetime,
    ) -> None:
        """An endpoint that was switched off still gets its 2xx: the consumer parks what it sent.

        Without an endpoint the job names no merchant: whose it is, the account in the event says.
        """
        job: dict[str, Any] = {
            "v": 1,
            "job": "webhook",
            "id": str(uuid.uuid4()),
            **({"merchant": whose.merchant, "connection": whose.connection} if whose else {}),
            "connector": policy.connector,
            "received_at": now.isoformat(),
            "content_type": next(iter(headers.get("content-type", ())), "")[:200],
        }
        if policy.headers:
            job["headers"] = {name: next(iter(headers[name]))[:500] for name in policy.headers if headers.get(name)}
        text = base64.b64encode(body).decode()
        if len(text) <= MAX_INLINE:
            job["body_b64"] = text
        else:
            place = f"{whose.merchant if whose else NOBODY}/webhooks/{hashlib.sha256(body).hexdigest()}"
            job["body_key"] = self.blobs().put(place, body, content_type="application/octet-stream")
        self.queue.send(self.kind_of(policy.connector), job)


def _is_ours(policy: ReplyPolicy, endpoint: str | None, whose: Endpoint | None) -> bool:
    """May a genuine delivery be taken at this address?

    What the application's secret proves is taken wherever it comes: an authentic sender is not punished for a
    connection that we no longer know.
    """
    proved = policy.secret == "app"  # noqa: S105 (whose it is)
    return whose is not None or proved or (policy.address == "application" and not endpoint)


def _why(policy: ReplyPolicy, delivery: Delivery, secrets: Sequence[str], verdict: Verdict) -> str:
    near = near_miss(policy, delivery, secrets) if verdict.reason == "wrong_signature" else None
    return f"{verdict.reason}; would match: {near}" if near else verdict.reason


def _accepted(policy: ReplyPolicy) -> Response:
    if policy.acknowledgement is None:
        return _answer(policy.accepted)
    headers = {**_TEXT, "content-type": policy.content_type or _TEXT["content-type"]}
    return Response(status=policy.accepted, body=policy.acknowledgement, headers=headers)


def _answer(status: int, note: str = "") -> Response:
    """One short body per status, the same for every reason; `note` is for our log alone."""
    return Response(status=status, body="ok\n" if status < 300 else "refused\n", headers=_TEXT, note=note)
