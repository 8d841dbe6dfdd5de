from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from taxpoynt.domain.connection import Event
from taxpoynt.domain.status import EventOutcome
from taxpoynt.errors import BadInput
from taxpoynt.ports import EventClaim
from tests.fakes.clock import FakeClock

EVENT = Event(id="e-1", type="deal.won", resource="deal", resource_id="8", account="4711")


def claim(events: Any, clock: FakeClock, owner: str, event: Event = EVENT, merchant: str = "m_a") -> EventClaim:
    got: EventClaim = events.claim(merchant, "pipedrive", event, owner=owner, now=clock.now(), lease_seconds=60)
    return got


def test_the_first_claim_wins_and_its_owner_may_repeat_it(events: Any, clock: FakeClock) -> None:
    assert claim(events, clock, "a").won
    assert claim(events, clock, "a").won
    assert claim(events, clock, "b") == EventClaim(won=False, outcome=None)


def test_merchants_do_not_share_event_ids(events: Any, clock: FakeClock) -> None:
    assert claim(events, clock, "a").won
    assert claim(events, clock, "b", merchant="m_b").won


def test_a_claim_without_outcome_can_be_taken_once_its_lease_ran_out(events: Any, clock: FakeClock) -> None:
    claim(events, clock, "a")
    clock.move(seconds=60)
    assert claim(events, clock, "b").won
    assert not claim(events, clock, "c").won


def test_a_settled_event_tells_its_outcome_for_good(events: Any, clock: FakeClock) -> None:
    claim(events, clock, "a")
    events.settle("m_a", "pipedrive", "e-1", EventOutcome.INVOICED, "conversion started", sale_id="8")
    events.settle("m_a", "pipedrive", "e-1", EventOutcome.SKIPPED, "second thoughts")
    events.park("m_a", "pipedrive", "e-1", "third thoughts", None)
    clock.move(days=1)
    assert claim(events, clock, "b") == EventClaim(won=False, outcome=EventOutcome.INVOICED)
    [listed] = events.list_events("m_a", limit=10, cursor=None)[0]
    assert (listed["outcome"], listed["why"], listed["sale_id"]) == ("invoiced", "conversion started", "8")


def test_what_nobody_could_read_is_parked_with_its_body(events: Any, clock: FakeClock) -> None:
    events.park("m_a", "pipedrive", "delivery:1", "unreadable", "m_a/webhooks/abc")
    [parked] = events.list_events("m_a", limit=10, cursor=None)[0]
    assert (parked["outcome"], parked["body_key"]) == ("parked", "m_a/webhooks/abc")


def test_lists_give_the_newest_first_over_days_and_pages(events: Any, clock: FakeClock) -> None:
    for number in range(5):
        claim(events, clock, "a", Event(id=f"e-{number}", type="t", resource="deal", resource_id="1", account=None))
        clock.move(hours=20)
    for limit in (1, 2, 5, 9):
        found, cursor = [], None
        while True:
            page, cursor = events.list_events("m_a", limit=limit, cursor=cursor)
            found += [one["event_id"] for one in page]
            if cursor is None:
                break
        assert found == ["e-4", "e-3", "e-2", "e-1", "e-0"]
    assert events.list_events("m_b", limit=9, cursor=None) == ([], None)


def test_lists_hide_how_they_are_kept(events: Any, clock: FakeClock) -> None:
    claim(events, clock, "a")
    [listed] = events.list_events("m_a", limit=1, cursor=None)[0]
    assert not {"pk", "sk", "ttl", "claim_owner", "owner"} & set(listed)


def test_markers_expire_after_a_week_and_parked_events_after_a_month(on_aws: None, clock: FakeClock) -> None:
    from taxpoynt.storage.clients import client
    from taxpoynt.storage.events import DynamoEventStore

    dynamodb = client("dynamodb")
    events = DynamoEventStore(dynamodb, "events", clock)
    claim(events, clock, "a")
    events.park("m_a", "pipedrive", "e-2", "unreadable", None)
    ttls = {item["event_id"]["S"]: int(item["ttl"]["N"]) for item in dynamodb.scan(TableName="events")["Items"]}
    week, month = (int((clock.now() + timedelta(days=days)).timestamp()) for days in (7, 30))
    assert ttls == {"e-1": week, "e-2": month}


def test_a_cursor_that_is_not_ours_is_bad_input(on_aws: None, clock: FakeClock) -> None:
    from taxpoynt.storage.clients import client
    from taxpoynt.storage.events import DynamoEventStore

    with pytest.raises(BadInput):
        DynamoEventStore(client("dynamodb"), "events", clock).list_events("m_a", limit=1, cursor="x")
