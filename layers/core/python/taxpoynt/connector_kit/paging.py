"""Walks a list page by page, as a template's paging block says. Pure, but for the one request of `read_page`.

A walk's place is a short text: whoever stores it can die at any page and go on there. Every walk ends: a cursor that
comes twice, a page that comes twice, a version that does not grow and too many pages are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from taxpoynt.connector_kit.links import next_link, on_our_origin
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput, PlatformRefused, PlatformUnavailable
from taxpoynt.mapping.expressions import find, plain_data
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import PlatformAnswer, PlatformApi

MAX_ITEMS = 5_000_000
"""Units (mapping/bounded.py) of one page: 10,000 records of 250 fields. An answer's bytes are bounded anyhow."""
MAX_PLACE = 4096
"""Characters of one cursor or link; a longer one is not stored on a connection."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a list, without its place. `body`: it is a search by POST, and parameters go into the body."""

    path: str
    params: Mapping[str, str]
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: `at` is what the next request names (None: the first page), `pages` were read before.

    mark: digest of the place at the last power of two. Any circle comes back to it (Brent), so no list of all places
    is kept. page: digest of the last page with items.
    """

    at: str | None = None
    pages: int = 0
    mark: str | None = None
    page: str | None = None

    def text(self) -> str:
        """What is stored."""
        kept = {name: value for name, value in asdict(self).items() if value not in (None, 0)}
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Place:
        """BadInput for anything `text` did not write."""
        try:
            place = cls(**json.loads(text))
        except (ValueError, TypeError):
            raise BadInput("not a place in a list") from None
        texts = (place.at, place.mark, place.page)
        if type(place.pages) is not int or not all(one is None or isinstance(one, str) for one in texts):
            raise BadInput("not a place in a list")
        return place


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its items, what was answered, and where to go on; None at the end.

    newest: with style `version`, the highest version up to here, which is where the next walk begins; None elsewhere.
    """

    items: list[Any]
    answer: PlatformAnswer
    following: Place | None
    newest: str | None = None


def read_page(api: PlatformApi, paging: Paging, asked: Asked, place: Place, items: str | None = None) -> Page:
    """One request. `items`: where the list stands, instead of the paging block's own.

    PlatformRefused for a list that goes round in circles or does not end; PlatformUnavailable when no API spoke.
    """
    request = request_for(paging, asked, place)
    answer = api.read(request.path, request.params or None, body=request.body)
    return page_of(paging, request.path, place, answer, items)


def pages(api: PlatformApi, paging: Paging, asked: Asked, items: str | None = None) -> Iterator[Page]:
    """Every page from the first on."""
    place: Place | None = Place()
    while place is not None:
        page = read_page(api, paging, asked, place, items)
        yield page
        place = page.following


def request_for(paging: Paging, asked: Asked, place: Place) -> Asked:
    """The request for the page at a place."""
    if paging.style in ("link", "url") and place.at is not None:
        return Asked(place.at, {}, None)
    added: dict[str, str | int] = {paging.size.parameter: paging.size.value} if paging.size else {}
    if paging.parameter and paging.style in ("page", "offset"):
        added[paging.parameter] = int(place.at) if place.at is not None else _begin(paging)
    elif paging.parameter and place.at is not None:
        added[paging.parameter] = place.at
    if asked.body is not None:
        return replace(asked, body={**asked.body, **added})
    return replace(asked, params={**asked.params, **{name: str(value) for name, value in added.items()}})


def page_of(paging: Paging, path: str, place: Place, answer: PlatformAnswer, items: str | None = None) -> Page:
    """What an answer to the request for `place` says, and where to go on."""
    seen = readable(path, answer.body)
    found = items_of(paging, seen, items)
    following = _following(paging, path, place, answer, seen, found)
    newest = _newest(paging, place, seen) if paging.style == "version" else None
    if following is None:
        return Page(found, answer, None, newest)
    return Page(found, answer, _guarded(paging, path, place, following, found), newest)


def items_of(paging: Paging, seen: Any, items: str | None = None) -> list[Any]:
    """The list in an answer. Nothing there is an empty list; something there that is no list is refused."""
    expression = items or paging.items
    if expression is None:
        return []
    try:
        found = find(expression, seen, most=MAX_ITEMS)
    except NoValue as problem:  # no list here is not "the list is empty": a walk would end in the middle
        raise PlatformRefused(f"the list of a page cannot be read: {problem}") from None
    return listed(found, single_as_object=paging.single_as_object)


