"""Reads a record and everything its sale needs, as the template says. Bytes are kept as they were sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from taxpoynt.connector_kit import paging
from taxpoynt.connector_kit.known import instead, preferred
from taxpoynt.connector_kit.placeholders import filled, filled_texts
from taxpoynt.connector_kit.quirks import put_right
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.connector_kit.template_records import Batch, Related, Resource
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.errors import BadInput, NotFound, PlatformRefused
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import PlatformApi
from taxpoynt.ports.known import KnownRecords

MAX_RELATED = 500
"""Further records one sale may need; more is a mistake or an attack on the rate budget."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def fetch_record(
    api: PlatformApi, template: Template, ref: RecordRef, known: KnownRecords | None = None
) -> SourceBundle:
    """The bundle of one record. NotFound when the platform no longer shows it; BadInput for an id that is none.

    known: rows of the catalogue, for related records that the template may take from there (known.py).
    """
    if ref.resource not in template.records:
        raise BadInput(f"{template.name}: no sales are made from {ref.resource!r}")
    main, record = template.resources[ref.resource], template.records[ref.resource]
    shown = record.id_of_whole(ref.id)
    answers = {ref.resource: _read(api, template, main, (shown,))}
    if main.batch is not None and _missing(template, main, main.batch, answers[ref.resource], (shown,)):
        raise NotFound(f"{template.name}: no {ref.resource} with this id")
    seen = {ref.resource: _items(template, ref.resource, answers[ref.resource])}
    for related in record.related:
        found = tuple(_all_related(api, template, related, _ids(related, seen, shown), known))
        if found:
            answers[related.resource] = found
            seen[related.resource] = _items(template, related.resource, found)
    return SourceBundle(template.name, ref.resource, ref.id, answers)


def pages(
    api: PlatformApi, template: Template, path: str, params: Mapping[str, str], own: Paging | None = None
) -> Iterator[bytes]:
    """Every page of a list, by the template's paging or the list's own."""
    for page in paging.pages(api, own or template.paging, paging.Asked(path, params)):
        yield page.answer.body


def readable(template: Template, body: bytes) -> Any:
    """A successful answer as plain data, the platform's quirks put right; PlatformUnavailable when it is no JSON."""
    return put_right(template.quirks, paging.readable(template.name, body))


def _all_related(
    api: PlatformApi, template: Template, related: Related, wanted: list[str], known: KnownRecords | None
) -> Iterator[Answer]:
    """One request for each id, or for each batch of them; none for what the catalogue gives."""
    resource = template.resources[related.resource]
    held = preferred(known, related, resource, wanted)
    yield from held.values()
    asked = [one for one in wanted if one not in held]
    if len(asked) > MAX_RELATED:
        raise PlatformRefused(f"more than {MAX_RELATED} {related.resource} for one record")
    at_once = resource.batch.at_most if resource.batch else 1
    for begin in range(0, len(asked), at_once):
        ids = tuple(asked[begin : begin + at_once])
        answers = _related(api, template, related, ids)
        yield from answers
        yield from instead(known, related, resource, _absent(template, resource, answers, ids))


def _absent(template: Template, resource: Resource, answers: tuple[Answer, ...], ids: tuple[str, ...]) -> Sequence[str]:
    """Which of the ids the platform did not show."""
    if not answers:
        return ids
    return [one for one in ids if resource.batch and _missing(template, resource, resource.batch, answers, (one,))]


def _related(api: PlatformApi, template: Template, related: Related, ids: tuple[str, ...]) -> tuple[Answer, ...]:
    resource = template.resources[related.resource]
    try:
        answers = _read(api, template, resource, ids)
    except (NotFound, PlatformRefused) as problem:
        status = 404 if isinstance(problem, NotFound) else getattr(problem, "status", None)
        if status in related.absent_on:
            return ()
        if isinstance(problem, NotFound):  # the record is there, so this is not "gone" but something to look at
            raise PlatformRefused(f"{template.name}: {related.resource} of a record that exists is not found") from None
        raise
    strict = resource.batch if 404 not in related.absent_on else None
    if strict is not None and _missing(template, resource, strict, answers, ids):
        raise PlatformRefused(f"{template.name}: {related.resource} of a record that exists is not found")
    return answers


def _read(api: PlatformApi, template: Template, resource: Resource, ids: tuple[str, ...]) -> tuple[Answer, ...]:
    if not all(_ID.match(wanted) for wanted in ids):
        raise BadInput(f"{template.name}: an id that cannot stand in a path")
    asked = _asked(resource, ids)
    request = f"{'GET' if asked.body is None else 'POST'} {asked.path}"
    request += f"?{urlencode(asked.params)}" if asked.params else ""
    request += f" {json.dumps(asked.body, sort_keys=True, separators=(',', ':'))}" if asked.body is not None else ""
    if resource.paged:
        found = paging.pages(api, resource.paging or template.paging, asked, resource.item)
        return tuple(Answer(request, page.answer.body) for page in found)
    return (Answer(request, api.read(asked.path, asked.params or None, body=asked.body).body),)


def _asked(resource: Resource, ids: tuple[str, ...]) -> paging.Asked:
    joined = (resource.batch.joined if resource.batch else ",").join(ids)
    values = {"id": ids[0], "ids": joined}
    path = filled(resource.path, {name: quote(value, safe="") for name, value in values.items()})
    body: dict[str, Any] | None = None if resource.body is None else filled(resource.body, values)
    if resource.batch is not None and resource.batch.into is not None:
        body = {**(body or {}), resource.batch.into: [_in_body(resource.batch, wanted) for wanted in ids]}
    return paging.Asked(path, filled_texts(resource.params, values), body)


def _in_body(batch: Batch, wanted: str) -> Any:
    return wanted if batch.each is None else filled(batch.each, {"id": wanted})


def _missing(
    template: Template, resource: Resource, batch: Batch, answers: Sequence[Answer], ids: tuple[str, ...]
) -> bool:
    """Was one of the ids left out? Platforms answer a batch with those they have, in an order of their own."""
    items = [item for answer in answers for item in _list(_find(resource.item, readable(template, answer.body)))]
    return bool(set(ids) - {str(_find(batch.found, item)) for item in items})


def _items(template: Template, name: str, answers: tuple[Answer, ...]) -> Any:
    """What further `ids` expressions see: the record itself, or one list of a paged, batched or repeated resource."""
    resource = template.resources[name]
    if resource.paged:
        way = resource.paging or template.paging
        return [
            item for answer in answers for item in paging.items_of(way, readable(template, answer.body), resource.item)
        ]
    found = [_find(resource.item, readable(template, answer.body)) for answer in answers]
    if resource.batch is not None:
        return [item for page in found for item in _list(page)]
    return found[0] if len(found) == 1 and not resource.lists else found


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _ids(related: Related, seen: Mapping[str, Any], own: str) -> list[str]:
    if related.ids is None:
        return [own]
    found = _find(related.ids, seen)
    wanted = [str(one) for one in found if _is_id(one)] if isinstance(found, list) else []
    return list(dict.fromkeys(wanted))


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value not in ("", 0)


def _find(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen, most=paging.MAX_ITEMS)
    except NoValue:
        return None
