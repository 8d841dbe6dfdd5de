from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.errors import (
    BadInput,
    ConfigurationError,
    NeedsReauthorisation,
    PlatformRefused,
    PlatformUnavailable,
    RateLimited,
    Rejected,
)
from taxpoynt.services import jobs
from taxpoynt.services.run_sync_job import MAX_TRIES
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World, changed, won


@pytest.fixture
def world() -> World:
    return World()


def ends(world: World) -> dict[str, tuple[str, str]]:
    return {one["event_id"]: (one.get("outcome", "open"), one.get("why", "")) for one in world.events.events.values()}


def set_status(world: World, status: ConnectionStatus) -> None:
    known = world.connections.get_connection(MERCHANT, CONNECTION)
    world.connections.save_connection(replace(known, status=status))


def test_a_record_of_another_account_with_the_same_id_leaves_the_first_ones_sale_alone() -> None:
    world = World()
    world.platform.won("8")
    world.do(world.deliver(won()))
    claimed = world.sale()
    world.sales.change(replace(claimed, account_id="an earlier account"), action="claimed")
    world.starter.take()
    world.platform.won("8", title="the other company's deal")
    world.do(world.deliver(won(event_id="another")))
    assert world.sale().sale_key == claimed.sale_key
    assert world.starter.take() == []
    assert [event["outcome"] for event in world.events.events.values()][-1] == "parked"


def test_an_open_deal_is_skipped_with_its_reason(world: World) -> None:
    world.platform.won("8", status="open")
    world.run(world.deliver(won()))
    assert ends(world) == {"e1": ("skipped", "status is open")}
    assert world.sales.sales == {}


def test_a_record_the_platform_no_longer_shows_is_skipped(world: World) -> None:
    world.run(world.deliver(won()))
    assert ends(world)["e1"][0] == "skipped"


def test_an_event_nothing_can_depend_on_is_skipped_without_a_fetch(world: World) -> None:
    world.run(world.deliver({**won(), "means": "ignore", "why": "a task"}), world.deliver(changed("e2", "person", "5")))
    assert ends(world) == {"e1": ("skipped", "a task"), "e2": ("skipped", "no sale depends on this record")}
    assert world.platform.fetched == []


def test_an_event_of_another_account_is_parked_with_its_body(world: World) -> None:
    world.platform.won("8")
    world.run(world.deliver(won(account="4712")))
    [parked] = world.events.events.values()
    assert (parked["outcome"], parked["why"]) == ("parked", "an event of another account")
    assert world.blobs.get(parked["body_key"])
    assert world.sales.sales == {}


@pytest.mark.parametrize("status", [s for s in ConnectionStatus if s is not ConnectionStatus.ACTIVE])
def test_deliveries_to_an_inactive_connection_are_parked(world: World, status: ConnectionStatus) -> None:
    set_status(world, status)
    message = world.deliver(won())
    world.run(message)
    assert list(ends(world).values()) == [("parked", "unknown or inactive connection")]


def test_deliveries_of_an_unknown_connection_or_merchant_are_parked(world: World) -> None:
    for ids in ({"connection": "c_x"}, {"merchant": "m_x"}, {"connector": "square"}):
        world.run({**world.deliver(won()), **ids})
    assert {outcome for outcome, _ in ends(world).values()} == {"parked"}


def test_an_unreadable_delivery_is_parked_with_its_bytes(world: World) -> None:
    message = jobs.make("webhook", MERCHANT, CONNECTION, CONNECTOR, body_b64="ew==")
    world.run(message)
    [parked] = world.events.events.values()
    assert parked["why"].startswith("unreadable")
    assert world.blobs.get(parked["body_key"]) == b"{"


def test_a_delivery_without_events_ends_as_skipped(world: World) -> None:
    world.run(world.deliver())
    assert list(ends(world).values()) == [("skipped", "a delivery without events")]


def test_a_body_kept_in_the_bucket_is_read_from_there(world: World) -> None:
    world.platform.won("8")
    body = b'[{"id":"e1","type":"deal.won","resource":"deal","resource_id":"8","account":"4711"}]'
    key = world.blobs.put(f"{MERCHANT}/webhooks/abc", body, content_type="x")
    world.run(jobs.make("webhook", MERCHANT, CONNECTION, CONNECTOR, body_key=key))
    assert world.state() is SaleState.COMPLETED


def test_a_body_key_of_another_merchant_is_refused(world: World) -> None:
    key = world.blobs.put("m_b/webhooks/abc", b"[]", content_type="x")
    with pytest.raises(BadInput):
        world.do(jobs.make("webhook", MERCHANT, CONNECTION, CONNECTOR, body_key=key))


