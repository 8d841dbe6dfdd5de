"""Every error that the platforms' references document, and what it means to us."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_limits import Limits
from taxpoynt.connector_kit.template_records import VerdictOverride
from taxpoynt.connector_kit.verdicts import HttpAnswer, kind_of, pause_of, raise_for
from taxpoynt.errors import (
    NeedsReauthorisation,
    NotFound,
    PlatformRefused,
    PlatformUnavailable,
    RateLimited,
    Retryable,
    TaxPoyntError,
)
from tests.unit.connector_kit.parts import NOW

OVERRIDES: dict[str, list[dict[str, Any]]] = {
    "pipedrive": [one.model_dump() for one in template("pipedrive").verdicts],
    "hubspot": [
        {"status": 429, "when": "policyName == 'DAILY'", "verdict": "rate_limited", "wait_seconds": 900},
        {"status": 429, "when": "policyName == 'TEN_SECONDLY_ROLLING'", "verdict": "rate_limited", "wait_seconds": 10},
        {"status": 429, "when": "policyName == 'SECONDLY'", "verdict": "rate_limited", "wait_seconds": 1},
        {"status": 423, "verdict": "unavailable", "wait_seconds": 2},
        {"status": 477, "verdict": "unavailable"},
    ],
    "salesforce": [
        {"when": "contains([].errorCode, 'REQUEST_LIMIT_EXCEEDED')", "verdict": "rate_limited", "wait_seconds": 900},
        {"when": "contains([].errorCode, 'QUERY_TIMEOUT')", "verdict": "unavailable"},
        {
            "status": 401,
            "when": "contains([].message, 'This session is not valid for use with the REST API')",
            "verdict": "ended",
        },
        {
            "status": 401,
            "when": "contains([].message, 'Connected app is not attached to Agent')",
            "verdict": "ended",
        },
        {"status": 403, "content_type": "text/html", "verdict": "unavailable"},
    ],
    "square": [
        {"when": "contains(errors[].code, 'ACCESS_TOKEN_REVOKED')", "verdict": "ended"},
        {"when": "contains(errors[].code, 'CLIENT_DISABLED')", "verdict": "ended"},
        {"when": "contains(errors[].category, 'RATE_LIMIT_ERROR')", "verdict": "rate_limited"},
    ],
    # Its token is the app's, not the restaurant's: 403 means that the restaurant took its consent back.
    "toast": [{"status": 403, "verdict": "ended"}],
    "lightspeed_r": [],
    "lightspeed_x": [],
}
"""What a template of each platform says; the rest is the kit's own table."""


def spec(platform: str) -> Template:
    limits = template("pipedrive").limits if platform == "pipedrive" else Limits()
    verdicts = tuple(VerdictOverride(**one) for one in OVERRIDES[platform])
    return template("pipedrive").model_copy(update={"verdicts": verdicts, "limits": limits})


def salesforce(code: str, message: str = "…") -> list[dict[str, Any]]:
    return [{"message": message, "errorCode": code}]


def square(category: str, code: str) -> dict[str, Any]:
    return {"errors": [{"category": category, "code": code, "detail": "…"}]}


def hubspot(policy: str) -> dict[str, Any]:
    return {"status": "error", "errorType": "RATE_LIMIT", "policyName": policy, "correlationId": "c"}


HTML = b"<html>error</html>"
DATE = {"retry-after": "Sat, 16 May 2026 08:00:30 GMT"}
R_LIMIT = {"retry-after": "3", "x-ls-api-ratelimit-type": "api-leaky-bucket", "x-ls-api-bucket-level": "91.5/90"}
DAY_IS_OVER = {"x-ratelimit-reset": "2", "x-daily-ratelimit-token-remaining": "0"}

