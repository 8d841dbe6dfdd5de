"""What `convert` was given: a record, a webhook, or a bundle of answers by name, as a source bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from taxpoynt.cli.answer import read_json_file
from taxpoynt.cli.names import Names
from taxpoynt.connector_kit.connector import TemplateConnector
from taxpoynt.domain.connection import Event
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.errors import BadInput
from taxpoynt.nrs.json_text import encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`why_none`: no document is made of it, and why. `webhook`: the record was read from a notification only."""

    bundle: SourceBundle
    webhook: bool = False
    why: str = ""
    why_none: str | None = None
    words: tuple[str, ...] = ()


def given(connector: TemplateConnector, record: str, related: Sequence[str]) -> list[Given]:
    """Reads the files: one for each document that the record may make, in the order of the file.

    Several where the platform's list of records was given, and for an exchange. BadInput when they are not what the
    platform sends; Usage for unknown names.
    """
    whole = read_json_file(record)
    primary = connector.template.trigger.record
    names = Names(connector.template)
    found, ignored = _bundle(names, primary, whole)
    answers = {name: (one,) for name, one in found.items()}
    event = None if answers else _event(connector, whole)
    if event is not None:
        makers = {f"{primary}.{value}" for case in connector.template.trigger.cases for value in case.values}
        if event.resource != primary or event.type not in makers:
            return [Given(bundle=_source(connector, {}, event.resource_id), why_none=event.why)]
        answers = {primary: (connector.embedded(whole),)}
    elif not answers:
        answers = {primary: (whole,)}
    for pair in related:
        name, file = names.split(pair)
        answers[name] = (*answers.get(name, ()), read_json_file(file))
    words = _ignored(ignored)
    return [
        one
        for record_answer in _each(connector, answers.pop(primary))
        for one in _documents(connector, _source(connector, {primary: (record_answer,), **answers}, ""), event, words)
    ]


def _each(connector: TemplateConnector, given_answers: tuple[Any, ...]) -> list[Any]:
    """The records of a list as the platform gives it, one by one; anything else is one record."""
    item = connector.template.resources[connector.template.trigger.record].item
    whole = given_answers[0] if len(given_answers) == 1 else None
    listed = whole if isinstance(whole, list) else whole.get(item) if isinstance(whole, Mapping) else None
    if isinstance(listed, list) and len(listed) > 1:
        return listed
    return list(given_answers)


def _documents(
    connector: TemplateConnector, bundle: SourceBundle, event: Event | None, words: tuple[str, ...]
) -> list[Given]:
    """The record itself and what it holds beside it."""
    ref = RecordRef(resource=bundle.resource, id="1")
    beside = [part for part, there in connector.parts(ref, bundle) if there]
    return [
        _decided(connector, one, event, (*words, *_words(connector, bundle)))
        for one in (bundle, *(_as_part(connector, bundle, part) for part in beside))
    ]


def _as_part(connector: TemplateConnector, bundle: SourceBundle, part: RecordRef) -> SourceBundle:
    """The same answer under the part's name; of several parts its id says which it is."""
    answers = dict(bundle.answers)
    answers[part.resource] = answers.pop(bundle.resource)
    one_of_many = connector.template.records[part.resource].id_of_part(part.id)
    named = part.id if one_of_many else bundle.resource_id
    return replace(bundle, resource=part.resource, resource_id=named, answers=answers)


def _decided(connector: TemplateConnector, bundle: SourceBundle, event: Event | None, words: tuple[str, ...]) -> Given:
    decision = connector.trigger(bundle)
    return Given(
        bundle=bundle,
        webhook=event is not None,
        why=f"{event.resource} {event.resource_id}: {event.why}; the record is fetched before anything is invoiced"
        if event is not None
        else decision.why,
        why_none=None if decision.document in ("invoice", "credit_note") else decision.why,
        words=words,
    )


def _bundle(names: Names, primary: str, whole: Any) -> tuple[dict[str, Any], list[str]]:
    """The answers of a bundle and the keys nobody knows; nothing at all when it is not a bundle."""
    if not isinstance(whole, Mapping) or not isinstance(whole.get(primary), Mapping | list):
        return {}, []
    answers: dict[str, Any] = {}
    ignored = []
    for key, one in whole.items():
        name = names.known(key)
        if name is None and key != "composite" and not key.startswith("expected"):
            ignored.append(key)
        elif name is not None and one is not None and (name == key or name not in whole):
            answers[name] = one
    return answers, ignored


def _event(connector: TemplateConnector, whole: Any) -> Event | None:
    if not isinstance(whole, Mapping) or "meta" not in whole:
        return None
    try:
        return connector.events(encode(whole).encode(), "application/json")[0]
    except BadInput:
        return None


def _source(connector: TemplateConnector, answers: Mapping[str, tuple[Any, ...]], record_id: str) -> SourceBundle:
    kept = {name: tuple(Answer("command line", encode(one).encode()) for one in many) for name, many in answers.items()}
    return SourceBundle(connector.name, connector.template.trigger.record, record_id, kept)


def _ignored(keys: Sequence[str]) -> tuple[str, ...]:
    return (f"not known, so ignored: {', '.join(keys)}",) if keys else ()


def _words(connector: TemplateConnector, bundle: SourceBundle) -> tuple[str, ...]:
    """What the pipeline would have fetched and nobody gave."""
    seen = connector.read_view(bundle, {})
    related = connector.template.records[bundle.resource].related
    missing = [one.resource for one in related if one.resource not in bundle.answers and not one.absent_on]
    missing = [name for name in missing if not seen.get(name)]
    return (f"not given, so taken as none: {', '.join(missing)} (see --related)",) if missing else ()
