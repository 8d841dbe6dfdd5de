"""What `convert` was given: a record, a webhook, or a bundle of answers by name, as a source bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxpoynt.cli.answer import read_json_file
from taxpoynt.cli.names import Names
from taxpoynt.connector_kit.connector import TemplateConnector
from taxpoynt.domain.connection import Event
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


def given(connector: TemplateConnector, record: str, related: Sequence[str]) -> Given:
    """Reads the files. BadInput when they are not what the platform sends; Usage for unknown names."""
    whole = read_json_file(record)
    primary = connector.template.trigger.record
    names = Names(connector.template)
    found, ignored = _bundle(names, primary, whole)
    answers = {name: (one,) for name, one in found.items()}
    event = None if answers else _event(connector, whole)
    if event is not None:
        if event.type != f"{event.resource}.{connector.template.trigger.invoice[0]}":
            return Given(bundle=_source(connector, {}, event.resource_id), why_none=event.why)
        answers = {primary: (connector.embedded(whole),)}
    elif not answers:
        answers = {primary: (whole,)}
    for pair in related:
        name, file = names.split(pair)
        answers[name] = (*answers.get(name, ()), read_json_file(file))
    bundle = _source(connector, answers, "")
    decision = connector.trigger(bundle)
    return Given(
        bundle=bundle,
        webhook=event is not None,
        why=f"{event.resource} {event.resource_id}: {event.why}; the record is fetched before anything is invoiced"
        if event is not None
        else decision.why,
        why_none=None if decision.document == "invoice" else decision.why,
        words=(*_ignored(ignored), *_words(connector, bundle)),
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
