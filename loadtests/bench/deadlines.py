"""Each connector's sender and its patience: the largest delivery verified, cold and warm, against the deadline.

Baseline is the deadline itself, so that the ratio is the share of it that our own code takes. Cold is a fresh
interpreter that imports the ack path and reads the connector's block; network and platform are not in it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from loadtests.bench.measure import Compared, in_turns
from taxpoynt.connector_kit import folders
from taxpoynt.connector_kit.schemes import Delivery
from taxpoynt.connector_kit.webhook import ReplyPolicy, basic_header, reply_policy, verify
from taxpoynt.errors import NotFound

ROOT = Path(__file__).parents[2]
COLD = """
import time
began = time.perf_counter()
from datetime import UTC, datetime
from taxpoynt.connector_kit.schemes import Delivery
from taxpoynt.connector_kit.webhook import reply_policy, verify
policy = reply_policy({name!r})
verify(policy, Delivery(headers={headers!r}, body=b"x" * policy.max_body_bytes), ("k" * 40,), datetime.now(UTC))
print(time.perf_counter() - began)
"""


def compare(*, rounds: int = 7) -> Iterator[Compared]:
    """Two figures for each connector with webhooks, those of TAXPOYNT_CONNECTORS included."""
    for name in folders.names():
        try:
            policy = reply_policy(name)
        except NotFound:
            continue
        yield in_turns(f"{name}, warm", _warm(policy), _patience(policy), rounds=rounds)
        yield in_turns(f"{name}, cold", _cold(name, policy), _patience(policy), rounds=rounds)


def _patience(policy: ReplyPolicy) -> Callable[[], float]:
    return lambda: policy.deadline_seconds


def _headers(policy: ReplyPolicy) -> dict[str, str]:
    """The first scheme as its sender writes it; a wrong signature costs what a right one does."""
    scheme, digest = policy.schemes[0], "0" * 64
    if scheme.kind != "mac":
        return {"authorization": basic_header("u" * 32, "p" * 43)}
    if scheme.layout is None:
        return {scheme.header: scheme.prefix + digest}
    parts = {scheme.layout.signature: digest, **scheme.layout.require}
    return {scheme.header: scheme.layout.split.join(scheme.layout.joined.join(pair) for pair in parts.items())}


def _warm(policy: ReplyPolicy) -> Callable[[], float]:
    delivery = Delivery(headers=_headers(policy), body=b"x" * policy.max_body_bytes)

    def measure() -> float:
        began = time.perf_counter()
        verify(policy, delivery, ("k" * 40,), datetime.now(UTC))
        return time.perf_counter() - began

    return measure


def _cold(name: str, policy: ReplyPolicy) -> Callable[[], float]:
    code = COLD.format(name=name, headers=_headers(policy))

    def measure() -> float:
        command = [sys.executable, "-c", code]
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise SystemExit(f"bench: {name} cold failed:\n{done.stderr}")
        return float(done.stdout.split()[-1])

    return measure
