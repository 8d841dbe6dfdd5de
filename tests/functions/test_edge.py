"""AWS's events in, answers out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from taxpoynt import edge
from taxpoynt.errors import BadInput, FaultsFound, NrsUnavailable, Rejected, Retryable
from taxpoynt.web import Request, Response
from tests.functions.lambda_context import LambdaContext, event

IDS = {"merchant": "m_a", "connector": "pipedrive", "sale_id": "8"}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The log lines; each call's metric stands beside its line and counts the same outcome."""
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logged = [line for line in written if "_aws" not in line]
    metrics = [line for line in written if "_aws" in line]
    first_words = [line["outcome"].split(" ")[0].rstrip(":") for line in logged if "outcome" in line]
    assert [line["outcome"] for line in metrics] == first_words
    return logged


def raising(error: Exception) -> Callable[[], Callable[..., Mapping[str, Any]]]:
    def some_step() -> Callable[..., Mapping[str, Any]]:
        def run(**ids: str) -> Mapping[str, Any]:
            raise error

        return run

    return some_step


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (FaultsFound([]), Rejected),
        (BadInput("no"), Rejected),
        (NrsUnavailable("down", retry_after=7), Retryable),
        (Retryable("x"), Retryable),
    ],
)
def test_a_step_raises_the_verdict_itself_and_names_the_leaf(error: Exception, verdict: type[Exception]) -> None:
    with pytest.raises(verdict) as raised:
        edge.step(raising(error), IDS, LambdaContext())
    assert type(raised.value) is verdict
    assert str(raised.value).startswith(f"{type(error).__name__}: ")


def test_a_defect_keeps_its_own_name_so_that_no_state_machine_takes_it_for_a_verdict() -> None:
    with pytest.raises(ZeroDivisionError):
        edge.step(raising(ZeroDivisionError()), IDS, LambdaContext())


def test_a_failing_wiring_is_reported_like_a_failing_step() -> None:
    def broken() -> Callable[..., Mapping[str, Any]]:
        raise BadInput("set NRS_SECRET")

    with pytest.raises(Rejected, match="BadInput"):
        edge.step(broken, IDS, LambdaContext())


def test_a_step_answers_ids_and_logs_one_line_with_ids_only(capsys: pytest.CaptureFixture[str]) -> None:
    def convert_sale() -> Callable[..., Mapping[str, Any]]:
        return lambda **ids: {"state": "claimed"}

    answer = edge.step(convert_sale, {**IDS, "body": "secret buyer"}, LambdaContext())
    assert answer == {**IDS, "state": "claimed"}
    [line] = lines(capsys)
    assert (line["function"], line["outcome"], line["sale_id"]) == ("convert_sale", "done", "8")
    assert "secret buyer" not in json.dumps(line)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ('{"errorMessage": "FaultsFound: faults: BUYER-002", "errorType": "Rejected"}', "FaultsFound"),
        ("GaveUp", "GaveUp"),
        ('{"errorMessage": null}', "None"),
        ("[]", "[]"),
    ],
)
def test_the_reason_of_a_catch_reaches_the_use_case(cause: str, reason: str) -> None:
    seen: dict[str, str] = {}

    def hold_invoice() -> Callable[..., Mapping[str, Any]]:
        return lambda **given: seen.update(given) or {}

    edge.step(hold_invoice, {**IDS, "cause": cause}, LambdaContext())
    assert seen["reason"] == reason


def test_only_the_messages_that_failed_come_back(capsys: pytest.CaptureFixture[str]) -> None:
    done = []

    def run_sync_job() -> Callable[[Mapping[str, Any], Callable[[], float]], str]:
        def run(job: Mapping[str, Any], remaining: Callable[[], float]) -> str:
            assert remaining() == 30
            if job["connection"] == "c_boom":
                raise ZeroDivisionError
            done.append(job["id"])
            return "done"

        return run

    answer = edge.batch(run_sync_job, event("sqs_batch"), LambdaContext())
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == [
        "2e1424d4-f796-459a-8184-9c92662be6da",
        "f1a2b3c4-0000-4000-8000-000000000003",
    ]
    assert done == ["j1"]
    logged = [line for line in lines(capsys) if "function" in line]
    assert [line["outcome"] for line in logged] == ["done", "BadInput", "failed"]