def listed(found: Any, *, single_as_object: bool = False) -> list[Any]:
    """A collection as a list. single_as_object: one element stands there without its list, none as `""`."""
    if isinstance(found, list):
        return found
    if found is None or (single_as_object and found == ""):
        return []
    if single_as_object and isinstance(found, Mapping):
        return [found]
    raise PlatformRefused("a list was expected, and something else came")


def readable(what: str, body: bytes) -> Any:
    """A successful answer as plain data; PlatformUnavailable when it is no JSON, because then no API spoke."""
    try:
        return plain_data(read_json(body))
    except BadInput:
        raise PlatformUnavailable(f"{what}: a successful answer that is not JSON") from None


def _begin(paging: Paging) -> int:
    return (1 if paging.first is None else paging.first) if paging.style == "page" else 0


def _following(
    paging: Paging, path: str, place: Place, answer: PlatformAnswer, seen: Any, found: list[Any]
) -> str | None:
    """What the next request names; None at the end."""
    if paging.more is not None and _find(paging.more, seen) is not True:
        return None
    match paging.style:
        case "cursor":
            return _text(_find(str(paging.next), seen))
        case "url":
            return on_our_origin(_text(_find(str(paging.next), seen)), path, answer.origin, paging.origins)
        case "link":
            link = next_link(answer.headers.get("link", ""), paging.rel or "next")
            return on_our_origin(link, path, answer.origin, paging.origins)
        case "version":
            return _higher(paging, path, place, seen) if found else None
        case "page" | "offset":
            return _counted(paging, place, seen, found)
    return None


def _counted(paging: Paging, place: Place, seen: Any, found: list[Any]) -> str | None:
    """The next page number, or offset: so many items came already, whatever we asked for."""
    short = paging.ends == "short" and paging.size is not None and len(found) < paging.size.value
    if not found or short:
        return None
    here = int(place.at) if place.at is not None else _begin(paging)
    following = here + (1 if paging.style == "page" else len(found))
    if paging.ends != "total":
        return str(following)
    total = _find(str(paging.total), seen)
    whole = int(total) if isinstance(total, int | str) and str(total).isascii() and str(total).isdigit() else None
    if whole is None:
        raise PlatformRefused("a list that does not say how many items it has")
    per_page = paging.size.value if paging.size else len(found)
    reached = following if paging.style == "offset" else (following - _begin(paging)) * per_page
    return None if reached >= whole else str(following)


def _newest(paging: Paging, place: Place, seen: Any) -> str | None:
    """The highest version up to here, as text: a platform's version is a whole number of any length."""
    found = _find(str(paging.newest), seen)
    if isinstance(found, bool) or not isinstance(found, int | str) or not str(found).isdigit():
        return place.at
    return str(max(int(found), int(place.at or 0)))


def _higher(paging: Paging, path: str, place: Place, seen: Any) -> str:
    newest = _newest(paging, place, seen)
    if newest is None or newest == place.at:
        raise PlatformRefused(f"{path} gave records without a higher version")
    return newest


def _guarded(paging: Paging, path: str, place: Place, following: str, found: list[Any]) -> Place:
    """The next place, unless the walk goes round in circles or does not end."""
    if len(following) > MAX_PLACE:
        raise PlatformRefused(f"{path}: a cursor longer than we keep")
    here, last = _digest(following), _digest(found) if found else place.page
    if following == place.at or here == place.mark:
        raise PlatformRefused(f"{path} gave the same cursor twice")
    if found and last == place.page and paging.style in ("page", "offset"):
        raise PlatformRefused(f"{path} gave the same page twice")
    read = place.pages + 1
    if read >= paging.max_pages:
        raise PlatformRefused(f"{path} has more than {paging.max_pages} pages")
    return Place(following, read, here if read & (read - 1) == 0 else place.mark, last)


def _digest(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _text(found: Any) -> str | None:
    """A next value: a text, or a number that some platforms write without quotes. Nothing, empty: the end."""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found) or None


def _find(expression: str, seen: Any) -> Any:
    """None where nothing stands; what cannot be told is refused, because a walk would end without a word."""
    try:
        return find(expression, seen)
    except NoValue as problem:
        raise PlatformRefused(f"an answer does not say how its list goes on: {problem}") from None
