"""Control routes, the request log, and the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from tests.sandbox.kit import Clock, digest, running
from tests.unit.sandbox.test_kit.echo import EchoSandbox

NOON = datetime(2026, 5, 15, 12, tzinfo=UTC)


@pytest.fixture(name="url")
def _url() -> Iterator[str]:
    with running(EchoSandbox({"words": {"old": 1}}, Clock(NOON))) as url:
        yield url


def control(url: str, method: str, path: str, body: object = None) -> requests.Response:
    return requests.request(method, f"{url}/_control{path}", json=body, timeout=5)


def test_a_seed_is_merged_and_a_reset_goes_back_to_the_first_one(url: str) -> None:
    assert control(url, "POST", "/seed", {"words": {"new": 2}}).status_code == 200
    assert control(url, "GET", "/state").json() == {"words": {"old": 1, "new": 2}}
    control(url, "POST", "/clock", {"advance_seconds": 60})
    control(url, "POST", "/faults", {"kind": "drop_before"})
    assert control(url, "POST", "/reset").status_code == 200
    assert control(url, "GET", "/state").json() == {"words": {"old": 1}}
    assert control(url, "GET", "/faults").json() == {"faults": [], "used": {}}
    assert control(url, "GET", "/clock").json() == {"now": NOON.isoformat()}


def test_a_reset_can_bring_its_own_seed(url: str) -> None:
    control(url, "POST", "/reset", {"seed": {"words": {"other": 5}}})
    assert control(url, "GET", "/state").json() == {"words": {"other": 5}}


def test_the_clock_stands_still_when_frozen_and_goes_forward_only(url: str) -> None:
    assert control(url, "POST", "/clock", {"advance_seconds": 90.5}).json() == {
        "now": "2026-05-15T12:01:30.500000+00:00"
    }
    assert control(url, "POST", "/clock", {"advance_seconds": -1}).status_code == 400
    assert control(url, "GET", "/health").json()["now"] == "2026-05-15T12:01:30.500000+00:00"


def test_an_unfrozen_clock_ticks_with_an_offset() -> None:
    clock = Clock()
    before = datetime.now(UTC)
    clock.advance(3600)
    assert 3600 <= (clock.now() - before).total_seconds() < 3660
    clock.reset()
    assert (clock.now() - before).total_seconds() < 60


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "/clock", {"seconds": 3}, "unknown key: seconds"),
        ("POST", "/clock", {"advance_seconds": "3"}, "must be a number"),
        ("POST", "/clock", {"advance_seconds": True}, "must be a number"),
        ("POST", "/clock", [1], "JSON object"),
        ("POST", "/seed", {"word": {}}, "unknown key in the echo seed"),
        ("POST", "/faults", "x", "one fault, a list"),
        ("GET", "/log?since=yesterday", None, '"since"'),
        ("GET", "/log?pth=/", None, "unknown query parameter: pth"),
        ("POST", "/shout", {}, "shout what?"),
    ],
)
def test_a_wrong_control_call_says_what_was_wrong_with_it(
    url: str, method: str, path: str, body: object, words: str
) -> None:
    answer = control(url, method, path, body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_an_unknown_control_call_is_named(url: str) -> None:
    answer = control(url, "GET", "/nothing")
    assert (answer.status_code, answer.json()) == (404, {"error": "no such control call: GET /_control/nothing"})


def test_the_log_keeps_what_was_asked_and_why_it_was_refused(url: str) -> None:
    requests.post(f"{url}/say/yes?lang=ig", json={"loud": True}, timeout=5)
    requests.post(f"{url}/say/no", timeout=5)
    requests.get(f"{url}/nowhere", timeout=5)
    entries = control(url, "GET", "/log").json()["entries"]
    assert [(entry["n"], entry["method"], entry["path"], entry["status"]) for entry in entries] == [
        (1, "POST", "/say/yes", 200),
        (2, "POST", "/say/no", 422),
        (3, "GET", "/nowhere", 404),
    ]
    assert entries[0]["query"] == {"lang": ["ig"]}
    assert entries[0]["body"] == {"loud": True}
    assert entries[0]["at"] == NOON.isoformat()
    assert entries[0]["verdict"] == "answered"
    assert entries[1]["verdict"] == "refused because the word is no"


def test_the_log_can_be_read_from_a_number_on_and_by_path(url: str) -> None:
    for word in ("a", "b", "c"):
        requests.post(f"{url}/say/{word}", timeout=5)
    newer = control(url, "GET", "/log?since=1&path=/say/[bc]").json()
    assert [entry["path"] for entry in newer["entries"]] == ["/say/b", "/say/c"]
    assert newer["last"] == 3
    assert control(url, "GET", "/log?method=GET").json()["entries"] == []


def test_secrets_are_logged_as_digests_that_tell_two_of_them_apart(url: str) -> None:
    headers = {"Authorization": "Bearer top", "X-API-Key": "key-1", "Cookie": "a=b"}
    form = {"client_secret": "hush", "code": "c0de", "grant_type": "authorization_code"}
    requests.post(f"{url}/say/x", headers=headers, data=form, timeout=5)
    requests.post(f"{url}/say/x", json={"http_auth_password": "pw", "code": "NG-AB"}, timeout=5)
    first, second = control(url, "GET", "/log").json()["entries"]
    assert first["headers"]["authorization"] == f"Bearer {digest('top')}"
    assert first["headers"]["x-api-key"] == digest("key-1")
    assert first["headers"]["cookie"] == digest("a=b")
    assert first["body"]["client_secret"] == [digest("hush")]
    assert first["body"]["code"] == [digest("c0de")]
    assert first["body"]["grant_type"] == ["authorization_code"]
    assert second["body"] == {"http_auth_password": digest("pw"), "code": "NG-AB"}


def test_a_body_that_is_not_text_does_not_stop_the_log(url: str) -> None:
    requests.post(f"{url}/say/x", data=b"\xff\xfe", timeout=5)
    assert control(url, "GET", "/log").json()["entries"][0]["body"] == "\ufffd\ufffd"