def test_a_batch_that_fails_whole_comes_back_whole() -> None:
    def run_sync_job() -> Callable[[Mapping[str, Any], Callable[[], float]], str]:
        raise Retryable("no settings")

    answer = edge.batch(run_sync_job, event("sqs_batch"), LambdaContext())
    assert len(answer["batchItemFailures"]) == 3


def test_a_tick_answers_counts(capsys: pytest.CaptureFixture[str]) -> None:
    def sweep_stalled() -> Callable[[], Mapping[str, int]]:
        return lambda: {"due": 3, "driven": 2}

    assert edge.tick(sweep_stalled, LambdaContext()) == {"due": 3, "driven": 2}
    out = capsys.readouterr().out.splitlines()
    [line] = [told for text in out if (told := json.loads(text)).get("message") == "call"]
    assert (line["outcome"], line["due"]) == ("done", "3")
    figures = [told for text in out if "Due" in (told := json.loads(text))]
    assert [(told["service"], told["Due"], told["Driven"]) for told in figures] == [("sweep_stalled", [3.0], [2.0])]


def test_a_browsers_request_arrives_whole() -> None:
    request = edge.request_of(event("http_browser"))
    assert request.method == "POST"
    assert request.path == "/connect/profile"
    assert request.body == b"name=Ad\xc3\xa1\xff"
    assert request.params == {"proxy": "profile"}
    assert request.query == {"tab": "nrs,links"}
    assert request.cookies == {"session": "abc123", "theme": "dark=er", "other": "1"}
    assert request.header("Content-Type") == "application/x-www-form-urlencoded"
    assert request.header("nosuch") is None


def test_headers_are_found_whatever_their_case_and_cookies_in_the_header_alone() -> None:
    raw = event("http_browser")
    del raw["cookies"]
    raw["headers"] = {"COOKIE": "session=local", "X-Odd": "1"}
    request = edge.request_of(raw)
    assert (request.cookies, request.header("x-odd")) == ({"session": "local"}, "1")


@pytest.mark.parametrize("body", ['{"a":"ä"}', "", None])
def test_a_plain_body_becomes_its_utf8_bytes(body: str | None) -> None:
    request = edge.request_of({**event("http_webhook"), "body": body})
    assert request.body == (body or "").encode()


def test_a_gateways_broken_base64_is_400() -> None:
    def serve() -> Callable[[Request], Response]:
        return lambda request: Response(status=200)

    assert edge.http(serve, {**event("http_browser"), "body": "*"}, LambdaContext())["statusCode"] == 400


def test_an_answer_keeps_text_as_text_bytes_as_base64_and_every_cookie() -> None:
    text = edge.answer_of(Response(status=201, body="ä", headers={"x": "1"}, cookies=("a=1; HttpOnly", "b=2")))
    assert text == {
        "statusCode": 201,
        "headers": {"x": "1"},
        "body": "ä",
        "isBase64Encoded": False,
        "cookies": ["a=1; HttpOnly", "b=2"],
    }
    binary = edge.answer_of(Response(status=200, body=b"\x00\xff"))
    assert base64.b64decode(binary["body"]) == b"\x00\xff"
    assert binary["isBase64Encoded"] is True


def test_our_own_errors_are_short_answers_and_say_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def serve() -> Callable[[Request], Response]:
        raise Retryable("table connections is throttled")

    answer = edge.http(serve, event("http_webhook"), LambdaContext())
    assert (answer["statusCode"], answer["body"]) == (503, "not now, please try again later\n")
    [line] = lines(capsys)
    assert line["outcome"] == "503"


def test_a_defect_is_left_to_the_gateway_and_logged(capsys: pytest.CaptureFixture[str]) -> None:
    def serve() -> Callable[[Request], Response]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        edge.http(serve, event("http_webhook"), LambdaContext())
    assert lines(capsys)[0]["outcome"] == "failed"


def test_a_resolver_gets_the_gateways_event_as_it_is() -> None:
    def serve_api() -> Callable[[dict[str, Any], Any], dict[str, Any]]:
        return lambda raw, context: {"statusCode": 200, "body": raw["rawPath"]}

    assert edge.resolve(serve_api, event("http_browser"), LambdaContext())["body"] == "/connect/profile"
