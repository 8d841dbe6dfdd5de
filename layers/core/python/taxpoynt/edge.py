"""Where AWS calls us: event in, use case, answer out; verdicts by name, at least one log line a call.

Every function here takes the *factory* of a use case, so that a failing wiring is reported like a failing call.
Standard library only at import: the webhook path loads this module.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from taxpoynt import observability
from taxpoynt.errors import BadInput, Rejected, Retryable, TaxPoyntError
from taxpoynt.web import Request, Response

SaleStep = Callable[..., Mapping[str, Any]]
"""merchant, connector and sale_id by name; hold_invoice also takes `reason`, steps that are repeated their counts."""
JobStep = Callable[[Mapping[str, Any], Callable[[], float]], str]

_PLAIN = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}


def step(factory: Callable[[], SaleStep], event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One task of a state machine: ids in, ids (and what the use case answers) out.

    Step Functions matches error names exactly and knows no base classes, so the verdict itself is raised
    (`Retryable` or `Rejected`), with the leaf's name at the start of the message.
    """
    started = time.perf_counter()
    ids = {name: str(event.get(name, "")) for name in ("merchant", "connector", "sale_id")}
    outcome = "failed"
    try:
        answer = dict(factory()(**ids, **_reason(event), **_counts(event)))
        outcome = "done"
    except TaxPoyntError as error:
        outcome = type(error).__name__
        raise _verdict(error) from error
    finally:
        observability.line(factory.__name__, outcome, started, context, ids)
    return {**ids, **answer}


def _counts(event: Mapping[str, Any]) -> dict[str, int]:
    """What a machine that waits hands from one attempt to the next: which run it is, and how many turns it had."""
    return {name: int(event[name]) for name in ("run", "turn") if name in event}


def _reason(event: Mapping[str, Any]) -> dict[str, str]:
    """The leaf's name in what a Catch hands on as `cause`: Lambda's JSON, whose message `_verdict` began with it."""
    if "cause" not in event:
        return {}
    cause = str(event["cause"])
    try:
        message = str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        message = cause
    return {"reason": message.partition(":")[0][:80]}


def _verdict(error: TaxPoyntError) -> TaxPoyntError:
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, Retryable):
        return Retryable(message, retry_after=error.retry_after, request_id=error.request_id)
    return Rejected(message, request_id=error.request_id)


def batch(factory: Callable[[], JobStep], event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An SQS batch: only the ids of messages to try again are answered as failed.

    What a use case could park or put off it has dealt with and answers in a word. Anything it raises comes back and
    ends in the dead-letter queue, where the alarm is: a message nobody understood is not lost either.
    """
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    def one(record: Any) -> None:
        started = time.perf_counter()
        job: Mapping[str, Any] = {}
        outcome = "failed"
        try:
            job = _job(record.body)
            outcome = factory()(job, lambda: context.get_remaining_time_in_millis() / 1000)
        except TaxPoyntError as error:
            outcome = type(error).__name__
            raise
        finally:
            observability.line(factory.__name__, outcome, started, context, _job_ids(job))

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, one, processor, context))


def _job(body: str) -> Mapping[str, Any]:
    try:
        job = json.loads(body)
    except ValueError:
        raise BadInput("a queue message is not JSON") from None
    if not isinstance(job, dict):
        raise BadInput("a queue message is not a JSON object")
    return job


def _job_ids(job: Mapping[str, Any]) -> dict[str, str]:
    names = ("job", "id", "merchant", "connection", "connector", "resource_id")
    return {name: str(job[name]) for name in names if name in job}


def tick(factory: Callable[[], Callable[[], Mapping[str, int]]], context: Any) -> dict[str, int]:
    """A call by the scheduler: no input, counts out."""
    started = time.perf_counter()
    counts: dict[str, int] = {}
    outcome = "failed"
    try:
        counts = dict(factory()())
        outcome = "done"
    finally:
        observability.line(factory.__name__, outcome, started, context, {k: str(v) for k, v in counts.items()})
    observability.figures(factory.__name__, counts)
    return counts


def http(
    factory: Callable[[], Callable[[Request], Response]], event: Mapping[str, Any], context: Any
) -> dict[str, Any]:
    """One HTTP API call (payload 2.0). Our own errors become short answers; a defect is left to the gateway's 500."""
    started = time.perf_counter()
    outcome = "failed"
    ids = {"route": str(event.get("routeKey", "")), "request": _request_id(event)}
    try:
        response = _answered(factory, event)
        outcome = str(response.status)
        ids |= {"note": response.note} if response.note else {}
    finally:
        observability.line(factory.__name__, outcome, started, context, ids)
    return answer_of(response)


def resolve(
    factory: Callable[[], Callable[[dict[str, Any], Any], dict[str, Any]]], event: dict[str, Any], context: Any
) -> dict[str, Any]:
    """One HTTP API call for a resolver that reads the gateway's event itself (the operator's API)."""
    started = time.perf_counter()
    outcome = "failed"
    ids = {"route": str(event.get("routeKey", "")), "request": _request_id(event)}
    try:
        answer = factory()(event, context)
        outcome = str(answer.get("statusCode", ""))
    finally:
        observability.line(factory.__name__, outcome, started, context, ids)
    return answer


def _answered(factory: Callable[[], Callable[[Request], Response]], event: Mapping[str, Any]) -> Response:
    try:
        return factory()(request_of(event))
    except BadInput:
        return Response(status=400, body="not readable\n", headers=_PLAIN)
    except TaxPoyntError:
        return Response(status=503, body="not now, please try again later\n", headers=_PLAIN)


def _request_id(event: Mapping[str, Any]) -> str:
    return str(event.get("requestContext", {}).get("requestId", ""))


def request_of(event: Mapping[str, Any]) -> Request:
    """The request in an HTTP API event, payload 2.0: raw bytes, lower-case headers, cookies from list and header."""
    about = event.get("requestContext", {})
    call = about.get("http", {})
    headers = {str(name).lower(): (str(value),) for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=str(call.get("method", "")).upper(),
        path=str(event.get("rawPath") or call.get("path") or "/"),
        body=_body(event),
        headers=headers,
        query={str(k): str(v) for k, v in (event.get("queryStringParameters") or {}).items()},
        raw_query=str(event.get("rawQueryString") or ""),
        params={str(k): str(v) for k, v in (event.get("pathParameters") or {}).items()},
        cookies=_cookies(event, headers),
        route=str(event.get("routeKey", "")),
        request_id=_request_id(event),
    )


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BadInput("the gateway's base64 is broken") from None


def _cookies(event: Mapping[str, Any], headers: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """AWS gives a `cookies` list and no header; the local stage gives the header only. The first of a name counts."""
    pairs = list(event.get("cookies") or ())
    for value in headers.get("cookie", ()):
        pairs += value.split(";")
    cookies: dict[str, str] = {}
    for pair in pairs:
        name, found, value = str(pair).strip().partition("=")
        if found:
            cookies.setdefault(name, value)
    return cookies


def answer_of(response: Response) -> dict[str, Any]:
    """An HTTP API answer, payload 2.0."""
    binary = isinstance(response.body, bytes)
    body = base64.b64encode(response.body).decode() if isinstance(response.body, bytes) else response.body
    answer: dict[str, Any] = {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": body,
        "isBase64Encoded": binary,
    }
    if response.cookies:
        answer["cookies"] = list(response.cookies)
    return answer
