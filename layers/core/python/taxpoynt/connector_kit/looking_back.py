"""The last records of a platform, by the lists that polls read: stretch by stretch backwards, one request a call.

A stretch is a span of time, or of versions: (edge - span, edge]. Lists give it oldest first, so it is read to its end
before its newest records are told. Where it has little the next one is longer, where it is long it is cut. Every walk
ends: at the beginning, after MOST_ASKED requests, or where a list goes round in circles (paging.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from taxpoynt.connector_kit import paging, polling
from taxpoynt.connector_kit.quirks import put_right
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_polling import Poll, PollRequest
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import BadInput, Busy, PlatformRefused, Rejected
from taxpoynt.ports import PlatformApi
from taxpoynt.ports.look_back import PastPage

BACK = timedelta(days=365)
"""How far back records are looked for, where a platform lists by time."""
MOST_ASKED = 400
"""Requests for lists of one walk. With windows of a day at most this is some months."""
LONG = 10
"""Pages of a stretch after which it is cut: only its newest records would be told."""
SHORT = 2
"""Pages of a stretch that let the next one be longer."""
TAIL = 200
"""Records of one stretch that are told."""
MAX_RESTARTS = 3
FIRST = {"window": 3600, "version": 1000}
GROWS = {"window": 4, "version": 8}
LEAST = {"window": 60, "version": 1}
ONLY_NEW = "this platform lists only what changes from now on"
NOT_YET = "the platform's sales are listed for the first time; older records can be fetched once that is done"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands. Numbers are seconds since 1970, or versions.

    edges: by list, down to where everything was read; floor: where the past ends. leg, page, pages, restarts, found
    (ids, oldest first): of the stretch that is being read. asked: requests of the whole walk.
    """

    edges: tuple[int, ...]
    span: int
    floor: int = 0
    leg: int = 0
    page: str | None = None
    pages: int = 0
    restarts: int = 0
    asked: int = 0
    found: tuple[str, ...] = ()

    def text(self) -> str:
        """What is stored."""
        return json.dumps({name: value for name, value in asdict(self).items() if value not in (None, 0, ())})

    @classmethod
    def read(cls, text: str) -> Place:
        """BadInput for anything `text` did not write."""
        try:
            at = cls(**json.loads(text))
            return replace(at, edges=tuple(map(int, at.edges)), found=tuple(map(str, at.found)))
        except (ValueError, TypeError):
            raise BadInput("not a place in the past") from None


def cannot(template: Template) -> str:
    """Why a platform's past cannot be listed, as words in a sentence; empty where it can."""
    return "" if template.poll.by in ("window", "version") else ONLY_NEW


@dataclass(frozen=True, slots=True)
class TemplatePast:
    """Implements ports.look_back.PastRecords."""

    template: Template

    def begin(self, cursor: str | None, now: datetime) -> str:
        """By time from now; by version from the highest that polling has seen."""
        poll = self.template.poll
        if why := cannot(self.template):
            raise Rejected(why)
        if poll.by == "window":
            span = min(FIRST["window"], (poll.longest_minutes or 60) * 60)
            edges = (int(now.timestamp()),) * len(poll.requests)
            return Place(edges, span, floor=int((now - BACK).timestamp())).text()
        at = polling.Cursor.read(cursor) if cursor else None
        marks = at.marks if at else {}
        if at is None or at.until is not None or len(marks) < len(poll.requests):
            raise Busy(NOT_YET)
        edges = tuple(int(marks[str(leg)]) for leg in range(len(poll.requests)))
        return Place(edges, FIRST["version"]).text()

    def page(self, api: PlatformApi, place: str) -> PastPage:
        """One page of one list; the records of a stretch come with its last page."""
        at = Place.read(place)
        if at.asked >= MOST_ASKED:
            return _told(self.template.poll, None, at, _newest_first(self.template.poll, at), ended="long enough")
        at = replace(at, asked=at.asked + 1)
        request = self.template.poll.requests[at.leg]
        try:
            page = self._page(api, request, at)
        except PlatformRefused as problem:
            if getattr(problem, "status", None) in request.absent_on:
                return self._after(at, polling.NOTHING)
            if at.page is None or at.restarts >= MAX_RESTARTS:
                raise
            return _told(self.template.poll, _again(at, at.span), at)  # a cursor of pages that the platform forgot
        return self._after(at, page)

    def _page(self, api: PlatformApi, request: PollRequest, at: Place) -> paging.Page:
        way, poll = request.paging or self.template.paging, self.template.poll
        since, until = _below(at, at.leg), at.edges[at.leg]
        first = paging.Place(at=str(since)) if poll.by == "version" else paging.Place()
        here = first if at.page is None else paging.Place.read(at.page)
        window = polling.Cursor("", _iso(since), _iso(until)) if poll.by == "window" else polling.Cursor("", "", "")
        asked = paging.request_for(way, polling.asked_of(poll, request, window), here)
        answer = api.read(asked.path, asked.params or None, body=asked.body)
        return paging.page_of(way, asked.path, here, answer, request.items)

    def _after(self, at: Place, page: paging.Page) -> PastPage:
        poll = self.template.poll
        refs = (polling.ref_of(poll, one, "") for one in put_right(self.template.quirks, page.items))
        found = list(dict.fromkeys([*at.found, *(ref.id for ref in refs if ref is not None)]))[-TAIL:]
        at = replace(at, found=tuple(found), pages=at.pages + 1)
        following = page.following
        if following is not None and page.newest is not None and int(page.newest) >= at.edges[at.leg]:
            following = None  # the rest was told by the stretch after this one
        least, grows = LEAST[poll.by], GROWS[poll.by]
        if following is not None and at.pages >= LONG and at.span > least:
            return _told(poll, _again(at, max(least, at.span // grows)), at)
        if following is not None:
            return _told(poll, replace(at, page=following.text()), at)
        if at.leg + 1 < len(poll.requests):
            return _told(poll, replace(at, leg=at.leg + 1, page=None), at)
        return self._ended(at)

    def _ended(self, at: Place) -> PastPage:
        """Every list of the stretch is read."""
        poll = self.template.poll
        edges = tuple(_below(at, leg) for leg in range(len(at.edges)))
        records = _newest_first(poll, at)
        if max(edges) <= at.floor:
            return _told(poll, None, replace(at, edges=edges), records, ended="beginning")
        span = at.span * GROWS[poll.by] if at.pages <= SHORT * len(edges) else at.span
        if poll.longest_minutes:
            span = min(span, poll.longest_minutes * 60)
        following = Place(edges, span, at.floor, asked=at.asked)
        return _told(poll, following, following, records)


def _told(
    poll: Poll,
    following: Place | None,
    at: Place,
    records: Sequence[RecordRef] = (),
    *,
    ended: Literal["beginning", "long enough"] | None = None,
) -> PastPage:
    reached = datetime.fromtimestamp(max(at.edges), UTC) if poll.by == "window" else None
    return PastPage(records=records, place=following.text() if following else None, reached=reached, ended=ended)


def _newest_first(poll: Poll, at: Place) -> list[RecordRef]:
    return [RecordRef(resource=poll.record, id=one) for one in reversed(at.found)]


def _again(at: Place, span: int) -> Place:
    """The same stretch from its first page on, or a shorter one."""
    return Place(at.edges, span, at.floor, restarts=at.restarts + (span == at.span), asked=at.asked)


def _below(at: Place, leg: int) -> int:
    return max(at.floor, at.edges[leg] - at.span)


def _iso(seconds: int) -> str:
    return polling.iso(datetime.fromtimestamp(seconds, UTC))