def test_an_event_id_that_cannot_be_a_key_is_claimed_under_its_digest(world: World) -> None:
    world.platform.won("8")
    world.run(world.deliver(won("a#b")), world.deliver(won("a#b")))
    [event_id] = ends(world)
    assert event_id.startswith("sha256:")
    assert world.platform.fetched == ["8"]


def test_an_event_somebody_else_works_on_comes_again_later(world: World) -> None:
    world.platform.won("8")
    [event] = world.platform.events(b'[{"id":"e1","type":"x","resource":"deal","resource_id":"8","account":null}]', "")
    world.events.claim(MERCHANT, CONNECTOR, event, owner="other", now=world.clock.now(), lease_seconds=60)
    assert world.do(world.deliver(won())).startswith("again")
    [(queue, job, delay)] = world.queue.sent
    assert (queue, job["tries"]) == ("crm", 1)
    assert delay > 0


@pytest.mark.parametrize(("asked", "least"), [(None, 1), (120.0, 120), (99999.0, 900)])
def test_a_platform_that_asks_for_time_gets_it_by_a_delayed_message(
    world: World, asked: float | None, least: int
) -> None:
    world.platform.broken = RateLimited("slow down", retry_after=asked)
    world.do(world.deliver(won()))
    [(_, _, delay)] = world.queue.sent
    assert least <= delay <= 900
    assert ends(world) == {"e1": ("open", "")}


def test_delays_grow_and_two_days_of_outage_lose_nothing(world: World) -> None:
    world.platform.broken = PlatformUnavailable("503")
    message, waited = world.deliver(won()), 0
    delays = []
    while waited < 48 * 3600:
        world.do(message)
        [(_, message, delay)] = world.queue.sent
        world.queue.sent.clear()
        delays.append(delay)
        waited += delay
    assert delays[:4] == [2, 4, 8, 16]
    assert max(delays) <= 900
    world.platform.broken = None
    world.platform.won("8")
    world.run(message)
    assert world.state() is SaleState.COMPLETED


def test_even_sending_again_ends_one_day_in_the_dead_letter_queue(world: World) -> None:
    world.platform.broken = PlatformUnavailable("503")
    with pytest.raises(PlatformUnavailable):
        world.do({**world.deliver(won()), "tries": MAX_TRIES})


def test_a_refused_grant_stops_the_connection_once_with_one_alert_and_parks_the_events(world: World) -> None:
    world.platform.broken = NeedsReauthorisation("invalid_grant")
    assert world.do(world.deliver(won("e1"), won("e2"))) == "stopped: NeedsReauthorisation"
    world.do(jobs.make("poll", MERCHANT, CONNECTION, CONNECTOR))
    assert world.connections.get_connection(MERCHANT, CONNECTION).status is ConnectionStatus.NEEDS_REAUTH
    assert {outcome for outcome, _ in ends(world).values()} == {"parked"}
    assert len(world.alerts.sent) == 1
    assert "invalid_grant" in str(world.alerts.sent[0]), "the alert says why"


@pytest.mark.parametrize("number", ["../9", "8/9", "8#9", "", "8 9", "8?x=1", "9" * 200])
def test_an_id_that_could_bend_a_path_or_a_key_is_parked_and_never_asked_for(world: World, number: str) -> None:
    world.run(world.deliver(won(deal=number)))
    assert ends(world) == {"e1": ("parked", "BadInput")}
    assert world.platform.fetched == []


@pytest.mark.parametrize("error", [PlatformRefused("400"), BadInput("odd answer")])
def test_what_a_platform_refuses_is_parked(world: World, error: Rejected) -> None:
    world.platform.broken = error
    world.run(world.deliver(won()))
    assert ends(world) == {"e1": ("parked", type(error).__name__)}


def test_a_mistake_of_the_operator_leaves_the_message_where_it_is(world: World) -> None:
    world.platform.broken = ConfigurationError("fill the secret")
    with pytest.raises(ConfigurationError):
        world.do(world.deliver(won()))
    assert ends(world) == {"e1": ("open", "")}


