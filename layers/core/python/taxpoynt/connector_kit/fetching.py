"""Reads a record and everything its sale needs, as the template says. Bytes are kept as they were sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_records import Related, Resource
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import Answer, SourceBundle, read_json
from taxpoynt.errors import BadInput, NotFound, PlatformRefused, PlatformUnavailable
from taxpoynt.mapping.expressions import find, plain_data
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import PlatformApi

MAX_RELATED = 500
"""Further records one sale may need; more is a mistake or an attack on the rate budget."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def fetch_record(api: PlatformApi, template: Template, ref: RecordRef) -> SourceBundle:
    """The bundle of one record. NotFound when the platform no longer shows it; BadInput for an id that is none."""
    if ref.resource not in template.records:
        raise BadInput(f"{template.name}: no sales are made from {ref.resource!r}")
    answers = {ref.resource: _read(api, template, template.resources[ref.resource], ref.id)}
    seen = {ref.resource: _items(template, ref.resource, answers[ref.resource])}
    for related in template.records[ref.resource].related:
        found = [
            answer for wanted in _ids(related, seen, ref.id) for answer in _related(api, template, related, wanted)
        ]
        if found:
            answers[related.resource] = tuple(found)
            seen[related.resource] = _items(template, related.resource, tuple(found))
    return SourceBundle(template.name, ref.resource, ref.id, answers)


def pages(api: PlatformApi, template: Template, path: str, params: Mapping[str, str]) -> Iterator[bytes]:
    """Every page of a list. PlatformRefused when a cursor comes twice or the pages do not end."""
    seen: set[str] = set()
    cursor: str | None = None
    for _ in range(template.paging.max_pages):
        body = api.get(path, {**params, **({template.paging.parameter: cursor} if cursor else {})})
        yield body
        cursor = next_cursor(template, body)
        if cursor is None:
            return
        if cursor in seen:
            raise PlatformRefused(f"{template.name}: {path} gave the same cursor twice")
        seen.add(cursor)
    raise PlatformRefused(f"{template.name}: {path} has more than {template.paging.max_pages} pages")


def next_cursor(template: Template, body: bytes) -> str | None:
    """The cursor of the next page; None at the end."""
    found = _find(template.paging.next, readable(template, body))
    return found if isinstance(found, str) and found else None


def readable(template: Template, body: bytes) -> Any:
    """A successful answer as plain data; PlatformUnavailable when it is no JSON, because then no API spoke."""
    try:
        return plain_data(read_json(body))
    except BadInput:
        raise PlatformUnavailable(f"{template.name}: a successful answer that is not JSON") from None


def _related(api: PlatformApi, template: Template, related: Related, wanted: str) -> tuple[Answer, ...]:
    try:
        return _read(api, template, template.resources[related.resource], wanted)
    except (NotFound, PlatformRefused) as problem:
        status = 404 if isinstance(problem, NotFound) else getattr(problem, "status", None)
        if status in related.absent_on:
            return ()
        if isinstance(problem, NotFound):  # the record is there, so this is not "gone" but something to look at
            raise PlatformRefused(f"{template.name}: {related.resource} of a record that exists is not found") from None
        raise


def _read(api: PlatformApi, template: Template, resource: Resource, wanted: str) -> tuple[Answer, ...]:
    if not _ID.match(wanted):
        raise BadInput(f"{template.name}: an id that cannot stand in a path")
    path = resource.path.replace("{id}", quote(wanted, safe=""))
    params = {name: value.replace("{id}", wanted) for name, value in resource.params.items()}
    request = f"GET {path}" + (f"?{urlencode(params)}" if params else "")
    if resource.paged:
        return tuple(Answer(request, body) for body in pages(api, template, path, params))
    return (Answer(request, api.get(path, params or None)),)


def _items(template: Template, name: str, answers: tuple[Answer, ...]) -> Any:
    """What further `ids` expressions see: the record itself, or one list of a paged or repeated resource."""
    resource = template.resources[name]
    found = [_find(resource.item, readable(template, answer.body)) for answer in answers]
    if resource.paged:
        return [item for page in found if isinstance(page, list) for item in page]
    return found[0] if len(found) == 1 else found


def _ids(related: Related, seen: Mapping[str, Any], own: str) -> list[str]:
    if related.ids is None:
        return [own]
    found = _find(related.ids, seen)
    wanted = [str(one) for one in found if _is_id(one)] if isinstance(found, list) else []
    unique = list(dict.fromkeys(wanted))
    if len(unique) > MAX_RELATED:
        raise PlatformRefused(f"more than {MAX_RELATED} {related.resource} for one record")
    return unique


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value not in ("", 0)


def _find(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen)
    except NoValue:
        return None
