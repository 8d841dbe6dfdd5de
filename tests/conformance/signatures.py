"""Is every false delivery refused? The template's vectors, and what the kit makes of them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from taxpoynt.connector_kit.schemes import Delivery
from taxpoynt.connector_kit.template_signatures import Vector
from taxpoynt.connector_kit.webhook import ReplyPolicy, Verdict, policy_of, verify
from tests.conformance.evidence import Case

NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
FRESH_SECRET = "conformance:0f1e2d3c4b5a69788796a5b4c3d2e1f0"
Verifier = Callable[[ReplyPolicy, Delivery, Sequence[str], datetime, bool], Verdict]


def honest(policy: ReplyPolicy, delivery: Delivery, secrets: Sequence[str], now: datetime, older: bool) -> Verdict:
    """The verifier of the webhook function."""
    kept = [hashlib.sha256(one.encode()).hexdigest() if policy.kind == "basic" else one for one in secrets]
    return verify(policy, delivery, kept, now, older=older)


def check(case: Case, verifier: Verifier = honest) -> list[str]:
    """Vectors, mutations, rotation, replay in time."""
    webhooks = case.template.webhooks
    assert webhooks is not None, "there is no webhooks block, so the rule can only be exempt"
    policy = policy_of(case.name, webhooks.model_dump(mode="json", exclude_unset=True))
    judged = Judged(policy, verifier)
    for vector in webhooks.vectors:
        verdict = judged(vector)
        assert verdict.genuine is vector.genuine, f"vector {vector.name!r}: {verdict.reason}"
        assert vector.reason in (None, verdict.reason), f"vector {vector.name!r} is refused as {verdict.reason}"
    genuine = [one for one in webhooks.vectors if one.genuine]
    said = [f"{len(webhooks.vectors)} vectors, {len(genuine)} of them genuine"]
    if policy.kind == "none":
        return [*said, "nothing proves the sender: every fact is read back"]
    mutations = sum(_mutated(judged, one) for one in genuine)
    for vector in genuine:
        _rotated(judged, vector)
        _without_proof(judged, vector)
    said.append(f"{mutations} deliveries with one byte changed are refused")
    said.append("the previous secret is taken, a third is not")
    stale = sum(_stale(judged, one) for one in genuine)
    return [*said, f"{stale} deliveries outside the tolerance are refused"] if stale else said


class Judged:
    """The verdict on a vector, with parts of it replaced."""

    def __init__(self, policy: ReplyPolicy, verifier: Verifier) -> None:
        self.policy, self._verifier = policy, verifier

    def __call__(
        self,
        vector: Vector,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        secrets: Sequence[str] | None = None,
        url: str | None = None,
        at: datetime | None = None,
    ) -> Verdict:
        delivery = Delivery(
            headers=vector.headers if headers is None else headers,
            body=body_of(vector) if body is None else body,
            method=vector.method,
            url=vector.url if url is None else url,
        )
        given = vector.secrets if secrets is None else secrets
        return self._verifier(self.policy, delivery, given, at or vector.at or NO_TIME, vector.older)


def body_of(vector: Vector) -> bytes:
    """The exact bytes."""
    return base64.b64decode(vector.body_base64) if vector.body_base64 else (vector.body or "").encode()


def _mutated(judged: Judged, vector: Vector) -> int:
    """Every byte of what is signed, and of the proof itself, changed in one bit; how many there were."""
    done = 0
    if any("body" in one.sign for one in judged.policy.schemes):
        body = body_of(vector)
        for place in range(len(body)):
            changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            assert not judged(vector, body=changed).genuine, f"{vector.name!r} with byte {place} of the body changed"
            done += 1
    for name, changed_header in _changed_headers(judged, vector):
        headers = {**vector.headers, name: changed_header}
        assert not judged(vector, headers=headers).genuine, f"{vector.name!r} with {name}: {changed_header!r}"
        done += 1
    if judged.policy.kind == "path":
        assert not judged(vector, url=vector.url[:-1] + chr(ord(vector.url[-1]) ^ 1)).genuine
        done += 1
    return done


def _changed_headers(judged: Judged, vector: Vector) -> Iterator[tuple[str, str]]:
    proofs = {"authorization"} if judged.policy.kind == "basic" else {one.header for one in judged.policy.schemes}
    several = any(one.layout and one.layout.several for one in judged.policy.schemes)
    for name, value in vector.headers.items():
        if name.lower() not in proofs or several:
            continue
        for place, letter in enumerate(value):
            changed = value[:place] + chr(ord(letter) ^ 1) + value[place + 1 :]
            if _says_the_same(value, changed) or letter == " ":
                continue
            yield name, changed
    if several:
        yield from ((name, value[::-1]) for name, value in vector.headers.items() if name.lower() in proofs)


def _says_the_same(value: str, changed: str) -> bool:
    """Base64 has letters whose last bits nobody reads, and the names of schemes have no case."""
    if value.lower() == changed.lower():
        return True
    try:
        before, after = (base64.b64decode(one.rpartition(" ")[2], validate=True) for one in (value, changed))
    except ValueError:
        return False
    return " " in value and before == after


def _rotated(judged: Judged, vector: Vector) -> None:
    if judged.policy.kind == "path":
        return
    assert judged(vector, secrets=[FRESH_SECRET, *vector.secrets]).genuine, f"{vector.name!r} during a rotation"
    assert not judged(vector, secrets=[FRESH_SECRET]).genuine, f"{vector.name!r} after a rotation"
    assert not judged(vector, secrets=[]).genuine, f"{vector.name!r} without any secret"


def _without_proof(judged: Judged, vector: Vector) -> None:
    if judged.policy.kind == "path":
        assert not judged(vector, url="https://connect.example.com/webhooks").genuine
        return
    assert not judged(vector, headers={}).genuine, f"{vector.name!r} without its headers"


def _stale(judged: Judged, vector: Vector) -> int:
    """Far before and far after the time it was signed at."""
    tolerances = [one.timestamp.tolerance_seconds for one in judged.policy.schemes if one.timestamp]
    if not tolerances or vector.at is None:
        return 0
    away = timedelta(seconds=2 * max(tolerances) + 1)
    for at in (vector.at - away, vector.at + away):
        assert judged(vector, at=at).reason == "stale", f"{vector.name!r} at {at}"
    return 2
