"""The source record as the platform returned it, kept byte for byte, with the answers fetched beside it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from taxpoynt.errors import BadInput

MAX_DEPTH = 64
CATALOGUE = "catalogue"
"""Begins the label of an answer that came from our copy of the platform's catalogue, and not from a request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One platform answer: what was asked (`GET /api/v2/deals/8`) and the exact bytes that came back."""

    request: str
    body: bytes


@dataclass(frozen=True, slots=True)
class SourceBundle:
    """All answers one sale was made from, by resource name; several answers of one name are pages in order."""

    connector: str
    resource: str
    resource_id: str
    answers: Mapping[str, tuple[Answer, ...]]

    def parsed(self) -> dict[str, list[Any]]:
        """Every answer as JSON with Decimal numbers, by resource name, pages in order; BadInput when unreadable."""
        return {name: [read_json(answer.body) for answer in answers] for name, answers in self.answers.items()}

    def from_catalogue(self) -> list[str]:
        """Labels of the answers that are rows of our catalogue: which, of what revision, as of when."""
        every = [answer.request for answers in self.answers.values() for answer in answers]
        return [label for label in every if label.startswith(f"{CATALOGUE} ")]

    def to_bytes(self) -> bytes:
        """A stable form for the raw bucket: UTF-8 bodies as text, others base64; equal bundles give equal bytes."""
        kept = {name: [_kept(answer) for answer in answers] for name, answers in sorted(self.answers.items())}
        whole = {
            "v": 1,
            "connector": self.connector,
            "resource": self.resource,
            "id": self.resource_id,
            "answers": kept,
        }
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> SourceBundle:
        """The bundle that `to_bytes` wrote."""
        whole = json.loads(data)
        answers = {name: tuple(_restored(one) for one in many) for name, many in whole["answers"].items()}
        return cls(whole["connector"], whole["resource"], whole["id"], answers)


def _kept(answer: Answer) -> dict[str, str]:
    try:
        return {"request": answer.request, "text": answer.body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"request": answer.request, "base64": base64.b64encode(answer.body).decode()}


def _restored(kept: dict[str, str]) -> Answer:
    body = kept["text"].encode() if "text" in kept else base64.b64decode(kept["base64"])
    return Answer(kept["request"], body)


def read_json(body: bytes) -> Any:
    """JSON with Decimal numbers; BadInput for anything a careful reader refuses.

    Refused: bytes that are not UTF-8 (a byte-order mark is tolerated), NaN and infinity, duplicate keys, lone
    surrogates, integers beyond 30 digits, exponents beyond 30, nesting beyond 64.
    """
    try:
        text = body.decode("utf-8-sig")
        _check_depth(text)
        value = json.loads(
            text, parse_float=_number, parse_int=_integer, parse_constant=_refuse, object_pairs_hook=_no_duplicates
        )
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except BadInput:
        raise
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"not readable as JSON: {_why(problem)}") from None
    return value


def _why(problem: Exception) -> str:
    """What and where, without the text itself, which may hold secrets: this goes to logs."""
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg} (line {problem.lineno}, column {problem.colno})"
    return "not UTF-8 text" if isinstance(problem, UnicodeError) else type(problem).__name__


_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)
"""Texts are passed over whole; possessive, so that no input makes the expression look twice."""


def _check_depth(text: str) -> None:
    depth = 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        char = text[found.start()]
        if char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise BadInput("JSON nested too deep")


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= 40 else None
    except InvalidOperation:  # an exponent beyond what a Decimal can hold
        number = None
    if number is None or abs(int(number.as_tuple().exponent)) > 30:
        raise BadInput("number too long")
    return number


def _integer(text: str) -> int:
    if len(text) > 30:
        raise BadInput("number too long")
    return int(text)


def _refuse(name: str) -> None:
    raise BadInput(f"{name} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise BadInput("an object has the same key twice")
    return whole
