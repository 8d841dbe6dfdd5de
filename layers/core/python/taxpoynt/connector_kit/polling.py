"""Finding by polling what no webhook told. One page a call; the cursor we hand back is where to go on, crash or not.

A round reads every list of the template once. By window it asks for what changed in a closed window (since, until) and
ends by moving `since` up to `until` less the overlap: sorting by change time while records change may skip or repeat,
and repeats are free because the claim decides. By version or by cursor each list goes on from its own mark.
`start` is when the connection began: what was sold before is not ours to invoice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from taxpoynt.connector_kit import paging
from taxpoynt.connector_kit.placeholders import filled, filled_texts
from taxpoynt.connector_kit.quirks import put_right
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_polling import Poll, PollRequest
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import BadInput, PlatformRefused
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import ChangedRecords, PlatformAnswer, PlatformApi

MAX_RESTARTS = 3
"""A stored page cursor may have expired at the platform; then the list is begun again, this many times a round."""
MAX_SHOWN = 1500
"""States of records kept from round to round; one that is forgotten costs a fetch, nothing else."""

NOTHING = paging.Page(items=[], answer=PlatformAnswer(body=b""), following=None)
"""What a list holds that the account does not have."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """ISO times in UTC, whole seconds (some platforms answer 400 to milliseconds). `leg`: which list of the round.

    marks: by list, where the next round goes on (version and cursor). shown: digests of the states that the last round
    was shown, which an overlap shows again; showing: those of this round so far.
    """

    start: str
    since: str
    until: str | None = None
    leg: int = 0
    page: str | None = None
    restarts: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    showing: tuple[str, ...] = ()

    def text(self) -> str:
        """What is stored on the connection."""
        return json.dumps({name: value for name, value in asdict(self).items() if value not in (None, 0, (), {})})

    @classmethod
    def read(cls, text: str) -> Cursor:
        """BadInput for anything `text` did not write."""
        try:
            at = cls(**json.loads(text))
            return replace(at, marks=dict(at.marks), shown=tuple(at.shown), showing=tuple(at.showing))
        except (ValueError, TypeError):
            raise BadInput("not a polling cursor") from None


def changed_records(api: PlatformApi, template: Template, cursor: str | None, now: datetime) -> ChangedRecords:
    """One page. Without a cursor nothing is asked: history begins now."""
    if cursor is None:
        return ChangedRecords(records=[], cursor=Cursor(iso(now), iso(now)).text(), more=False)
    at = Cursor.read(cursor)
    if at.until is None:
        at = replace(at, until=_until(template.poll, at, now), leg=0, page=None, restarts=0, showing=())
    if template.poll.by == "window" and str(at.until) <= at.since:
        return ChangedRecords(records=[], cursor=cursor, more=False)
    request = template.poll.requests[min(at.leg, len(template.poll.requests) - 1)]
    way, place = request.paging or template.paging, _place(at)
    asked = paging.request_for(way, asked_of(template.poll, request, at), place)
    try:
        answer = api.read(asked.path, asked.params or None, body=asked.body)
    except PlatformRefused as problem:
        if getattr(problem, "status", None) in request.absent_on:
            return _advanced(template.poll, at, NOTHING, {}, now)
        if at.page is None or at.restarts >= MAX_RESTARTS:
            raise
        return ChangedRecords(records=[], cursor=replace(at, page=None, restarts=at.restarts + 1).text(), more=True)
    page = paging.page_of(way, asked.path, place, answer, request.items)
    at, states = _shown(template.poll, at, put_right(template.quirks, page.items))
    return _advanced(template.poll, at, page, states, now)


def _place(at: Cursor) -> paging.Place:
    return paging.Place.read(at.page) if at.page is not None else paging.Place(at=at.marks.get(str(at.leg)))


def asked_of(poll: Poll, request: PollRequest, at: Cursor) -> paging.Asked:
    """The request for a list in the window of a cursor, without its page."""
    values = {"since": _written(at.since, poll.time), "until": _written(str(at.until), poll.time)}
    body = None if request.body is None else filled(request.body, values)
    return paging.Asked(request.path, filled_texts(request.params, values), body)


def _until(poll: Poll, at: Cursor, now: datetime) -> str:
    longest = timedelta(minutes=poll.longest_minutes) if poll.longest_minutes else None
    since = _time(at.since)
    return iso(min(now, since + longest) if longest and since else now)


def _shown(poll: Poll, at: Cursor, items: list[Any]) -> tuple[Cursor, dict[RecordRef, str]]:
    """The records of a page to look at, each with its state; what an earlier look was shown just so is left out."""
    known, states, shown = {*at.shown, *at.showing}, {}, []
    for item in items:
        ref = ref_of(poll, item, at.start)
        if ref is None:
            continue
        state = _state(poll, item, ref)
        if state and poll.by == "window":  # a version or a journal shows nothing twice
            shown.append(state)
        if not state or state not in known:
            states[ref] = state
    return replace(at, showing=(*at.showing, *shown)[-MAX_SHOWN:]), states


def _state(poll: Poll, item: Any, ref: RecordRef) -> str:
    """Digest of all that the list says of a record: what changed within one second of another change differs too.

    Empty where the template names no revision: then the list may say too little to tell two states apart.
    """
    if poll.revision is None or _find(poll.revision, item) in (None, ""):
        return ""
    text = json.dumps([ref.resource, ref.id, item], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _advanced(
    poll: Poll, at: Cursor, page: paging.Page, states: Mapping[RecordRef, str], now: datetime
) -> ChangedRecords:
    def found(following: Cursor, *, more: bool) -> ChangedRecords:
        return ChangedRecords(records=list(states), states=states, cursor=following.text(), more=more)

    at = _marked(poll, at, page)
    if page.following is not None:
        # what a version has reached is where to go on, whatever becomes of this walk
        kept = page.following.text() if poll.by != "version" else None
        return found(replace(at, page=kept), more=True)
    if at.leg + 1 < len(poll.requests):
        return found(replace(at, page=None, leg=at.leg + 1), more=True)
    edge = _time(at.until)
    since = max(at.since, iso(edge - timedelta(seconds=poll.overlap_seconds))) if edge else at.since
    done = Cursor(at.start, since, marks=at.marks, shown=at.showing)
    behind = poll.longest_minutes is not None and str(at.until) < iso(now)
    return found(done, more=behind and since > at.since)


def _marked(poll: Poll, at: Cursor, page: paging.Page) -> Cursor:
    """Where this list goes on in the next round."""
    mark = None
    if poll.by == "version":
        mark = page.newest
    elif poll.by == "cursor" and page.following is not None:
        mark = page.following.at
    return at if mark is None else replace(at, marks={**at.marks, str(at.leg): mark})


def ref_of(poll: Poll, item: Any, start: str) -> RecordRef | None:
    """The record an item of a list is about; None for what is none, or what began before `start` (empty: ever)."""
    if not isinstance(item, Mapping):
        return None
    own = _find(poll.id, item)
    if isinstance(own, bool) or not isinstance(own, str | int) or own == "":
        return None
    began = _time(_find(poll.started_at, item)) if poll.started_at else None
    if began is not None and iso(began) < start:
        return None
    return RecordRef(resource=poll.record, id=str(own))


def _find(expression: str, item: Any) -> Any:
    try:
        return find(expression, item)
    except NoValue:
        return None


def iso(at: datetime) -> str:
    """As a cursor has times."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(iso: str, form: str) -> str:
    """A time of ours as the platform reads it."""
    at = _time(iso)
    if at is None or form == "seconds":
        return iso
    if form == "offset":
        return iso.replace("Z", "+00:00")
    if form == "milliseconds":
        return iso.replace("Z", ".000+0000")
    return str(int(at.timestamp()) * (1000 if form == "epoch_ms" else 1))


def _time(value: Any) -> datetime | None:
    """A moment as a text, or as seconds or milliseconds since 1970."""
    if isinstance(value, int) and not isinstance(value, bool) and 10**8 < value < 10**13:
        return datetime.fromtimestamp(value / 1000 if value > 10**11 else value, UTC)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
