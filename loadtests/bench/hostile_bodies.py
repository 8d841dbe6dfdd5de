"""Refusing a hostile webhook body of the largest size, against a plain walk over as many characters.

The security page promises less than 50 ms each. A reader that goes over the whole body again and again shows here as a
ratio in the hundreds.
"""

from __future__ import annotations

from collections.abc import Iterator

from loadtests.bench.measure import Compared, in_turns, per_call
from taxpoynt.connector_kit import loader
from taxpoynt.errors import BadInput

SIZE = 256 * 1024
BODIES = {
    "lists in lists": b"[" * SIZE,
    "objects in objects": b'{"a":' * (SIZE // 5),
    "a long integer": b'{"a": ' + b"9" * SIZE + b"}",
    "a long fraction": b'{"a": 0.' + b"9" * SIZE + b"}",
    "backslashes": b'"' + b"\\" * SIZE,
    "the same key again": b"{" + b'"a":1,' * (SIZE // 6) + b'"a":1}',
}


def compare(*, rounds: int = 7) -> Iterator[Compared]:
    """One figure a kind of body, refused by the real connector's reader."""
    connector = loader.load("pipedrive")

    def walk() -> None:
        for character in "x" * SIZE:
            if character == "[":
                return

    for name, body in BODIES.items():

        def refuse(body: bytes = body) -> None:
            try:
                connector.events(body, "application/json")
            except BadInput:
                return
            raise SystemExit(f"bench: a hostile body was read: {body[:20]!r}")

        yield in_turns(name, per_call(refuse, calls=3), per_call(walk, calls=3), rounds=rounds)