TABLE: list[tuple[str, int, Any, Mapping[str, str], type[TaxPoyntError] | None, float | None]] = [
    # platform, status, body, headers, error, seconds to wait
    ("pipedrive", 400, {"success": False, "errorCode": 400, "error_info": "…"}, {}, PlatformRefused, None),
    ("pipedrive", 401, {"success": False, "error": "unauthorized access"}, {}, NeedsReauthorisation, None),
    ("pipedrive", 402, {"success": False, "error": "…", "code": "FEATURE"}, {}, PlatformRefused, None),
    ("pipedrive", 403, {"success": False, "error": "…", "code": "ERR_SCOPE"}, {}, PlatformRefused, None),
    ("pipedrive", 403, HTML, {"content-type": "text/html; charset=UTF-8"}, RateLimited, 2),
    ("pipedrive", 404, {"success": False, "error": "Deal not found"}, {}, NotFound, None),
    ("pipedrive", 429, {"success": False}, {"x-ratelimit-reset": "2"}, RateLimited, 2),
    ("pipedrive", 429, {"success": False}, DAY_IS_OVER, RateLimited, 16 * 3600),
    ("pipedrive", 400, {"status": "error", "errors": {"subscription_url": ["invalid"]}}, {}, PlatformRefused, None),
    ("hubspot", 400, {"status": "error", "category": "VALIDATION_ERROR"}, {}, PlatformRefused, None),
    ("hubspot", 401, {"status": "error", "category": "EXPIRED_AUTHENTICATION"}, {}, NeedsReauthorisation, None),
    ("hubspot", 401, {"status": "error", "category": "INVALID_AUTHENTICATION"}, {}, NeedsReauthorisation, None),
    ("hubspot", 403, {"status": "error", "category": "MISSING_SCOPES"}, {}, PlatformRefused, None),
    ("hubspot", 404, {"status": "error", "category": "OBJECT_NOT_FOUND"}, {}, NotFound, None),
    ("hubspot", 423, {"status": "error", "message": "locked"}, {}, PlatformUnavailable, 2),
    ("hubspot", 429, hubspot("TEN_SECONDLY_ROLLING"), {}, RateLimited, 10),
    ("hubspot", 429, hubspot("SECONDLY"), {}, RateLimited, 1),
    ("hubspot", 429, hubspot("DAILY"), {}, RateLimited, 900),
    ("hubspot", 429, hubspot("DAILY"), {"retry-after": "17"}, RateLimited, 17),
    ("hubspot", 477, {"status": "error", "message": "migrating"}, {"retry-after": "86400"}, PlatformUnavailable, 86400),
    ("hubspot", 502, HTML, {"content-type": "text/html"}, PlatformUnavailable, None),
    ("hubspot", 521, b"", {}, PlatformUnavailable, None),
    ("hubspot", 524, b"", {}, PlatformUnavailable, None),
    ("hubspot", 207, {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [{}]}, {}, None, None),
    ("salesforce", 401, salesforce("INVALID_SESSION_ID", "Session expired or invalid"), {}, NeedsReauthorisation, None),
    ("salesforce", 403, salesforce("REQUEST_LIMIT_EXCEEDED"), {}, RateLimited, 900),
    ("salesforce", 503, salesforce("REQUEST_LIMIT_EXCEEDED"), {}, RateLimited, 900),
    ("salesforce", 403, salesforce("API_DISABLED_FOR_ORG"), {}, PlatformRefused, None),
    ("salesforce", 403, salesforce("INSUFFICIENT_ACCESS"), {}, PlatformRefused, None),
    ("salesforce", 400, salesforce("MALFORMED_QUERY"), {}, PlatformRefused, None),
    ("salesforce", 400, salesforce("INVALID_FIELD"), {}, PlatformRefused, None),
    ("salesforce", 400, salesforce("INVALID_TYPE"), {}, PlatformRefused, None),
    ("salesforce", 400, salesforce("INVALID_QUERY_LOCATOR"), {}, PlatformRefused, None),
    ("salesforce", 400, salesforce("QUERY_TIMEOUT"), {}, PlatformUnavailable, None),
    ("salesforce", 404, salesforce("NOT_FOUND"), {}, NotFound, None),
    ("salesforce", 500, salesforce("UNKNOWN_EXCEPTION"), {}, PlatformUnavailable, None),
    ("salesforce", 503, HTML, {"content-type": "text/html"}, PlatformUnavailable, None),
    ("salesforce", 403, HTML, {"content-type": "text/html"}, PlatformUnavailable, None),
    ("salesforce", 400, {"error": "invalid_request", "error_description": "…"}, {}, PlatformRefused, None),
    ("square", 401, square("AUTHENTICATION_ERROR", "ACCESS_TOKEN_EXPIRED"), {}, NeedsReauthorisation, None),
    ("square", 401, square("AUTHENTICATION_ERROR", "UNAUTHORIZED"), {}, NeedsReauthorisation, None),
    ("square", 403, square("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES"), {}, PlatformRefused, None),
    ("square", 403, square("AUTHENTICATION_ERROR", "FORBIDDEN"), {}, PlatformRefused, None),
    ("square", 404, square("INVALID_REQUEST_ERROR", "NOT_FOUND"), {}, NotFound, None),
    ("square", 400, square("INVALID_REQUEST_ERROR", "INVALID_CURSOR"), {}, PlatformRefused, None),
    ("square", 429, square("RATE_LIMIT_ERROR", "RATE_LIMITED"), {}, RateLimited, 2),
    ("square", 429, square("RATE_LIMIT_ERROR", "RATE_LIMITED"), {"retry-after": "5"}, RateLimited, 5),
    ("square", 503, square("API_ERROR", "SERVICE_UNAVAILABLE"), {}, PlatformUnavailable, None),
    ("square", 504, square("API_ERROR", "GATEWAY_TIMEOUT"), {}, PlatformUnavailable, None),
    ("square", 500, square("API_ERROR", "INTERNAL_SERVER_ERROR"), {}, PlatformUnavailable, None),
    ("toast", 401, {"status": 401, "code": 10010, "message": "…", "requestId": "r"}, {}, NeedsReauthorisation, None),
    ("toast", 403, {"status": 403, "code": 10012, "message": "…", "requestId": "r"}, {}, NeedsReauthorisation, None),
    ("toast", 404, {"status": 404, "message": "…"}, {}, NotFound, None),
    ("toast", 413, {"status": 413, "message": "too many checks"}, {}, PlatformRefused, None),
    ("toast", 415, {"status": 415}, {}, PlatformRefused, None),
    ("toast", 429, {"status": 429}, {"retry-after": "40"}, RateLimited, 40),
    ("toast", 500, {"status": 500, "canRetry": True}, {}, PlatformUnavailable, None),
    ("lightspeed_r", 400, {"httpCode": "400", "httpMessage": "Bad Request", "message": "…"}, {}, PlatformRefused, None),
    ("lightspeed_r", 401, {"message": "Access token could not be verified"}, {}, NeedsReauthorisation, None),
    ("lightspeed_r", 403, {"httpCode": "403"}, {}, PlatformRefused, None),
    ("lightspeed_r", 404, {"httpCode": "404"}, {}, NotFound, None),
    ("lightspeed_r", 405, b"", {}, PlatformRefused, None),
    ("lightspeed_r", 409, b"", {}, PlatformRefused, None),
    ("lightspeed_r", 422, b"", {}, PlatformRefused, None),
    ("lightspeed_r", 429, {"httpCode": "429"}, R_LIMIT, RateLimited, 3),
    ("lightspeed_r", 500, b"memory", {}, PlatformUnavailable, None),
    ("lightspeed_r", 502, HTML, {"content-type": "text/html"}, PlatformUnavailable, None),
    ("lightspeed_r", 503, b"", {}, PlatformUnavailable, None),
    ("lightspeed_x", 401, {"error": "…", "message": "…"}, {}, NeedsReauthorisation, None),
    ("lightspeed_x", 404, {"error": "…"}, {}, NotFound, None),
    ("lightspeed_x", 409, {"error": "a webhook with this type and url exists"}, {}, PlatformRefused, None),
    ("lightspeed_x", 429, {"error": "Too Many Requests", "message": "Rate limiting enforced"}, DATE, RateLimited, 30),
    ("lightspeed_x", 500, {"error": "…"}, {}, PlatformUnavailable, None),
]  # fmt: skip


