"""Events twice, in another order, and what is read of each; for a platform without webhooks the same of its lists."""

from __future__ import annotations

import json
from collections.abc import Sequence

from taxpoynt.domain.connection import Event
from tests.conformance import polled
from tests.conformance.evidence import Case, Sent
from tests.fakes.stores import FakeEventStore
from tests.unit.connector_kit.parts import NOW, StoppedClock


def check(case: Case) -> list[str]:
    """What each delivery says, and that nothing is dealt with twice."""
    if case.template.webhooks is None:
        return ["no webhooks: " + polled.shown_twice(case)]
    sent = case.data.deliveries
    assert sent, "conformance.yaml has no deliveries"
    for one in sent:
        _as_told(one, read(case, one))
    _every_kind(case, sent)
    ids = {one.name: [event.id for event in read(case, one)] for one in sent}
    assert {one.name: [event.id for event in read(case, one)] for one in reversed(sent)} == ids, "ids depend on order"
    flat = [event_id for many in ids.values() for event_id in many]
    assert len(set(flat)) == len(flat), f"two different events have one id: {sorted(flat)}"
    assert _claimed(case, [*sent, *reversed(sent), *sent]) == len(flat), "an event was dealt with twice"
    return [
        f"{len(sent)} deliveries with {len(flat)} events are read as documented",
        "three times and backwards, each event is claimed once",
    ]


def read(case: Case, one: Sent) -> list[Event]:
    """The events in a delivery."""
    return case.connector.events(body_of(one), "application/json", one.headers)


def body_of(one: Sent) -> bytes:
    """The bytes of a delivery."""
    return one.text.encode() if one.text is not None else json.dumps(one.body).encode()


def _as_told(one: Sent, events: Sequence[Event]) -> None:
    found = [
        {name: getattr(event, name) for name in told.model_fields_set}
        for event, told in zip(events, one.events, strict=False)
    ]
    wanted = [told.model_dump(exclude_unset=True) for told in one.events]
    assert (len(events), found) == (len(one.events), wanted), f"{one.name}: {found}"


def _every_kind(case: Case, sent: Sequence[Sent]) -> None:
    """Whatever the template fetches or ends, some delivery shows."""
    assert case.template.webhooks is not None
    shown = {(event.means, event.resource) for one in sent for event in read(case, one)}
    for reading in case.template.webhooks.events:
        for rule in reading.rules:
            wanted = (rule.means, rule.resource or "none")
            assert rule.means not in ("fetch", "uninstall") or wanted in shown, f"no delivery shows {wanted}"


def _claimed(case: Case, sent: Sequence[Sent]) -> int:
    store, won = FakeEventStore(StoppedClock()), 0
    for number, one in enumerate(sent):
        for event in read(case, one):
            claim = store.claim("m_1", case.name, event, owner=f"job-{number}", now=NOW, lease_seconds=60)
            won += claim.won
    return won
