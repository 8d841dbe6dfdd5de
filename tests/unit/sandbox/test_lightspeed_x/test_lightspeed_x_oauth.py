"""Connecting a store, tokens and their rotation, personal tokens, scopes, limits."""

from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.kit import Clock
from tests.unit.sandbox.test_lightspeed_x.conftest import APP, NOON, STORE, Client

USER = STORE["users"][0]["id"]
ASKED = {
    "response_type": "code",
    "client_id": APP["client_id"],
    "redirect_uri": APP["redirect_uri"],
    "state": "at-least-8",
    "scope": "sales:read customers:read webhooks",
}


def decide(client: Client, **more: str) -> dict[str, list[str]]:
    form = ASKED | {"who": f"zumahome|{USER}", "decision": "allow"} | more
    answer = requests.post(f"{client.url}/connect", data=form, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def exchange(client: Client, code: str, **more: str) -> requests.Response:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": APP["redirect_uri"]}
    return client.token_call(**given | more)


def refresh(client: Client, token: dict[str, Any]) -> requests.Response:
    return client.token_call(grant_type="refresh_token", refresh_token=token["refresh_token"])


def status(client: Client, token: dict[str, Any]) -> int:
    return Client(client.url, token).call("GET", "/api/2.0/retailer").status_code


def test_the_connect_page_names_the_app_the_stores_and_the_scopes(client: Client) -> None:
    page = requests.get(f"{client.url}/connect", params=ASKED, timeout=5)
    assert page.status_code == 200
    for words in ("TaxPoynt Connect", "Zuma Home and Office (zumahome)", "sales:read", ">Allow access</button>"):
        assert words in page.text


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "someone"},
        {"redirect_uri": APP["redirect_uri"] + "/"},
        {"state": "short"},
        {"state": ""},
        {"scope": ""},
        {"scope": "everything:read"},
        {"response_type": "token"},
    ],
)
def test_a_wrong_request_ends_on_a_page_and_never_redirects(client: Client, change: dict[str, str]) -> None:
    answer = requests.get(f"{client.url}/connect", params=ASKED | change, timeout=5, allow_redirects=False)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")


def test_the_callback_names_the_store_the_user_the_state_and_the_scopes(client: Client) -> None:
    back = decide(client)
    assert (back["domain_prefix"], back["state"], back["user_id"]) == (["zumahome"], ["at-least-8"], [USER])
    assert back["scope"] == [ASKED["scope"]]
    assert decide(client, decision="deny") == {"error": ["access_denied"], "state": ["at-least-8"]}


def test_a_code_gives_a_pair_that_says_when_it_expires_for_which_store(client: Client) -> None:
    token = exchange(client, decide(client)["code"][0]).json()
    assert token["token_type"] == "Bearer"
    assert token["expires"] == int(NOON.timestamp()) + 86400
    assert (token["expires_in"], token["domain_prefix"], token["scope"]) == (86400, "zumahome", ASKED["scope"])
    client.settings(expires_in=604800)
    assert refresh(client, token).json()["expires_in"] == 604800


def test_a_code_lives_ten_minutes_and_works_once(client: Client, clock: Clock) -> None:
    once, late = decide(client)["code"][0], decide(client)["code"][0]
    assert exchange(client, once).status_code == 200
    assert exchange(client, once).json()["error"] == "invalid_grant"
    clock.advance(600)
    assert exchange(client, late).json()["error"] == "invalid_grant"
    other = decide(client)["code"][0]
    assert exchange(client, other, redirect_uri="https://elsewhere.example").json()["error"] == "invalid_grant"


def test_the_token_endpoint_takes_form_bodies_only_and_knows_its_client(client: Client) -> None:
    given = {"grant_type": "authorization_code", "code": decide(client)["code"][0]}
    given |= {"redirect_uri": APP["redirect_uri"], "client_id": APP["client_id"], "client_secret": APP["client_secret"]}
    answer = requests.post(f"{client.url}/api/1.0/token", json=given, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert exchange(client, given["code"], client_secret="wrong").json()["error"] == "invalid_client"


def test_a_refresh_ends_both_old_tokens_at_once(client: Client) -> None:
    old = client.token
    new = refresh(client, old).json()
    assert (status(client, old), status(client, new)) == (401, 200)
    again = refresh(client, old)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_an_expired_access_token_is_refused_and_can_still_be_refreshed(client: Client, clock: Clock) -> None:
    clock.advance(86400)
    assert status(client, client.token) == 401
    assert refresh(client, client.token).status_code == 200


def test_the_token_endpoint_has_a_limit_of_its_own(client: Client, clock: Clock) -> None:
    client.control("POST", "/limits", {"token_calls": 2})
    token = refresh(client, client.token).json()
    last = refresh(client, token)
    assert last.headers["X-RateLimit-Remaining"] == "0"
    assert int(last.headers["X-RateLimit-Reset"]) == int(NOON.timestamp()) + 60
    assert refresh(client, last.json()).status_code == 429
    clock.advance(60)
    assert refresh(client, last.json()).status_code == 200


def test_a_merchants_personal_token_opens_everything_and_does_not_expire(client: Client, clock: Clock) -> None:
    personal = client.with_token(personal=True)
    clock.advance(400 * 86400)
    assert personal.data("retailer")["name"] == "Zuma Home and Office"


def test_scopes_open_their_collections_and_no_others(client: Client) -> None:
    narrow = client.with_token(scope="sales:read webhooks")
    assert narrow.call("GET", "/api/2.0/sales").status_code == 200
    refused = narrow.call("GET", "/api/2.0/customers")
    assert (refused.status_code, set(refused.json())) == (403, {"error", "message"})
    assert client.with_token(scope="sales:read").subscribe("https://x.example").status_code == 403


def test_a_user_agent_is_required(client: Client) -> None:
    assert client.call("GET", "/api/2.0/sales", headers={"User-Agent": ""}).status_code == 400


def test_removing_the_app_ends_its_tokens_and_its_hooks(client: Client) -> None:
    client.subscribe("https://x.example/hook")
    assert client.control("POST", "/uninstall") == {"tokens": 1, "webhooks": 1}
    assert status(client, client.token) == 401
    assert client.control("GET", "/webhooks") == {"webhooks": []}


def test_requests_are_counted_for_five_minutes_by_registers(client: Client, clock: Clock) -> None:
    first = client.call("GET", "/api/2.0/retailer").headers
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("650", "649")
    client.control("POST", "/limits", {"requests": 2})
    clock.advance(100)
    assert client.call("GET", "/api/2.0/retailer").status_code == 200
    refused = client.call("GET", "/api/2.0/retailer")
    assert refused.status_code == 429
    assert refused.json() == {"error": "Too Many Requests", "message": "Rate limiting enforced"}
    again_at = parsedate_to_datetime(refused.headers["Retry-After"])
    assert (again_at - clock.now()).total_seconds() == 200
    clock.advance(200)
    assert client.call("GET", "/api/2.0/retailer").status_code == 200


def test_a_fault_on_order_answers_in_the_platforms_words(client: Client) -> None:
    client.control("POST", "/faults", [{"kind": "rate_limit", "seconds": 30}, {"kind": "expired_token"}])
    limited = client.call("GET", "/api/2.0/sales")
    assert (parsedate_to_datetime(limited.headers["Retry-After"]) - NOON).total_seconds() == 30
    assert client.call("GET", "/api/2.0/sales").status_code == 401