def answer(status: int, body: Any, headers: Mapping[str, str]) -> HttpAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status, {"content-type": "application/json", **headers}, content)


@pytest.mark.parametrize(("platform", "status", "body", "headers", "error", "wait"), TABLE)
def test_a_documented_answer_means_what_the_reference_says(
    platform: str,
    status: int,
    body: Any,
    headers: Mapping[str, str],
    error: type[TaxPoyntError] | None,
    wait: float | None,
) -> None:
    given, about = answer(status, body, headers), spec(platform)
    if error is None:
        raise_for(given, about, what="GET /x", now=NOW)
        return
    with pytest.raises(error) as caught:
        raise_for(given, about, what="GET /x", now=NOW)
    assert type(caught.value) is error or error is PlatformRefused
    told = caught.value.retry_after if isinstance(caught.value, Retryable) else None
    assert told == wait
    assert pause_of(given, about, NOW) == (wait or 0.0)


@pytest.mark.parametrize(
    ("platform", "body"),
    [
        ("square", square("AUTHENTICATION_ERROR", "ACCESS_TOKEN_REVOKED")),
        ("square", square("AUTHENTICATION_ERROR", "CLIENT_DISABLED")),
        ("salesforce", salesforce("INVALID_SESSION_ID", "This session is not valid for use with the REST API")),
        ("salesforce", salesforce("INVALID_SESSION_ID", "Connected app is not attached to Agent")),
    ],
)
def test_a_grant_that_ended_is_not_refreshed_in_vain(platform: str, body: Any) -> None:
    assert kind_of(answer(401, body, {}), spec(platform)) == "ended"


