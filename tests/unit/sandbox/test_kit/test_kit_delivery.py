"""The courier on a clock that only the test moves."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.sandbox.kit import Clock, Courier, DeliveryPolicy, FaultBook, Outgoing
from tests.unit.sandbox.receiver import Receiver, receiving

POLICY = DeliveryPolicy(
    timeout_seconds=0.3,
    retry_delays=(3, 30, 150),
    ban_after=10,
    ban_seconds=1800,
    remove_after_seconds=3 * 86400,
    workers=1,  # one after another, so that the order of arrival can be asserted
)
DAY = 86400


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(name="courier")
def _courier() -> Iterator[Courier]:
    courier = Courier(Clock(datetime(2026, 5, 15, 12, tzinfo=UTC)), FaultBook(), POLICY)
    yield courier
    courier.stop()


def parcel(receiver: Receiver, text: str) -> Callable[[int], Outgoing]:
    return lambda attempt: Outgoing(receiver.url + "/hook", {"X-Try": str(attempt)}, text.encode())


def send(courier: Courier, receiver: Receiver, text: str = "event", subscriber: str = "s1") -> None:
    courier.send(subscriber, "change.deal", parcel(receiver, text))
    assert courier.settle()


def arrived(receiver: Receiver) -> list[tuple[str, str]]:
    return [(arrival.body.decode(), arrival.headers["X-Try"]) for arrival in receiver.arrivals]


def outcomes(courier: Courier) -> list[str]:
    return [entry["outcome"] for entry in courier.log.read()]


def test_a_delivery_that_is_taken_is_made_once(courier: Courier, receiver: Receiver) -> None:
    send(courier, receiver)
    courier.clock.advance(DAY)
    assert courier.settle()
    assert arrived(receiver) == [("event", "1")]
    assert outcomes(courier) == ["delivered"]


def test_retries_come_after_3_30_and_150_seconds_and_then_no_more(courier: Courier, receiver: Receiver) -> None:
    receiver.status = 500
    send(courier, receiver)
    for pause, expected in ((2.9, 1), (1, 2), (28, 2), (2, 3), (148, 3), (2, 4), (10_000, 4)):
        courier.clock.advance(pause)
        assert courier.settle()
        assert len(receiver.arrivals) == expected
    assert [attempt for _, attempt in arrived(receiver)] == ["1", "2", "3", "4"]
    assert outcomes(courier) == ["failed", "failed", "failed", "failed for good"]


def test_a_success_ends_the_retries(courier: Courier, receiver: Receiver) -> None:
    receiver.statuses = [503, 204]
    send(courier, receiver)
    courier.clock.advance(1000)
    assert courier.settle()
    assert outcomes(courier) == ["failed", "delivered"]
    assert courier.pending() == 0


def test_the_retry_scale_shortens_the_pauses(receiver: Receiver) -> None:
    courier = Courier(Clock(), FaultBook(), POLICY, retry_scale=0.001)
    receiver.status = 500
    courier.send("s1", "change.deal", parcel(receiver, "event"))
    end = datetime.now(UTC).timestamp() + 5
    while courier.pending() and datetime.now(UTC).timestamp() < end:
        courier.settle(0.1)
    courier.stop()
    assert [attempt for _, attempt in arrived(receiver)] == ["1", "2", "3", "4"]


def test_one_long_jump_of_the_clock_brings_every_retry_that_falls_into_it(courier: Courier, receiver: Receiver) -> None:
    receiver.status = 500
    send(courier, receiver)
    courier.clock.advance(190)
    assert courier.settle()
    assert len(receiver.arrivals) == 4


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 410, 500])
def test_anything_but_2xx_is_a_failure_and_redirects_are_not_followed(
    courier: Courier, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    send(courier, receiver)
    assert [arrival.path for arrival in receiver.arrivals] == ["/hook"]
    assert outcomes(courier) == ["failed"]


def test_an_answer_after_the_deadline_is_a_failure(courier: Courier, receiver: Receiver) -> None:
    receiver.pause = 0.5
    send(courier, receiver)
    entry = courier.log.read()[0]
    assert (entry["status"], entry["error"], entry["outcome"]) == (None, "ReadTimeout", "failed")


def test_nobody_listening_is_a_failure(courier: Courier) -> None:
    courier.send("s1", "change.deal", lambda _attempt: Outgoing("http://127.0.0.1:1/", {}, b""))
    assert courier.settle()
    assert courier.log.read()[0]["error"] == "ConnectionError"


def test_ten_failed_first_attempts_ban_for_30_minutes_and_events_in_it_are_lost(
    courier: Courier, receiver: Receiver
) -> None:
    receiver.status = 500
    for number in range(10):
        send(courier, receiver, f"event {number}")
    assert outcomes(courier)[-1] == "failed, banned"
    receiver.status = 200
    receiver.arrivals.clear()
    send(courier, receiver, "in the ban")
    assert outcomes(courier)[-1] == "lost: the subscription is banned"
    courier.clock.advance(29 * 60)
    assert courier.settle()
    send(courier, receiver, "still in the ban")
    courier.clock.advance(61)
    assert courier.settle()
    send(courier, receiver, "after the ban")
    assert arrived(receiver) == [("after the ban", "1")]


def test_failed_retries_do_not_count_towards_the_ban(courier: Courier, receiver: Receiver) -> None:
    receiver.status = 500
    for _ in range(9):
        send(courier, receiver)
        courier.clock.advance(1000)
        assert courier.settle()
    assert len(receiver.arrivals) == 36
    assert courier.health("s1").banned_until is None
    send(courier, receiver)
    assert courier.health("s1").banned_until is not None


def test_a_ban_is_for_one_subscription_only(courier: Courier, receiver: Receiver) -> None:
    receiver.status = 500
    for _ in range(10):
        send(courier, receiver)
    receiver.status = 200
    send(courier, receiver, "other", subscriber="s2")
    assert outcomes(courier)[-1] == "delivered"


def test_three_days_without_a_success_remove_the_subscription(courier: Courier, receiver: Receiver) -> None:
    removed: list[str] = []
    courier.on_removed = removed.append
    receiver.status = 500
    for _ in range(3):
        assert removed == []
        send(courier, receiver)
        courier.clock.advance(DAY)
        assert courier.settle()
    assert removed == ["s1"]
    assert courier.pending() == 0


def test_one_success_starts_the_three_days_again(courier: Courier, receiver: Receiver) -> None:
    removed: list[str] = []
    courier.on_removed = removed.append
    for status in (500, 500, 200, 500, 500):
        receiver.status = status
        send(courier, receiver)
        courier.clock.advance(DAY)
        assert courier.settle()
    assert removed == []


def test_a_duplicate_is_the_same_event_twice(courier: Courier, receiver: Receiver) -> None:
    courier.faults.add([{"kind": "duplicate_webhook", "match": {"topic": "change.deal"}}])
    send(courier, receiver, "twice")
    send(courier, receiver, "once")
    assert arrived(receiver) == [("twice", "1"), ("twice", "1"), ("once", "1")]


def test_a_reordered_event_arrives_after_the_next_one(courier: Courier, receiver: Receiver) -> None:
    courier.faults.add([{"kind": "reorder_webhooks"}])
    for text in ("first", "second", "third"):
        send(courier, receiver, text)
    assert [text for text, _ in arrived(receiver)] == ["second", "first", "third"]


def test_a_reordered_event_without_a_next_one_arrives_late(courier: Courier, receiver: Receiver) -> None:
    courier.faults.add([{"kind": "reorder_webhooks", "seconds": 60}])
    send(courier, receiver, "only")
    assert arrived(receiver) == []
    courier.clock.advance(60)
    assert courier.settle()
    assert arrived(receiver) == [("only", "1")]


def test_a_dropped_event_never_arrives_and_a_delayed_one_does_later(courier: Courier, receiver: Receiver) -> None:
    courier.faults.add([{"kind": "drop_webhook"}])
    send(courier, receiver, "lost")
    courier.faults.add([{"kind": "delay_webhook", "seconds": 100}])
    send(courier, receiver, "late")
    assert arrived(receiver) == []
    courier.clock.advance(100)
    assert courier.settle()
    assert arrived(receiver) == [("late", "1")]
    assert outcomes(courier) == ["lost: fault on order: drop_webhook", "delivered"]


def test_more_than_the_queue_holds_is_lost_not_kept_for_ever(receiver: Receiver) -> None:
    policy = DeliveryPolicy(max_pending=2, workers=0)
    courier = Courier(Clock(), FaultBook(), policy)
    for _ in range(3):
        courier.send("s1", "change.deal", parcel(receiver, "event"))
    assert courier.pending() == 2
    assert outcomes(courier) == ["lost: too many deliveries wait"]


def test_a_final_status_is_not_tried_again(receiver: Receiver) -> None:
    policy = DeliveryPolicy(retry_delays=(1,), final_statuses=frozenset({404}), workers=1)
    courier = Courier(Clock(datetime(2026, 5, 15, tzinfo=UTC)), FaultBook(), policy)
    receiver.status = 404
    send(courier, receiver)
    assert outcomes(courier) == ["failed for good"]
    courier.stop()


def test_the_log_of_deliveries_shows_bodies_but_no_passwords(courier: Courier, receiver: Receiver) -> None:
    headers = {"Authorization": "Basic c2VjcmV0", "Content-Type": "application/json"}
    body = json.dumps({"meta": {"id": "1"}}).encode()
    courier.send("s1", "change.deal", lambda _attempt: Outgoing(receiver.url, headers, body))
    assert courier.settle()
    entry = courier.log.read()[0]
    assert entry["body"] == {"meta": {"id": "1"}}
    assert "c2VjcmV0" not in str(entry)


def test_a_silenced_subscription_loses_its_backlog_and_its_events_until_it_is_over(
    courier: Courier, receiver: Receiver
) -> None:
    receiver.statuses = [500, 500]
    send(courier, receiver, "first")
    send(courier, receiver, "second", "s2")
    assert (courier.waiting("s1"), courier.waiting("s2")) == (1, 1)
    courier.silence("s1", 60)
    assert (courier.waiting("s1"), courier.waiting("s2")) == (0, 1)
    send(courier, receiver, "lost")
    courier.clock.advance(60)
    send(courier, receiver, "third")
    assert sorted(arrived(receiver)) == [("first", "1"), ("second", "1"), ("second", "2"), ("third", "1")]
