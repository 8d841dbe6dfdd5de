"""Faults on order: what a caller sees, and whether the work was done."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.kit import running
from tests.unit.sandbox.test_kit.echo import EchoSandbox


@pytest.fixture(name="sandbox")
def _sandbox() -> EchoSandbox:
    return EchoSandbox({"words": {"old": 1}})


@pytest.fixture(name="url")
def _url(sandbox: EchoSandbox) -> Iterator[str]:
    with running(sandbox) as url:
        yield url


def order(url: str, *faults: dict[str, Any], random_seed: int | None = None) -> None:
    answer = requests.post(f"{url}/_control/faults", json={"faults": faults, "random_seed": random_seed}, timeout=5)
    assert answer.status_code == 200, answer.text


def say(url: str, word: str = "hello", timeout: float = 5) -> requests.Response:
    return requests.post(f"{url}/say/{word}", timeout=timeout)


def test_an_ordered_status_comes_instead_of_the_work_as_often_as_ordered(sandbox: EchoSandbox, url: str) -> None:
    order(
        url, {"kind": "status", "status": 503, "body": {"message": "later"}, "times": 2, "headers": {"X-Why": "test"}}
    )
    answers = [say(url) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].json() == {"message": "later"}
    assert answers[0].headers["X-Why"] == "test"
    assert sandbox.words == {"old": 1, "hello": 1}


def test_a_dropped_connection_gives_no_answer_and_does_no_work(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "drop_before"})
    with pytest.raises(requests.ConnectionError):
        say(url)
    assert "hello" not in sandbox.words


def test_a_drop_after_commit_does_the_work_and_gives_no_answer(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "drop_after_commit"})
    with pytest.raises(requests.ConnectionError):
        say(url)
    assert sandbox.words["hello"] == 1
    assert say(url).status_code == 200


def test_a_status_after_commit_hides_that_the_work_was_done(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "status_after_commit", "status": 502})
    assert say(url).status_code == 502
    assert sandbox.words["hello"] == 1


def test_a_truncated_body_breaks_off_in_the_middle(url: str) -> None:
    order(url, {"kind": "truncate_body"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        say(url)


def test_a_delay_outlasts_an_impatient_caller_and_the_work_is_done_all_the_same(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "delay_after_commit", "seconds": 1})
    with pytest.raises(requests.ReadTimeout):
        say(url, timeout=0.2)
    assert sandbox.words["hello"] == 1


def test_a_delay_can_go_together_with_another_fault(url: str) -> None:
    order(url, {"kind": "delay", "seconds": 0.2}, {"kind": "status", "status": 418})
    begin = time.monotonic()
    assert say(url).status_code == 418
    assert time.monotonic() - begin >= 0.2


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("expired_token", 401)])
def test_platform_words_for_limits_and_expired_tokens(url: str, kind: str, status: int) -> None:
    order(url, {"kind": kind})
    assert say(url).status_code == status


def test_a_fault_hits_only_the_method_and_path_it_names(url: str) -> None:
    order(url, {"kind": "status", "status": 500, "match": {"method": "post", "path": "/say/b[ao]"}, "times": None})
    answers = {word: say(url, word).status_code for word in ("ba", "bo", "bi")}
    assert answers == {"ba": 500, "bo": 500, "bi": 200}


def test_a_rate_with_a_seed_hits_the_same_requests_in_every_run(url: str) -> None:
    def run() -> list[int]:
        requests.delete(f"{url}/_control/faults", timeout=5)
        order(url, {"kind": "status", "status": 500, "rate": 0.5, "times": None}, random_seed=7)
        return [say(url).status_code for _ in range(20)]

    first = run()
    assert first == run()
    assert set(first) == {200, 500}


def test_faults_never_touch_the_control_routes(url: str) -> None:
    order(url, {"kind": "drop_before", "times": None})
    assert requests.get(f"{url}/_control/health", timeout=5).json()["ok"] is True
    requests.delete(f"{url}/_control/faults", timeout=5)
    assert say(url).status_code == 200


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "explode"}, "unknown kind 'explode'"),
        ({"kind": "status", "status": 1000}, '"status"'),
        ({"kind": "delay", "seconds": 1e6}, '"seconds"'),
        ({"kind": "delay", "when": "now"}, "unknown key in fault: when"),
        ({"kind": "status", "match": {"url": "/"}}, "unknown key in match: url"),
        ({"kind": "status", "match": {"path": "("}}, "not a regular expression"),
        ({"kind": "status", "times": 0}, '"times"'),
        ({"kind": "status", "rate": 2}, '"rate"'),
        ("status", "a fault is an object"),
    ],
)
def test_a_wrong_order_is_refused_with_its_reason_and_changes_nothing(url: str, fault: Any, words: str) -> None:
    answer = requests.post(f"{url}/_control/faults", json=[{"kind": "drop_before"}, fault], timeout=5)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert say(url).status_code == 200


def test_a_platforms_own_fault_kinds_can_be_ordered_and_taken_once(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "strange"})
    assert sandbox.faults.take(frozenset({"strange"})) is not None
    assert sandbox.faults.take(frozenset({"strange"})) is None


def test_work_done_late_is_answered_otherwise_first(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "late_commit", "status": 503, "body": {"message": "later"}, "seconds": 0.2})
    assert say(url).status_code == 503
    assert "hello" not in sandbox.words
    eventually(lambda: "hello" in sandbox.words)
    assert sandbox.log.read()[-1]["fault"] == "done late"


def test_work_done_late_after_a_cut_does_not_outlive_a_reset(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "late_commit_drop", "seconds": 0.1}, {"kind": "late_commit_drop", "seconds": 0.3})
    with pytest.raises(requests.ConnectionError):
        say(url, "first")
    with pytest.raises(requests.ConnectionError):
        say(url, "second")
    eventually(lambda: "first" in sandbox.words)
    sandbox.reset()
    say(url)
    assert not sandbox.stopping.wait(0.4)
    assert sandbox.words == {"old": 1, "hello": 1}


def test_half_a_json_text_comes_with_the_length_it_has(sandbox: EchoSandbox, url: str) -> None:
    order(url, {"kind": "half_json"})
    answer = say(url)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer.json()
    assert sandbox.words["hello"] == 1


def test_a_dripping_answer_is_whole_in_the_end(url: str) -> None:
    order(url, {"kind": "drip", "seconds": 0.4})
    started = time.monotonic()
    assert say(url).json()["word"] == "hello"
    assert time.monotonic() - started >= 0.35


def test_the_book_tells_how_often_each_kind_has_hit(url: str) -> None:
    order(url, {"kind": "status", "times": 2}, {"kind": "delay", "seconds": 0})
    say(url), say(url), say(url)
    assert requests.get(f"{url}/_control/faults", timeout=5).json() == {"faults": [], "used": {"status": 2, "delay": 1}}


def test_an_outage_refuses_connections_and_ends_by_itself(sandbox: EchoSandbox, url: str) -> None:
    with requests.Session() as session:
        session.post(f"{url}/say/before", timeout=5)
        assert session.post(f"{url}/_control/outage", json={"seconds": 0.3}, timeout=5).ok
        with pytest.raises(requests.ConnectionError):
            session.post(f"{url}/say/meanwhile", timeout=5)  # an open connection is no way round it

    def back() -> bool:
        try:
            return say(url, "after").ok
        except requests.ConnectionError:
            return False

    eventually(back)
    assert set(sandbox.words) == {"old", "before", "after"}


def eventually(met: Callable[[], bool]) -> None:
    """Polls for at most five seconds."""
    end = time.monotonic() + 5
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)
