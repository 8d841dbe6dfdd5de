from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from taxpoynt.connector_kit.webhook import basic_secret
from taxpoynt.domain.connection import Connection, ConnectionStatus, Endpoint, TokenSet
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import NeedsReauthorisation, NotFound, PlatformUnavailable, RateLimited, StoreConflict
from taxpoynt.ports import ChangedRecords
from taxpoynt.services import jobs
from taxpoynt.services.webhook_door import MAX_PAIRS
from tests.fakes.crash import Crash
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World


@pytest.fixture
def world() -> World:
    return World()


def job(name: str) -> dict[str, object]:
    return jobs.make(name, MERCHANT, CONNECTION, CONNECTOR)


def connection(world: World) -> Connection:
    return world.connections.get_connection(MERCHANT, CONNECTION)


def endpoint(world: World) -> Endpoint:
    found = world.connections.get_endpoint(str(connection(world).endpoint))
    assert found
    return found


def every_subscription_can_prove_itself(world: World) -> bool:
    known = endpoint(world).secrets
    return all(basic_secret(user, password) in known for _, user, password in world.platform.subscribed.values())


def test_a_subscription_is_made_once_and_its_pair_is_kept_as_digest_only(world: World) -> None:
    world.do(job("subscribe"))
    first = (connection(world), endpoint(world).secrets, dict(world.platform.subscribed))
    world.do(job("subscribe"))
    assert (connection(world), endpoint(world).secrets, dict(world.platform.subscribed)) == first
    assert endpoint(world).until == {}
    assert set(connection(world).subscriptions) == set(world.platform.subscribed)
    [(url, user, password), _] = world.platform.subscribed.values()
    assert url == f"https://hooks.example/webhooks/pipedrive/{connection(world).endpoint}"
    assert len(str(connection(world).endpoint)) >= 22
    assert every_subscription_can_prove_itself(world)
    assert password not in str(world.connections.endpoints)
    assert user not in str(world.connections.endpoints)


def test_what_the_platform_dropped_is_made_again_while_the_rest_keeps_its_pair(world: World) -> None:
    world.do(job("subscribe"))
    for _ in range(2 * MAX_PAIRS):
        world.platform.subscribed.pop(next(iter(world.platform.subscribed)))
        world.do(job("subscribe"))
        assert every_subscription_can_prove_itself(world)
        assert len(world.platform.subscribed) == 2
        assert len([one for one in endpoint(world).secrets if one not in endpoint(world).until]) <= MAX_PAIRS + 1
        world.clock.move(hours=23)
    assert len(endpoint(world).secrets) <= MAX_PAIRS + 2


def test_a_subscription_killed_at_any_call_ends_with_one_that_can_prove_itself() -> None:
    for die_after in range(1, 12):
        world = World()
        for _ in range(2):
            world.switch.arm(die_after)
            try:
                world.do(job("subscribe"))
            except Crash:
                continue
        world.switch.arm(None)
        world.do(job("subscribe"))
        assert every_subscription_can_prove_itself(world)
        assert len(world.platform.subscribed) == 2


def test_a_poll_turns_changes_into_jobs_and_moves_the_cursor(world: World) -> None:
    refs = (RecordRef(resource="deal", id="8"), RecordRef(resource="deal", id="9"))
    world.platform.page = ChangedRecords(records=refs, cursor="c2", more=True)
    world.do(job("poll"))
    sent = world.queue.sent
    assert [(queue, one["job"], one.get("resource_id")) for queue, one, _ in sent] == [
        ("crm", "fetch", "8"),
        ("crm", "fetch", "9"),
        ("bulk", "poll", None),
    ]
    assert connection(world).cursor == "c2"
    assert all(one["event_id"].startswith("poll:deal:") for _, one, _ in sent[:2])