def test_one_event_that_must_come_again_does_not_hold_up_the_others(world: World) -> None:
    world.platform.won("8")
    world.platform.won("9")
    fetch = world.platform.fetch

    def flaky(api: Any, ref: Any, known: Any = None) -> Any:
        if ref.id == "8" and len(world.platform.fetched) < 2:
            world.platform.fetched.append(ref.id)
            raise PlatformUnavailable("once")
        return fetch(api, ref)

    world.platform.fetch = flaky  # type: ignore[method-assign]
    world.do(world.deliver(won("e1", "8"), won("e2", "9")))
    assert ends(world)["e2"][0] == "invoiced"
    world.run()
    assert (world.state("8"), world.state("9")) == (SaleState.COMPLETED, SaleState.COMPLETED)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"v": 9, "job": "webhook"},
        {"v": 1, "job": "webhook", "id": "x", "merchant": "", "connection": "c", "connector": "p"},
        {"v": 1, "job": "dance", "id": "x", "merchant": "m", "connection": "c", "connector": "pipedrive"},
        {"v": 1, "job": "webhook", "id": "x", "merchant": "m", "connection": "c", "connector": "p", "body_b64": "*"},
        {"v": 1, "job": "fetch", "id": "x", "merchant": "m", "connection": "c", "connector": "pipedrive"},
    ],
)
def test_a_message_nobody_understands_is_rejected(world: World, message: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        world.do(message)


def test_messages_of_the_next_version_and_with_unknown_keys_are_read(world: World) -> None:
    world.platform.won("8")
    world.run({**world.deliver(won()), "v": 2, "later": "key"})
    assert world.state() is SaleState.COMPLETED


def test_a_record_that_cannot_be_read_as_a_sale_is_held_and_goes_on_when_it_can(world: World) -> None:
    world.platform.won("8", unreadable=True)
    world.run(world.deliver(won()))
    assert world.state() is SaleState.NEEDS_ATTENTION
    assert [fault.code for fault in world.sale().faults] == ["SALE-001"]
    assert ends(world)["e1"][0] == EventOutcome.PARKED.value
    world.clock.move(days=1)
    world.platform.won("8")
    world.run(world.deliver(changed("e2", "deal", "8")))
    assert world.state() is SaleState.COMPLETED
    assert world.sale().clock.issue_date.isoformat() == "2026-03-02"


def test_a_record_read_with_faults_keeps_its_day_and_waits_for_what_it_depends_on(world: World) -> None:
    world.platform.won("8", odd=True)
    world.clock.move(days=3)
    world.run(world.deliver(won()))
    assert world.state() is SaleState.NEEDS_ATTENTION
    assert world.sale().clock.issue_date.isoformat() == "2026-03-02"
    world.platform.won("8")
    world.run(world.deliver(changed("e2", "organization", "77")))
    assert world.state() is SaleState.COMPLETED


def test_unusable_mapping_rules_hold_the_sale(world: World) -> None:
    world.platform.won("8", broken_rules=True)
    world.run(world.deliver(won()))
    assert [fault.code for fault in world.sale().faults] == ["MAP-001"]


def test_a_record_that_cannot_be_read_any_more_after_submission_is_held_beside_its_invoice(world: World) -> None:
    world.platform.won("8")
    world.run(world.deliver(won()))
    world.platform.won("8", unreadable=True)
    world.run(world.deliver(won("e2")))
    assert ends(world)["e2"] == ("parked", "needs attention: SALE-001")
    assert world.state() is SaleState.COMPLETED
    assert world.state("8:C1") is SaleState.NEEDS_ATTENTION
    assert world.state() is SaleState.COMPLETED


def test_a_held_sale_goes_on_when_the_organisation_it_waits_for_changes(world: World) -> None:
    world.platform.won("8", tin=None)
    world.run(world.deliver(won()))
    assert world.state() is SaleState.NEEDS_ATTENTION
    world.run(world.deliver(changed("e2", "organization", "78")))
    assert world.state() is SaleState.NEEDS_ATTENTION
    world.platform.won("8")
    world.run(world.deliver(changed("e3", "organization", "77")))
    assert world.state() is SaleState.COMPLETED


def test_a_fetch_job_looks_at_its_record_once(world: World) -> None:
    world.platform.won("8", tin=None)
    world.run(world.deliver(won()))
    world.platform.won("8")
    job = jobs.fetch(world.sale(), event_id="merchant_change:8:1", reason="merchant_change")
    world.run(job, job)
    assert world.state() is SaleState.COMPLETED
    assert world.platform.fetched == ["8", "8"]


def test_a_job_without_enough_time_left_is_sent_again_instead_of_being_cut_off(world: World) -> None:
    world.platform.won("8")
    message = world.deliver(won())
    assert world.job(message, lambda: 9.0).startswith("again in")
    assert (world.platform.fetched, world.events.events) == ([], {})
    world.run()
    assert world.platform.fetched == ["8"]
