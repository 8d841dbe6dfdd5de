"""What expressions start from: every resource of a template by its name, whatever envelope its answers came in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taxpoynt.connector_kit.quirks import put_right
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_records import Resource
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput
from taxpoynt.mapping.expressions import exact_data, find
from taxpoynt.mapping.transforms import NoValue

ACCOUNT = "account"
SETTINGS = "settings"
RESOURCE = "resource"
"""Which record the sale is made from, where a template has several: `resource == 'refund'` is a condition."""
RESOURCE_ID = "resource_id"
PART = "part"
"""Which of several parts of one record (records.each)."""
_RECORDING = {"request", "status", "body"}
"""Keys of a recorded answer, as the samples and the command line have them: what came stands in `body`."""


def view(template: Template, bundle: SourceBundle, account: Mapping[str, Any]) -> dict[str, Any]:
    """Every resource by its name (absent ones None, or an empty list), `account`, and which record it is about.

    `account`: the facts of the connection; what a bundle holds of the account itself is read by the template's
    `details` and counts where the facts say nothing. BadInput where one record was expected and several came.
    """
    answers = bundle.parsed()
    seen: dict[str, Any] = {}
    for name, resource in template.resources.items():
        right = [put_right(template.quirks, answer) for answer in answers.get(name, ())]
        found = [record for answer in right for record in records(resource, answer)]
        if resource.paged or resource.many:
            seen[name] = found
        elif len(found) > 1:
            raise BadInput(f"{len(found)} of {name} where one was expected")
        else:
            seen[name] = found[0] if found else None
    told = [fact for answer in answers.get(ACCOUNT, ()) for fact in _facts(template, answer).items()]
    record = template.records.get(bundle.resource)
    part = record.id_of_part(bundle.resource_id) if record is not None else ""
    seen |= {RESOURCE: bundle.resource, RESOURCE_ID: bundle.resource_id, PART: part or None}
    return {**seen, ACCOUNT: {**dict(told), **exact_data(dict(account))}}


def records(resource: Resource, answer: Any) -> Iterator[Any]:
    """The records in an answer: one or a list, bare or in the platform's envelope, around each or around all."""
    if isinstance(answer, list):
        for one in answer:
            yield from records(resource, one)
    elif isinstance(answer, Mapping):
        if answer.keys() >= _RECORDING:
            yield from records(resource, answer["body"])
            return
        inside = _inside(resource.item, answer)
        if inside is answer:
            yield answer
        elif isinstance(inside, list):
            yield from (one for one in inside if isinstance(one, Mapping))
        elif isinstance(inside, Mapping):
            yield inside


def _inside(item: str, answer: Mapping[str, Any]) -> Any:
    """What the envelope holds (None for an empty one); the answer itself when it has none.

    An object that has the envelope's first key with nothing, an object or a list under it is an envelope; with a text
    or number under that key it is a record that happens to have a field of this name.
    """
    try:
        found = find(item, answer)
    except NoValue:
        found = None
    if isinstance(found, Mapping | list):
        return found
    first = re.match(r'"?([A-Za-z_][A-Za-z0-9_ -]*)', item)
    is_envelope = first is not None and first[1] in answer and not _is_scalar(answer[first[1]])
    return None if is_envelope else answer


def _is_scalar(value: Any) -> bool:
    return value is not None and not isinstance(value, Mapping | list)


def _facts(template: Template, answer: Any) -> dict[str, Any]:
    """The account's facts in an answer about it.

    The template reads them of one object, each read of the account under its name; here an answer may be one of these
    or hold them, so the place where most facts are found counts.
    """
    account = template.oauth.account
    if not isinstance(answer, Mapping):
        return {}
    answer = answer["body"] if answer.keys() >= _RECORDING and isinstance(answer["body"], Mapping) else answer
    places = [answer, *({name: whole} for name in account.read for whole in _wrapped(account.details, name, answer))]
    found = [{name: _found(expression, place) for name, expression in account.details.items()} for place in places]
    best = max(found, key=lambda facts: sum(value is not None for value in facts.values()))
    return {name: value for name, value in best.items() if value is not None}


def _wrapped(details: Mapping[str, str], name: str, answer: Mapping[str, Any]) -> Iterator[Any]:
    """The answer of a read as it came, and in the envelope that the details expect (`user.data.id` reads `data`)."""
    yield answer
    envelopes = {match[1] for one in details.values() for match in re.finditer(rf"\b{name}\.([a-z_]+)\.", one)}
    yield from ({envelope: answer} for envelope in sorted(envelopes))


def _found(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen)
    except NoValue:
        return None
