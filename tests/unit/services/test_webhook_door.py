"""The pairs of a connection's webhook: stored before they are given away, never lost, ended by time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from taxpoynt.connector_kit.webhook import basic_secret
from taxpoynt.domain.connection import Connection, Endpoint
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import WebhookSetup
from taxpoynt.services import jobs
from taxpoynt.services.webhook_door import MAX_PAIRS, OVERLAP
from tests.fakes.world import CONNECTION, CONNECTOR, MERCHANT, World

SUBSCRIBE = jobs.make("subscribe", MERCHANT, CONNECTION, CONNECTOR)


@pytest.fixture
def world() -> World:
    return World()


def connection(world: World) -> Connection:
    return world.connections.get_connection(MERCHANT, CONNECTION)


def endpoint(world: World) -> Endpoint:
    found = world.connections.get_endpoint(str(connection(world).endpoint))
    assert found
    return found


def given_away(world: World) -> set[str]:
    """What the platform will send: the pair of every subscription there is."""
    return {basic_secret(user, password) for _, user, password in world.platform.subscribed.values()}


def test_of_two_jobs_at_once_neither_loses_the_others_pair(world: World) -> None:
    """The second begins and ends while the first speaks to the platform."""
    inside = world.platform.subscribe

    def overtaken(*args: object, **kwargs: object) -> tuple[str, ...]:
        world.platform.subscribe = inside  # type: ignore[method-assign]
        world.do(SUBSCRIBE)
        return inside(*args, **kwargs)  # type: ignore[arg-type]

    world.platform.subscribe = overtaken  # type: ignore[method-assign]
    assert world.do(SUBSCRIBE).startswith("again")
    assert given_away(world) <= set(endpoint(world).accepted(world.clock.now()))
    world.do(SUBSCRIBE)
    assert given_away(world) <= set(endpoint(world).accepted(world.clock.now()))
    assert len(world.platform.subscribed) == 2


def test_a_store_that_lets_the_last_writer_win_would_lose_one(world: World) -> None:
    """The broken twin: without the version, the pair of the job that was overtaken is gone from the endpoint."""
    inside = world.platform.subscribe

    def overtaken(*args: object, **kwargs: object) -> tuple[str, ...]:
        world.platform.subscribe = inside  # type: ignore[method-assign]
        ids = inside(*args, **kwargs)  # type: ignore[arg-type]
        world.platform.subscribed.pop(next(iter(world.platform.subscribed)))  # so that the other makes one too
        world.do(SUBSCRIBE)
        return ids

    def last_writer_wins(one: Endpoint) -> Endpoint:
        world.connections.endpoints[one.endpoint] = one
        return one

    world.connections.put_endpoint = last_writer_wins  # type: ignore[method-assign, assignment]
    world.platform.subscribe = overtaken  # type: ignore[method-assign]
    world.do(SUBSCRIBE)
    assert not given_away(world) <= set(endpoint(world).accepted(world.clock.now()))


def test_a_pair_lives_as_long_as_a_subscription_has_it_and_a_day_longer(world: World) -> None:
    world.do(SUBSCRIBE)
    [first] = given_away(world)
    world.clock.move(hours=1000)
    world.do(SUBSCRIBE)
    assert endpoint(world).accepted(world.clock.now()) == (first,)
    world.platform.subscribed.clear()
    world.do(SUBSCRIBE)
    replaced_at = world.clock.now()
    [second] = given_away(world)
    assert endpoint(world).until == {first: replaced_at + OVERLAP}
    assert endpoint(world).accepted(replaced_at + OVERLAP - timedelta(seconds=1)) == (second, first)
    assert endpoint(world).accepted(replaced_at + OVERLAP) == (second,)
    world.clock.move(hours=25)
    world.do(SUBSCRIBE)
    assert endpoint(world).secrets == (second,)
    assert timedelta(hours=24) <= OVERLAP


def test_one_of_several_that_is_made_again_leaves_the_others_pair_alone(world: World) -> None:
    world.do(SUBSCRIBE)
    gone = next(iter(world.platform.subscribed))
    del world.platform.subscribed[gone]
    world.do(SUBSCRIBE)
    assert len(given_away(world)) == 2
    world.clock.move(hours=1000)
    assert given_away(world) == set(endpoint(world).accepted(world.clock.now()))
    assert endpoint(world).until == {}


def test_so_many_pairs_that_all_are_made_anew_still_end_by_time(world: World) -> None:
    world.do(SUBSCRIBE)
    seen = set(given_away(world))
    for _ in range(MAX_PAIRS + 1):
        world.platform.subscribed.pop(next(iter(world.platform.subscribed)))
        world.do(SUBSCRIBE)
        seen |= given_away(world)
        assert given_away(world) <= set(endpoint(world).accepted(world.clock.now()))
    assert seen == set(endpoint(world).accepted(world.clock.now())), "a pair ended before its day was over"
    world.clock.move(hours=24)
    assert given_away(world) == set(endpoint(world).accepted(world.clock.now()))


def test_an_address_that_was_closed_opens_with_no_old_pair(world: World) -> None:
    world.do(SUBSCRIBE)
    old = given_away(world)
    world.connections.put_endpoint(replace(endpoint(world), active=False))
    world.platform.subscribed.clear()
    world.do(SUBSCRIBE)
    assert endpoint(world).active
    assert not old & set(endpoint(world).secrets)


@pytest.mark.parametrize(
    ("setup", "answer", "secrets", "subscriptions"),
    [
        (WebhookSetup(by="nobody"), "polled only", None, 0),
        (WebhookSetup(by="operator", secret="app"), "the operator subscribes", None, 0),
        (WebhookSetup(by="merchant", own_address=True), "the merchant subscribes", (), 0),
        (
            WebhookSetup(by="merchant", own_address=True, secret="endpoint"),
            "the merchant subscribes",
            (f"secrets/webhooks/{CONNECTOR}/{CONNECTION}",),
            0,
        ),
        (WebhookSetup(by="api", own_address=True, secret="app"), "2 subscriptions", (), 2),
        (WebhookSetup(by="api", secret="app"), "2 subscriptions", None, 2),
    ],
)
def test_every_way_to_be_called(
    world: World, setup: WebhookSetup, answer: str, secrets: tuple[str, ...] | None, subscriptions: int
) -> None:
    world.platform.webhooks = setup
    tending = replace(world.job.tending, webhook_secret_prefix="secrets/webhooks/")
    object.__setattr__(world.job, "tending", tending)
    for _ in range(2):
        assert world.do(SUBSCRIBE) == answer
    assert connection(world).cursor is not None, "polls would not know where to begin"
    place = connection(world).endpoint
    found = world.connections.get_endpoint(place) if place else None
    assert (found.secrets if found else None) == secrets
    assert len(world.platform.subscribed) == subscriptions
    for url, user, password in world.platform.subscribed.values():
        assert (user, password) == ("", "")
        assert url == f"https://hooks.example/webhooks/{CONNECTOR}" + (f"/{place}" if place else "")


def test_a_connection_that_another_job_changed_meanwhile_is_looked_at_again(world: World) -> None:
    save = world.connections.save_connection

    def conflict(one: Connection) -> Connection:
        world.connections.save_connection = save  # type: ignore[method-assign]
        raise StoreConflict("somebody else wrote first")

    world.connections.save_connection = conflict  # type: ignore[method-assign, assignment]
    assert world.do(SUBSCRIBE).startswith("again")
    [(_, again, _)] = world.queue.sent
    world.do(again)
    assert given_away(world) <= set(endpoint(world).accepted(world.clock.now()))
