"""Answers that stand in for a request: rows of the catalogue, in the shape the platform would have sent them.

What is fetched wins. A row steps in where the platform does not show the record (any more), or, where the template
prefers that, instead of a request: a till's sale of 400 products would cost as many. Its label in the bundle says what
it is and as of when, so that the sale can be read again, and explained, from the bundle alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from taxpoynt.connector_kit.template_records import Related, Resource
from taxpoynt.domain.source import CATALOGUE, Answer
from taxpoynt.ports.known import KnownRecord, KnownRecords

PLAIN = re.compile(r"@|[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
"""Where a record may stand in an answer that we write ourselves."""


def preferred(
    known: KnownRecords | None, related: Related, resource: Resource, ids: Sequence[str]
) -> dict[str, Answer]:
    """By id, those the template would rather take from the catalogue, if it is known to be current enough."""
    if known is None or related.catalogue is None or related.prefer != "catalogue":
        return {}
    found = known.find(related.catalogue, ids, within=timedelta(minutes=related.fresh_minutes))
    return _answers(related, resource, found)


def instead(known: KnownRecords | None, related: Related, resource: Resource, ids: Sequence[str]) -> list[Answer]:
    """For records that the platform does not show: what it told of them when it last did."""
    if known is None or related.catalogue is None or not ids:
        return []
    return list(_answers(related, resource, known.find(related.catalogue, ids, within=None)).values())


def _answers(related: Related, resource: Resource, found: Mapping[str, KnownRecord]) -> dict[str, Answer]:
    return {name: _answer(str(related.catalogue), resource, row) for name, row in found.items()}


def _answer(kind: str, resource: Resource, row: KnownRecord) -> Answer:
    revision = f" revision {row.revision}" if row.revision else ""
    label = f"{CATALOGUE} {kind}/{row.id}{revision} as of {row.as_of.isoformat()}"
    record: Any = json.loads(row.record)
    shown = [record] if resource.batch is not None else record
    for step in reversed(resource.item.split(".")) if resource.item != "@" else ():
        shown = {step: shown}
    return Answer(label, json.dumps(shown, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())
