"""Finding by polling what no webhook told. One page a call; the cursor we hand back is where to go on, crash or not.

A round reads every list of the template inside one closed window (since, until) and ends by moving `since` up to
`until` less the overlap: sorting by change time while records change may skip or repeat, and repeats are free
because the claim decides. `start` is when the connection began: what was won before is not ours to invoice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from taxpoynt.connector_kit.fetching import next_cursor, readable
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import BadInput, PlatformRefused
from taxpoynt.mapping.expressions import find
from taxpoynt.ports import ChangedRecords, PlatformApi

MAX_RESTARTS = 3
"""A stored page cursor may have expired at the platform; then the list is begun again, this many times a round."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """ISO times in UTC, whole seconds (Pipedrive answers 400 to milliseconds). `leg`: which list of the round."""

    start: str
    since: str
    until: str | None = None
    leg: int = 0
    page: str | None = None
    restarts: int = 0

    def text(self) -> str:
        """What is stored on the connection."""
        return json.dumps({name: value for name, value in asdict(self).items() if value not in (None, 0)})

    @classmethod
    def read(cls, text: str) -> Cursor:
        """BadInput for anything `text` did not write."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            raise BadInput("not a polling cursor") from None


def changed_records(api: PlatformApi, template: Template, cursor: str | None, now: datetime) -> ChangedRecords:
    """One page. Without a cursor nothing is asked: history begins now."""
    if cursor is None:
        return ChangedRecords(records=[], cursor=Cursor(_iso(now), _iso(now)).text(), more=False)
    at = Cursor.read(cursor)
    if at.until is None:
        at = replace(at, until=_iso(now), leg=0, page=None, restarts=0)
    if str(at.until) <= at.since:
        return ChangedRecords(records=[], cursor=cursor, more=False)
    try:
        body = _page(api, template, at)
    except PlatformRefused:
        if at.page is None or at.restarts >= MAX_RESTARTS:
            raise
        return ChangedRecords(records=[], cursor=replace(at, page=None, restarts=at.restarts + 1).text(), more=True)
    found = find(template.paging.items, readable(template, body))
    records = [ref for item in found or () if (ref := _ref(template, item, at.start)) is not None]
    following = next_cursor(template, body)
    if following is not None and following == at.page:
        raise PlatformRefused(f"{template.name}: polling got the same cursor twice")
    return _advanced(template, at, following, records)


def _page(api: PlatformApi, template: Template, at: Cursor) -> bytes:
    request = template.poll.requests[min(at.leg, len(template.poll.requests) - 1)]
    params = {
        name: value.replace("{since}", at.since).replace("{until}", str(at.until))
        for name, value in request.params.items()
    }
    if at.page is not None:
        params[template.paging.parameter] = at.page
    return api.get(request.path, params)


def _advanced(template: Template, at: Cursor, following: str | None, records: list[RecordRef]) -> ChangedRecords:
    if following is not None:
        return ChangedRecords(records=records, cursor=replace(at, page=following).text(), more=True)
    if at.leg + 1 < len(template.poll.requests):
        return ChangedRecords(records=records, cursor=replace(at, page=None, leg=at.leg + 1).text(), more=True)
    edge = _time(at.until)
    since = max(at.since, _iso(edge - timedelta(seconds=template.poll.overlap_seconds))) if edge else at.since
    return ChangedRecords(records=records, cursor=Cursor(at.start, since).text(), more=False)


def _ref(template: Template, item: Any, start: str) -> RecordRef | None:
    if not isinstance(item, Mapping) or isinstance(item.get("id"), bool) or not isinstance(item.get("id"), str | int):
        return None
    began = _time(item.get(template.poll.started_at))
    if began is not None and _iso(began) < start:
        return None
    return RecordRef(resource=template.poll.record, id=str(item["id"]))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