def test_a_poll_killed_before_its_cursor_is_stored_repeats_the_same_events(world: World) -> None:
    world.platform.page = ChangedRecords(records=(RecordRef(resource="deal", id="8"),), cursor="c2", more=False)
    world.platform.won("8")
    for die_after in range(1, 4):
        world.switch.arm(die_after)
        with pytest.raises(Crash):
            world.do(job("poll"))
        world.switch.arm(None)
    assert connection(world).cursor is None
    world.do(job("poll"))
    assert len({one["event_id"] for _, one, _ in world.queue.sent}) == 1
    world.run()
    assert world.platform.fetched == ["8"]


def test_a_page_that_failed_leaves_the_cursor_alone_and_comes_again(world: World) -> None:
    world.platform.broken = RateLimited("slow", retry_after=30)
    assert world.do(job("poll")).startswith("again")
    assert connection(world).cursor is None
    [(queue, again, delay)] = world.queue.sent
    assert (queue, again["job"], delay) == ("bulk", "poll", 30)


def test_keep_alive_uses_the_tokens(world: World) -> None:
    world.do(job("keep_alive"))
    assert world.kept == [CONNECTION]


def test_the_daily_look_is_noted_for_people(world: World) -> None:
    world.health = {"token": "works", "subscriptions": "5 of 5", "problem": ""}
    assert world.do(job("keep_alive")) == "kept, well"
    assert connection(world).health == {**world.health, "at": world.clock.now().isoformat(timespec="seconds")}


def test_a_grant_that_the_daily_look_finds_refused_stops_the_connection_and_says_so(world: World) -> None:
    world.health = {"token": "refused", "subscriptions": "not asked", "problem": "NeedsReauthorisation"}
    assert world.do(job("keep_alive")) == "stopped: NeedsReauthorisation"
    assert connection(world).status is ConnectionStatus.NEEDS_REAUTH
    assert connection(world).health["token"] == "refused"


@pytest.mark.parametrize("name", ["subscribe", "poll", "keep_alive"])
def test_inactive_and_unknown_connections_are_left_alone(world: World, name: str) -> None:
    world.connections.save_connection(replace(connection(world), status=ConnectionStatus.NEEDS_REAUTH))
    assert world.do(job(name)) == "not active"
    assert world.do({**job(name), "connection": "c_x"}) == "not active"
    assert world.kept == []
    assert world.platform.subscribed == {}


def connected() -> World:
    world = World()
    tokens = TokenSet(access_token="a", refresh_token="r", expires_at=world.clock.now() + timedelta(hours=1))
    world.tokens.save(MERCHANT, CONNECTION, CONNECTOR, tokens, expected_generation=0)
    world.do(job("subscribe"))
    return world


def is_gone(world: World) -> bool:
    return (
        connection(world).status is ConnectionStatus.DISCONNECTED
        and not endpoint(world).active
        and world.platform.subscribed == {}
        and world.tokens.tokens == {}
        and world.connections.find_account(CONNECTOR, "4711") is None
        and "a" in world.revoked
    )


def test_disconnecting_leaves_nothing_and_may_be_repeated() -> None:
    world = connected()
    world.do(job("disconnect"))
    assert is_gone(world)
    world.do(job("disconnect"))
    assert is_gone(world)
    assert world.do({**job("disconnect"), "connection": "c_x"}) == "unknown"


def test_disconnecting_killed_at_any_call_is_finished_by_its_repetition() -> None:
    for die_after in range(1, 12):
        world = connected()
        for _ in range(2):
            world.switch.arm(die_after)
            try:
                world.do(job("disconnect"))
            except Crash:
                continue
        world.switch.arm(None)
        world.do(job("disconnect"))
        assert is_gone(world), die_after


def test_a_late_repetition_does_not_end_a_connection_that_was_made_again() -> None:
    world = connected()
    world.platform.broken = None
    first = {**job("disconnect"), "ended": True}
    assert world.do(first) == "connected again meanwhile"
    assert connection(world).status is ConnectionStatus.ACTIVE