# --- waits that the body states, junk ----------------------------------------------------------------------------


def stated(body: Any, **override: Any) -> float | None:
    rule = VerdictOverride(status=429, verdict="rate_limited", **override)
    about = template("pipedrive").model_copy(update={"verdicts": (rule,), "limits": Limits()})
    with pytest.raises(RateLimited) as caught:
        raise_for(answer(429, body, {}), about, what="GET /x", now=NOW)
    return caught.value.retry_after


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"retry": 7}, 7),
        ({"retry": "7.5"}, 7.5),
        ({"retry": 1.25}, 1.25),
        ({"retry": -7}, 4),
        ({"retry": True}, 4),
        ({"retry": "soon"}, 4),
        ({"retry": 10**9}, 4),
        ({}, 4),
        (b"<html>", 4),
        (b'{"retry":' + b" " * 300_000 + b"7}", 4),
    ],
)
def test_the_wait_in_a_body_is_believed_when_it_is_one(body: Any, seconds: float) -> None:
    assert stated(body, wait_at="retry", wait_seconds=4) == seconds


def test_an_override_by_body_leaves_other_bodies_to_the_table() -> None:
    rule = VerdictOverride(status=403, when="code == 'LIMIT'", verdict="rate_limited")
    about = template("pipedrive").model_copy(update={"verdicts": (rule,)})
    assert kind_of(answer(403, {"code": "LIMIT"}, {}), about) == "rate_limited"
    others: list[Any] = [{"code": "OTHER"}, [], b"", b"\xff", {"code": ["LIMIT"]}]
    for body in others:
        assert kind_of(answer(403, body, {}), about) == "refused"


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"verdict": "refused"}, "needs a status or a condition"),
        ({"status": 404, "verdict": "not_found", "wait_seconds": 3}, "nobody waits after 'not_found'"),
        ({"status": 429, "verdict": "rate_limited", "wait_seconds": 3600}, "less than or equal to 900"),
        ({"status": 429, "verdict": "slow"}, "'rate_limited'"),
    ],
)
def test_a_contradictory_override_is_rejected_in_words(block: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        VerdictOverride(**block)
    assert problem in str(caught.value)
