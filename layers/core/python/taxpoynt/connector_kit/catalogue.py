"""Reads a platform's items, stock, customers and companies, page by page, as the template's `syncs` say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from taxpoynt.connector_kit import fetching, paging
from taxpoynt.connector_kit.catalogue_rows import VERSION_DIGITS, row_of, since_of, terms_of, time_mark
from taxpoynt.connector_kit.paging import Asked, Place
from taxpoynt.connector_kit.placeholders import filled, filled_texts
from taxpoynt.connector_kit.quirks import put_right
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_polling import PollRequest
from taxpoynt.connector_kit.template_syncs import Sync
from taxpoynt.domain.catalogue import CatalogueItem, Customer, Kind, Row, StockLevel
from taxpoynt.domain.catalogue_sync import PageRead, Plan
from taxpoynt.errors import NotFound
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import PlatformApi
from taxpoynt.ports.catalogue import CataloguePage

MOST_PAGES = 1_000_000
"""Of one list. A shop's items are many pages; that a list goes round in circles is noticed by its places."""


@dataclass(frozen=True, slots=True)
class _At:
    """Which page of a walk is asked for, and when."""

    since: str | None
    leg: int
    place: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class TemplateCatalogue:
    """Implements ports.CatalogueReader."""

    template: Template
    _plans: dict[Kind, Plan] = field(default_factory=dict, compare=False, repr=False)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What the template describes."""
        return tuple(self.template.syncs.by_kind())

    def plan(self, kind: Kind) -> Plan:
        """What the template says of changes, deletions and totals."""
        if kind not in self._plans:
            self._plans[kind] = self._planned(self._sync(kind))
        return self._plans[kind]

    def _planned(self, sync: Sync) -> Plan:
        said = sync.model_dump_json(exclude={"terms", "every_minutes", "total"}).encode()
        return Plan(
            follows=sync.changes is not None,
            tells_deletes=sync.changes is not None and sync.changes.deletes,
            in_order=sync.in_order,
            every=timedelta(minutes=sync.every_minutes),
            counts=sync.total is not None,
            version=hashlib.sha256(said).hexdigest()[:12],
        )

    def page(
        self, api: PlatformApi, kind: Kind, *, since: str | None, leg: int, place: str | None, now: datetime
    ) -> CataloguePage:
        """One request of the whole list, or of the changes since a mark."""
        sync, at = self._sync(kind), _At(since, leg, place, now)
        requests = _requests(sync, since)
        request = requests[min(leg, len(requests) - 1)]
        way = (request.paging or self.template.paging).model_copy(update={"max_pages": MOST_PAGES})
        found = paging.read_page(api, way, _asked(sync, request, since), _place(sync, at), request.items)
        shown = [put_right(self.template.quirks, one) for one in found.items]
        rows = [row for one in shown if (row := row_of(sync, one, now)) is not None]
        following = found.following.text() if found.following else None
        read = PageRead(
            rows=len(rows),
            live=sum(not row.gone for row in rows),
            unreadable=len(found.items) - len(rows),
            leg=leg if following else leg + 1 if leg + 1 < len(requests) else None,
            place=following,
            newest=_newest(sync, requests, found, rows, at),
        )
        return CataloguePage(rows=rows, read=read)

    def total(self, api: PlatformApi, kind: Kind) -> int | None:
        """The platform's own count, where it tells one."""
        total = self._sync(kind).total
        if total is None:
            return None
        found = _find(total.value, paging.readable(total.path, api.get(total.path, total.params)))
        text = "" if isinstance(found, bool) else str(found)
        return int(text) if text.isascii() and text.isdigit() else None

    def one(self, api: PlatformApi, kind: Kind, row_id: str, now: datetime) -> Row | None:
        """By the resource that `record` names."""
        sync = self._sync(kind)
        if sync.record is None or sync.record not in self.template.resources or kind == "stock":
            return None
        resource = self.template.resources[sync.record]
        path = resource.path.replace("{id}", quote(row_id, safe=""))
        params = {name: value.replace("{id}", row_id) for name, value in resource.params.items()}
        try:
            shown = _find(resource.item, fetching.readable(self.template, api.get(path, params or None)))
        except NotFound:
            return None
        return row_of(sync, shown, now)

    def kind_of(self, resource: str) -> Kind | None:
        """By the records the syncs name."""
        return next((kind for kind, sync in self.template.syncs.by_kind().items() if sync.record == resource), None)

    def terms(self, kind: Kind, row: Row) -> CatalogueItem | Customer | StockLevel:
        """By the template's `terms`."""
        return terms_of(kind, self._sync(kind), row)

    def _sync(self, kind: Kind) -> Sync:
        return self.template.syncs.by_kind()[kind]


def _by_version(sync: Sync) -> bool:
    return sync.revision is not None and sync.revision.by == "version"


def _requests(sync: Sync, since: str | None) -> tuple[PollRequest, ...]:
    """A version's changes are the rest of the whole list; dated ones have requests of their own."""
    own = sync.changes is not None and since is not None and not _by_version(sync)
    return sync.changes.requests if own and sync.changes else sync.whole


def _place(sync: Sync, at: _At) -> Place:
    if at.place is not None:
        return Place.read(at.place)
    return Place(at=str(int(at.since)) if at.since is not None and _by_version(sync) else None)


def _asked(sync: Sync, request: PollRequest, since: str | None) -> Asked:
    written = ""
    if since is not None and sync.changes is not None and not _by_version(sync):
        written = since_of(since, sync.changes.since, sync.changes.overlap_seconds)
    values = {"since": written}
    body = None if request.body is None else filled(request.body, values)
    return Asked(request.path, filled_texts(request.params, values), body)


def _newest(sync: Sync, requests: tuple[PollRequest, ...], found: paging.Page, rows: list[Row], at: _At) -> str | None:
    """The mark up to which everything is known when the walk ends.

    One list in order tells by its own rows: what changes while it is read comes at its end. Of any other one, and of
    several lists, only what was true when the first was begun is known, by the platform's own clock.
    """
    if sync.revision is None or sync.changes is None:
        return None
    if sync.revision.by == "version":
        return found.newest.zfill(VERSION_DIGITS) if found.newest else None
    if len(requests) == 1 and (sync.in_order or at.since is not None):
        return max((row.revision for row in rows if row.revision), default=None)
    return time_mark(_their_clock(found, at.now)) if at.leg == 0 and at.place is None else None


def _their_clock(found: paging.Page, now: datetime) -> datetime:
    """What the answer's own date says; ours where it says none."""
    try:
        said = parsedate_to_datetime(found.answer.headers.get("date", ""))
    except (ValueError, IndexError, OverflowError):
        return now
    return said if said.tzinfo is not None else now


def _find(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen)
    except NoValue:
        return None
