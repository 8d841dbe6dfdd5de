"""Lists: read whole, cut off when they never end; and what polling finds that no webhook told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from taxpoynt.connector_kit import paging, polling
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.errors import PlatformRefused
from tests.conformance.evidence import Case, counted
from tests.conformance.planting import planted
from tests.conformance.platform import ScriptedApi, ScriptedList, Trick
from tests.unit.connector_kit.parts import NOW

MOST_PAGES = 60
"""What a list may have while we wait for it to be cut off; the template's own number is only higher."""


@dataclass(frozen=True)
class Listed:
    """One list of a template."""

    name: str
    path: str
    way: Paging
    items_at: str | None


def lists(case: Case) -> Iterator[Listed]:
    """Every list that is read in pages: of records, of polls, of catalogues."""
    template = case.template
    for name, resource in template.resources.items():
        if resource.paged:
            yield Listed(name, resource.path, resource.paging or template.paging, resource.item)
    for number, request in enumerate(template.poll.requests):
        yield Listed(f"poll {number + 1}", request.path, request.paging or template.paging, request.items)
    for sync in template.syncs.by_kind().values():
        for request in (*sync.whole, *(sync.changes.requests if sync.changes else ())):
            yield Listed(f"sync {request.path}", request.path, request.paging or template.paging, request.items)


def check_paging(case: Case) -> list[str]:
    """Each list whole, and each way in which a list can go wrong."""
    found = [one for one in lists(case) if one.way.style != "none"]
    assert found, "no list is read in pages, so the rule can only be exempt"
    tried = 0
    for one in found:
        scripted = _scripted(one, "none")
        wanted = scripted.items
        assert _walked(one, scripted) == wanted, f"{one.name}: not every item, each once and in order"
        for trick in _tricks(one.way):
            tried += 1
            _cut_off(one, trick)
    styles = ", ".join(sorted({one.way.style for one in found}))
    return [
        f"{counted(len(found), 'list')} ({styles}) read whole, in pages",
        f"{tried} that do not end, go in circles, hold no list or lead elsewhere are cut off",
    ]


def _tricks(way: Paging) -> list[Trick]:
    tricks: list[Trick] = ["endless", "circle", "no_list"]
    return [*tricks, "foreign"] if way.style in ("link", "url") else tricks


def _scripted(one: Listed, trick: Trick) -> ScriptedList:
    empty = ScriptedList(one.way, one.items_at, [{}])
    items = [{"id": number, "conformance": number} for number in range(1, 2 * empty.per_page + 2)]
    return ScriptedList(one.way, one.items_at, items, trick)


def _walked(one: Listed, scripted: ScriptedList) -> list[Any]:
    path = one.path.replace("{id}", "8")
    short = one.way.model_copy(update={"max_pages": min(one.way.max_pages, MOST_PAGES)})
    api = ScriptedApi({path: scripted})
    return [item for page in paging.pages(api, short, paging.Asked(path, {}), one.items_at) for item in page.items]


def _cut_off(one: Listed, trick: Trick) -> None:
    scripted = _scripted(one, trick)
    try:
        _walked(one, scripted)
    except PlatformRefused:
        assert scripted.asked <= MOST_PAGES
        return
    raise AssertionError(f"{one.name}: a list of the kind {trick!r} was taken as whole")


# --- polling -----------------------------------------------------------------------------------------------------


def check_polling(case: Case) -> list[str]:
    """Records that no webhook told, over several pages and lists; a crash at any page; a round without anything."""
    api, wanted = _shop(case)
    found, places = _rounds(case, api, NOW)
    assert found == wanted, f"polling found {sorted(found)} of {sorted(wanted)}"
    for cursor, there in places:
        again = polling.changed_records(api, case.template, cursor, _later(NOW))
        assert [one.id for one in again.records] == there, "who dies after a page is shown it again"
    where = counted(len(api.lists), "list")
    return [
        f"{len(wanted)} records in {where} are found in {len(places)} pages, each page again after a crash",
        shown_twice(case),
    ]


def shown_twice(case: Case) -> str:
    """Polls the same records twice and says what the second round shows."""
    api, wanted = _shop(case)
    found, places = _rounds(case, api, NOW)
    assert found == wanted
    last = places[-1][0]
    done = polling.changed_records(api, case.template, last, _later(NOW)).cursor
    again = set[str]()
    at = _later(_later(NOW))
    for _ in range(MOST_PAGES):
        page = polling.changed_records(api, case.template, done, at)
        again |= {one.id for one in page.records}
        done = page.cursor
        if not page.more:
            break
    assert again <= wanted
    if case.template.poll.revision is not None:
        assert not again, f"unchanged records are looked at again: {sorted(again)}"
        return "what did not change is not looked at twice"
    return "a second look shows the same records under the same ids"


def _rounds(case: Case, api: ScriptedApi, now: datetime) -> tuple[set[str], list[tuple[str, list[str]]]]:
    """Everything found from the first look on, and each page's cursor with what it showed."""
    begun = polling.changed_records(api, case.template, None, now - timedelta(minutes=30))
    assert (list(begun.records), begun.more) == ([], False), "history begins when the connection does"
    cursor, found, places = str(begun.cursor), set[str](), []
    for _ in range(MOST_PAGES):
        page = polling.changed_records(api, case.template, cursor, _later(now))
        places.append((cursor, [one.id for one in page.records]))
        assert all(one.resource == case.template.poll.record for one in page.records)
        found |= {one.id for one in page.records}
        cursor = str(page.cursor)
        if not page.more:
            return found, places
    raise AssertionError("polling does not come to an end")


def _later(now: datetime) -> datetime:
    return now + timedelta(minutes=5)


def _shop(case: Case) -> tuple[ScriptedApi, set[str]]:
    """The lists of the poll, each with items of its own in the shape of `conformance.yaml`."""
    poll, samples = case.template.poll, case.data.lists
    assert samples, "conformance.yaml has no lists"
    assert len(samples) == len(poll.requests), f"poll has {len(poll.requests)} lists, {len(samples)} are shown"
    made: dict[str, ScriptedList] = {}
    wanted: set[str] = set()
    for number, (request, sample) in enumerate(zip(poll.requests, samples, strict=True)):
        way = request.paging or case.template.paging
        many = 2 * ScriptedList(way, request.items, [{}]).per_page + 1
        ids = [str(1000 * (number + 1) + place) for place in range(many)]
        items = [_item(case, sample, one) for one in ids]
        assert request.path not in made, "two lists of the poll have one path"
        made[request.path] = ScriptedList(way, request.items, items)
        wanted |= set(ids)
    return ScriptedApi(made), wanted


def _item(case: Case, sample: dict[str, Any], number: str) -> Any:
    """The vendor's item with an id of ours, begun after the connection was."""
    poll = case.template.poll
    item = planted(sample, poll.id, number)
    return planted(item, poll.started_at, NOW.isoformat()) if poll.started_at else item
