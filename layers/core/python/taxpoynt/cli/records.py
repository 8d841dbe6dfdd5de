"""What `convert` was given: a record, a webhook, or a bundle of answers by name, as a source bundle."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxpoynt.cli.answer import Usage, read_bytes
from taxpoynt.connector_kit.connector import TemplateConnector
from taxpoynt.domain.connection import Event
from taxpoynt.domain.source import Answer, SourceBundle, read_json
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
    whole = read_json(read_bytes(record))
    primary = connector.template.trigger.record
    answers = {name: (one,) for name, one in _bundle(connector, whole).items()}
    event = None if answers else _event(connector, whole)
    if event is not None:
        if event.type != f"{event.resource}.{connector.template.trigger.invoice[0]}":
            return Given(bundle=_source(connector, {}, event.resource_id), why_none=event.why)
        answers = {primary: (connector.embedded(whole),)}
    elif not answers:
        answers = {primary: (whole,)}
    known = {*connector.template.resources, "account"}
    for pair in related:
        name, _, file = pair.partition("=")
        if name not in known or not file:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; names: {', '.join(sorted(known))}"
            raise Usage(f"--related {pair}: give NAME=FILE{hint}")
        answers[name] = (*answers.get(name, ()), read_json(read_bytes(file)))
    bundle = _source(connector, answers, "")
    decision = connector.trigger(bundle)
    return Given(
        bundle=bundle,
        webhook=event is not None,
        why=f"{event.resource} {event.resource_id}: {event.why}; the record is fetched before anything is invoiced"
        if event is not None
        else decision.why,
        why_none=None if decision.document == "invoice" else decision.why,
        words=_words(connector, answers),
    )


def _bundle(connector: TemplateConnector, whole: Any) -> dict[str, Any]:
    """The answers of a bundle, or nothing when it is not one."""
    primary = connector.template.trigger.record
    if not isinstance(whole, Mapping) or not isinstance(whole.get(primary), Mapping | list):
        return {}
    known = {*connector.template.resources, "account"}
    return {name: one for name, one in whole.items() if name in known and one is not None}


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


def _words(connector: TemplateConnector, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """What the pipeline would have fetched and nobody gave."""
    related = connector.template.records[connector.template.trigger.record].related
    missing = [one.resource for one in related if one.resource not in answers and not one.absent_on]
    return (f"not given, so taken as none: {', '.join(missing)} (see --related)",) if missing else ()
