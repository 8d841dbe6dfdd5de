"""A stranger knocks at every kind of public route; tests/infra/test_http.py reads the kinds from the template."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from tests.functions.lambda_context import LambdaContext

STRANGERS = [
    ("receive_webhook", "POST", "/webhooks/pipedrive/tok", 401),
    ("receive_webhook", "POST", "/webhooks/pipedrive", 401),
    ("receive_nrs_notice", "POST", "/nrs/notifications/guess", 200),
    ("start_oauth", "GET", "/oauth/pipedrive/start", 401),
    ("finish_oauth", "GET", "/oauth/pipedrive/callback?code=c&state=s", 400),
    ("receive_uninstall", "DELETE", "/oauth/pipedrive/callback", 401),
    ("serve_connect", "GET", "/connect", 401),
    ("serve_connect", "POST", "/connect/profile", 401),
    ("serve_connect", "POST", "/connect/link/guess", 410),
    ("serve_connect", "GET", "/connect/invoices/pipedrive/8/pdf", 401),
    ("serve_api", "GET", "/v1/merchants", 401),
    ("serve_api", "POST", "/v1/merchants", 401),
    ("serve_api", "GET", "/v1/openapi.json", 401),
    ("serve_api", "GET", "/v1/nowhere", 401),
    ("serve_console", "POST", "/console", 401),
    ("serve_console", "POST", "/console/merchants/m_a", 401),
]


@pytest.mark.parametrize(("function", "method", "path", "status"), STRANGERS)
def test_a_stranger_gets_nothing_from_any_route_that_is_not_health(
    stage: dict[str, str],
    function: str,
    method: str,
    path: str,
    status: int,
) -> None:
    answer = call(function, method, path)
    assert answer["statusCode"] == status
    assert not answer.get("cookies")
    assert "location" not in {name.lower() for name in answer.get("headers", {})}


def call(function: str, method: str, path: str) -> dict[str, Any]:
    place, _, query = path.partition("?")
    parts = place.split("/")
    event = {
        "version": "2.0",
        "routeKey": f"{method} /{parts[1]}",
        "rawPath": place,
        "rawQueryString": query,
        "queryStringParameters": dict(pair.split("=") for pair in query.split("&") if pair),
        "headers": {"content-type": "application/json", "idempotency-key": "k"},
        "requestContext": {"http": {"method": method, "path": place}, "requestId": "r", "stage": "$default"},
        "pathParameters": dict(zip(("connector", "endpoint"), parts[2:], strict=False)),
        "body": json.dumps({"name": "x"}),
        "isBase64Encoded": False,
    }
    module = importlib.import_module(f"functions.{function}.handler")
    answer: dict[str, Any] = module.handler(event, LambdaContext())
    return answer
