"""The operator's API: bearer token, problem details, idempotent creation."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from taxpoynt.bootstrap.locations import location_reader
from taxpoynt.portal import catalogue_routes, location_routes, look_back_routes, retention_routes
from taxpoynt.portal.api import build
from taxpoynt.portal.attention_routes import AttentionRoutes
from taxpoynt.portal.identity_routes import IdentityRoutes
from taxpoynt.portal.product_routes import ProductRoutes
from taxpoynt.portal.rules_routes import RulesRoutes

from .catalogue_desk import catalogue_desk
from .conftest import PUBLIC, TOKEN, Portal
from .retention_desk import desk_of
from .test_connect import authorise, held


class Context:
    function_name = "serve_api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:serve_api"
    aws_request_id = "r-1"


class Client:
    def __init__(self, app: APIGatewayHttpResolver) -> None:
        self.app = app
        self.headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}

    def __call__(
        self, method: str, path: str, body: Any = None, *, query: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, Any]:
        event = {
            "version": "2.0",
            "routeKey": f"{method} /v1/{{proxy+}}",
            "rawPath": path,
            "rawQueryString": "",
            "queryStringParameters": query or {},
            "headers": {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}},
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default", "requestId": "r-1"},
            "body": json.dumps(body) if body is not None else None,
            "isBase64Encoded": False,
        }
        answer = self.app.resolve(event, Context())  # type: ignore[arg-type]  # all of a context that is read
        kind = answer.get("multiValueHeaders", answer.get("headers", {})).get("Content-Type", "")
        self.kind = kind[0] if isinstance(kind, list) else kind
        return answer["statusCode"], json.loads(answer["body"]) if "json" in self.kind else answer["body"]


@pytest.fixture
def api(portal: Portal) -> Client:
    orders = desk_of(portal)
    attention = AttentionRoutes(
        portal.attention,
        portal.api.held,
        lambda merchant, irn, *, unmasked=False: {"merchant": merchant, "irn": irn, "unmasked": unmasked},
    )
    catalogue = catalogue_desk(portal.store)
    more = (lambda app: retention_routes.add(app, orders), attention.add)
    desk = portal.rules_desk
    rules = (
        RulesRoutes(desk.mappings, desk.preview).add,
        ProductRoutes(desk.products, desk.preview.table).add,
        IdentityRoutes(desk.identity).add,
        lambda app: look_back_routes.add(app, desk.past),
    )
    shops = location_reader(portal.store, portal.shops, desk.chosen)
    lists = (
        lambda app: catalogue_routes.add(app, catalogue),
        lambda app: location_routes.add(app, shops),
    )
    return Client(build(portal.api, portal.desk, PUBLIC, *more, *rules, *lists))


def test_nobody_passes_without_the_token(api: Client) -> None:
    parts = (TOKEN[:-1], TOKEN[:8], TOKEN[1:], TOKEN + "x", TOKEN.upper(), "")
    for value in ("", "Bearer wrong", TOKEN, "Basic " + TOKEN, *(f"Bearer {part}" for part in parts)):
        api.headers["authorization"] = value
        status, problem = api("GET", "/v1/merchants")
        assert (status, problem["title"], api.kind) == (401, "Unauthorized", "application/problem+json")


def test_the_previous_token_counts_during_a_rotation(api: Client, portal: Portal) -> None:
    portal.secrets.value = {"token": "a-new-token-of-thirty-two-letters", "previous_token": TOKEN}
    assert api("GET", "/v1/merchants")[0] == 200


def test_a_short_operator_token_opens_nothing(api: Client, portal: Portal) -> None:
    portal.secrets.value = {"token": "short"}
    api.headers["authorization"] = "Bearer short"
    status, problem = api("GET", "/v1/merchants")
    assert status == 503
    assert "token" not in json.dumps(problem), "who is not signed in learns nothing of our set-up"


def test_the_same_idempotency_key_creates_one_merchant(api: Client) -> None:
    first = api("POST", "/v1/merchants", {"name": "Zuma"}, idempotency_key="k1")
    again = api("POST", "/v1/merchants", {"name": "Zuma"}, idempotency_key="k1")
    other = api("POST", "/v1/merchants", {"name": "Zuma"}, idempotency_key="k2")
    assert first[0] == again[0] == 201
    assert first[1]["merchant"] == again[1]["merchant"] != other[1]["merchant"]
    assert len(api("GET", "/v1/merchants")[1]["items"]) == 2


def test_an_idempotency_key_that_could_be_somebody_elses_is_refused(api: Client) -> None:
    for odd in (" ", "a#b", " k1"):
        assert api("POST", "/v1/merchants", {"name": "Zuma"}, idempotency_key=odd)[0] == 400


def test_a_post_without_idempotency_key_and_a_misspelt_field_are_told(api: Client) -> None:
    assert api("POST", "/v1/merchants", {"name": "Zuma"})[0] == 400
    status, problem = api("POST", "/v1/merchants", {"nmae": "Zuma"}, idempotency_key="k")
    assert status == 422
    assert any("nmae" in error["path"] for error in problem["errors"])


def test_a_connect_link_opens_the_merchants_page(api: Client, portal: Portal) -> None:
    merchant = api("POST", "/v1/merchants", {"name": "Zuma"}, idempotency_key="k1")[1]["merchant"]
    status, link = api(
        "POST", f"/v1/merchants/{merchant}/connect-links", {"connector": "pipedrive"}, idempotency_key="l"
    )
    assert status == 201
    assert portal.browser().post(link["url"].removeprefix(PUBLIC)).status == 303
    assert api("POST", "/v1/merchants/m_none/connect-links", {}, idempotency_key="l")[0] == 404


def test_mapping_rules_are_checked_before_they_are_kept(api: Client, portal: Portal) -> None:
    merchant = portal.merchant()
    browser = portal.signed_in(merchant)
    browser.submit(authorise(browser))
    (found,) = api("GET", f"/v1/merchants/{merchant}/connections")[1]["items"]
    path = f"/v1/merchants/{merchant}/connections/{found['connection']}/mapping"
    status, problem = api("PUT", path, {"version": 1, "rules": [{"target": "?"}]})
    assert (status, problem["faults"][0]["code"]) == (422, "MAP-001")
    rules = [{"target": "buyer.tin", "source": "organization.custom_fields.x"}]
    status, made = api("PUT", path, {"version": 1, "rules": rules})
    assert (status, made["number"], made["active"], made["document"]["rules"]) == (200, 1, True, rules)


def test_invoices_events_and_history_are_listed_for_their_merchant_only(api: Client, portal: Portal) -> None:
    merchant = portal.merchant()
    portal.sales.claim(held(merchant), action="claimed")
    (invoice,) = api("GET", "/v1/invoices", query={"merchant": merchant})[1]["items"]
    assert (invoice["sale_id"], invoice["state"], invoice["nrs"], invoice["total"]) == (
        "102",
        "claimed",
        None,
        "161250.00",
    )
    assert api("GET", "/v1/invoices/pipedrive/102", query={"merchant": merchant})[0] == 200
    assert api("GET", "/v1/invoices/pipedrive/102", query={"merchant": "m_other"})[0] == 404
    (entry,) = api("GET", "/v1/invoices/pipedrive/102/history", query={"merchant": merchant})[1]["items"]
    assert (entry["action"], entry["after"]) == ("claimed", "claimed")
    assert api("GET", "/v1/events", query={"merchant": merchant})[1]["items"] == []
    assert api("GET", "/v1/invoices/pipedrive/102/pdf", query={"merchant": merchant})[0] == 409


def test_a_printed_invoice_arrives_byte_for_byte(api: Client, portal: Portal) -> None:
    merchant = portal.merchant()
    record, _ = portal.sales.claim(held(merchant), action="claimed")
    body = b"%PDF-1.4\n\x93\x8c\x8b\x00\xff"
    key = portal.blobs.put(f"{merchant}/documents/x.pdf", body, content_type="application/pdf")
    portal.sales.change(replace(record, documents={"pdf": key}), action="printed")
    status, text = api("GET", "/v1/invoices/pipedrive/102/pdf", query={"merchant": merchant})
    assert (status, api.kind, base64.b64decode(text)) == (200, "application/pdf", body)


def test_a_profile_is_changed_over_the_version_that_was_read(api: Client) -> None:
    merchant = api("POST", "/v1/merchants", {"name": "Zuma"}, idempotency_key="k1")[1]["merchant"]
    change = {"version": 1, "profile": {"name": "Zuma Two"}}
    assert api("PUT", f"/v1/merchants/{merchant}", change)[1]["version"] == 2
    assert api("PUT", f"/v1/merchants/{merchant}", change)[0] == 409
    read = api("GET", f"/v1/merchants/{merchant}")[1]
    assert read["profile"]["name"] == "Zuma Two"
    assert read["nrs_notification_url"] == f"{PUBLIC}/nrs/notifications/token-of-{merchant}"
    assert api("GET", "/v1/merchants/m_none")[0] == 404


def test_the_published_openapi_document_is_in_step(api: Client, golden: Callable[[Path, str], None]) -> None:
    _, document = api("GET", "/v1/openapi.json")
    made = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    golden(Path(__file__).parents[3] / "docs" / "reference" / "openapi.json", made)


def test_the_openapi_document_lists_the_routes(api: Client) -> None:
    status, document = api("GET", "/v1/openapi.json")
    assert status == 200
    assert document["openapi"].startswith("3.1")
    assert "/v1/invoices" in document["paths"]
    assert api("GET", "/v1/nowhere")[0] == 404