def test_an_outage_while_disconnecting_is_tried_again_and_marked() -> None:
    world = connected()

    def down(*_: object) -> None:
        raise PlatformUnavailable("503")

    world.platform.unsubscribe = down  # type: ignore[method-assign, assignment]
    assert world.do(job("disconnect")).startswith("again")
    [(_, again, _)] = world.queue.sent
    assert again["ended"] is True
    assert world.tokens.tokens


def test_a_disconnect_that_was_put_off_before_it_began_still_ends_the_connection() -> None:
    world = connected()
    assert world.job(job("disconnect"), lambda: 1.0).startswith("again")
    [(_, again, _)] = world.queue.sent
    assert world.do(again) == "disconnected"
    assert connection(world).status is ConnectionStatus.DISCONNECTED
    assert not world.tokens.tokens


def test_schedules_send_what_is_due_and_nothing_twice(world: World) -> None:
    now = world.clock.now()
    world.connections.save_connection(replace(connection(world), next_poll_at=now, next_refresh_at=now))
    assert world.schedule() == {"due": 1, "jobs": 3}
    assert [(queue, one["job"]) for queue, one, _ in world.queue.sent] == [
        ("bulk", "poll"),
        ("bulk", "subscribe"),
        ("bulk", "keep_alive"),
    ]
    assert world.schedule() == {"due": 0, "jobs": 0}
    world.clock.move(minutes=60)
    assert world.schedule() == {"due": 1, "jobs": 1}
    world.clock.move(hours=23)
    assert world.schedule() == {"due": 1, "jobs": 3}


def test_subscriptions_are_looked_at_as_often_as_the_template_says_and_daily_at_least(world: World) -> None:
    for hours, wanted in ((6, 6), (None, 24), (72, 24)):
        now = world.clock.now()
        world.connections.save_connection(replace(connection(world), next_poll_at=None, next_refresh_at=now))
        replace(world.schedule, check_hours={connection(world).connector: hours}.get)()
        assert connection(world).next_refresh_at == now + timedelta(hours=wanted)


def test_the_connection_must_exist() -> None:
    with pytest.raises(NotFound):
        World().connections.get_connection(MERCHANT, "c_x")


def test_a_connection_that_changed_under_the_scheduler_comes_up_again(world: World) -> None:
    now = world.clock.now()
    world.connections.save_connection(replace(connection(world), next_poll_at=now))
    stale = world.connections.due_connections(now, limit=9)
    world.connections.save_connection(connection(world))
    world.connections.due_connections = lambda now, limit: stale  # type: ignore[method-assign, misc]  # an older read
    assert world.schedule() == {"due": 1, "jobs": 1}
    assert connection(world).next_poll_at == now


def test_a_connection_authorised_again_meanwhile_is_not_stopped(world: World) -> None:
    world.platform.broken = NeedsReauthorisation("invalid_grant")
    save = world.connections.save_connection

    def too_late(one: Connection) -> Connection:
        if one.status is ConnectionStatus.NEEDS_REAUTH:
            raise StoreConflict("authorised again")
        return save(one)

    world.connections.save_connection = too_late  # type: ignore[method-assign, assignment]
    assert world.do(job("poll")) == "stopped: NeedsReauthorisation"
    assert connection(world).status is ConnectionStatus.ACTIVE
    assert world.alerts.sent == []


def test_polls_look_back_to_the_moment_before_the_subscription_and_never_later(world: World) -> None:
    """Else a sale whose webhook is lost before the first poll, minutes after the confirmation, would never be found."""
    world.platform.page = ChangedRecords(records=(), cursor="the beginning", more=False)
    world.do(job("subscribe"))
    assert connection(world).cursor == "the beginning"
    assert world.queue.sent == []
    world.platform.page = ChangedRecords(records=(), cursor="later", more=False)
    world.do(job("subscribe"))
    assert connection(world).cursor == "the beginning"
