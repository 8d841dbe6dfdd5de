"""Consent, tokens and their rotation, revoking, and what a token opens."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwk, jwt

from tests.sandbox.kit import Clock
from tests.unit.sandbox.test_lightspeed_r.conftest import ACCOUNT, APP, NOON, Client

ASKED = {
    "response_type": "code",
    "client_id": APP["client_id"],
    "scope": "employee:register_read employee:customers_read",
    "state": "s/1 &x",
}
DAY = 86400


def decide(client: Client, **more: str) -> dict[str, list[str]]:
    form = ASKED | {"who": f"{ACCOUNT}:1", "decision": "allow"} | more
    answer = requests.post(f"{client.url}/auth/oauth/authorize", data=form, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(APP["redirect_uri"] + "?")
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def code(client: Client, **more: str) -> str:
    return decide(client, **more)["code"][0]


def exchange(client: Client, **more: str) -> requests.Response:
    return client.token_call(grant_type="authorization_code", **more)


def works(client: Client, token: dict[str, Any]) -> bool:
    return Client(client.url, token).raw("/API/V3/Account.json").status_code == 200


def test_the_consent_page_names_the_client_its_scopes_and_the_employees(client: Client) -> None:
    page = requests.get(f"{client.url}/auth/oauth/authorize", params=ASKED, timeout=5)
    assert page.status_code == 200
    for words in (
        "TaxPoynt Connect",
        "employee:register_read",
        "Zainab Okafor",
        ">Authorize</button>",
        ">Cancel</button>",
    ):
        assert words in page.text
    assert "s/1 &amp;x" in page.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "someone"}, "invalid_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "register_read"}, "invalid_scope"),
        ({"scope": "employee:everything"}, "invalid_scope"),
        ({"response_type": "token"}, "invalid_request"),
    ],
)
def test_a_wrong_authorisation_request_is_answered_with_400(client: Client, change: dict[str, str], error: str) -> None:
    answer = requests.get(f"{client.url}/auth/oauth/authorize", params=ASKED | change, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert set(answer.json()) == {"error", "error_description", "hint"}


def test_the_registered_address_is_used_whatever_redirect_uri_says(client: Client) -> None:
    params = ASKED | {"redirect_uri": "https://evil.example/"}
    assert requests.get(f"{client.url}/auth/oauth/authorize", params=params, timeout=5).status_code == 200
    assert "ignored redirect_uri" in client.log()[-1]["verdict"]
    assert decide(client, redirect_uri="https://evil.example/")["code"]


def test_the_state_comes_back_unchanged_and_only_when_given(client: Client) -> None:
    assert decide(client)["state"] == ["s/1 &x"]
    assert decide(client, decision="deny") == {"error": ["access_denied"], "state": ["s/1 &x"]}


def test_a_code_gives_a_bearer_pair_without_a_scope_member(client: Client) -> None:
    answer = exchange(client, code=code(client))
    token = answer.json()
    assert answer.status_code == 200
    assert set(token) == {"token_type", "expires_in", "access_token", "refresh_token"}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    assert token["refresh_token"].startswith("def50")
    assert len(token["refresh_token"]) > 600, "several hundred characters since 2024"


def test_the_access_token_is_a_signed_jwt_whose_claims_name_account_user_and_scopes(client: Client) -> None:
    token = exchange(client, code=code(client)).json()["access_token"]
    keys = jwk.KeySet.import_key_set(requests.get(f"{client.url}/.well-known/jwks", timeout=5).json())
    read = jwt.decode(token, keys, algorithms=["RS256"])
    assert read.header["typ"] == "JWT"
    assert read.header["kid"].startswith("RT_OAUTH2_")
    assert read.claims["acct"] == str(ACCOUNT)
    assert read.claims["sub"] == "170236"
    assert read.claims["aud"] == APP["client_id"]
    assert read.claims["iss"] == "https://cloud.lightspeedapp.com"
    assert read.claims["scope"] == ASKED["scope"]
    assert read.claims["exp"] - read.claims["iat"] == 3600
    assert isinstance(read.claims["exp"], float)


def test_a_new_key_signs_from_now_on_and_the_old_one_stays_published(client: Client) -> None:
    old = {key["kid"] for key in requests.get(f"{client.url}/.well-known/jwks", timeout=5).json()["keys"]}
    new = client.control("POST", "/keys/rotate")["kid"]
    header = client.refresh(client.token)["access_token"].split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["kid"] == new
    keys = requests.get(f"{client.url}/.well-known/jwks", timeout=5).json()["keys"]
    assert {key["kid"] for key in keys} == {*old, new}


def test_a_code_lives_sixty_seconds_and_works_once(client: Client, clock: Clock) -> None:
    once, late = code(client), code(client)
    assert exchange(client, code=once).status_code == 200
    again = exchange(client, code=once)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    clock.advance(60)
    assert exchange(client, code=late).json()["error"] == "invalid_grant"


def test_the_token_endpoint_takes_json_and_multipart_and_nothing_else(client: Client) -> None:
    fields = {"client_id": APP["client_id"], "client_secret": APP["client_secret"], "grant_type": "authorization_code"}
    url = f"{client.url}/auth/oauth/token"
    multipart = {name: (None, value) for name, value in (fields | {"code": code(client)}).items()}
    assert requests.post(url, files=multipart, timeout=5).status_code == 200
    form = requests.post(url, data=fields | {"code": code(client)}, timeout=5)
    assert (form.status_code, form.json()["error"]) == (400, "invalid_request")
    client.settings(form_urlencoded_tokens=True)
    assert requests.post(url, data=fields | {"code": code(client)}, timeout=5).status_code == 200
    wrong = requests.get(url, timeout=5)
    assert (wrong.status_code, wrong.json()["error"]) == (405, "invalid_request")


@pytest.mark.parametrize("change", [{"client_secret": "wrong"}, {"client_id": "other"}])
def test_a_wrong_client_is_401(client: Client, change: dict[str, str]) -> None:
    answer = exchange(client, code=code(client), **change)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_pkce_is_checked_when_it_was_used(client: Client, method: str) -> None:
    verifier = "ls-r-series-verifier-0123456789-abcdefghijklmnop"
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if method == "S256":
        assert hashed == "fIxCJ7C-ugAPtvE5CO8hFhHxwLE7nMg8Bf51SkZEmqo"
    challenge = hashed if method == "S256" else verifier
    asked = {"code_challenge": challenge, "code_challenge_method": method}
    assert exchange(client, code=code(client, **asked), code_verifier=verifier).status_code == 200
    assert exchange(client, code=code(client, **asked), code_verifier="x" * 43).json()["error"] == "invalid_grant"
    assert exchange(client, code=code(client, **asked)).json()["error"] == "invalid_request"


def test_a_public_client_needs_pkce_and_no_secret(client: Client) -> None:
    client.control("POST", "/seed", {"app": APP | {"public": True}})
    bare = requests.get(f"{client.url}/auth/oauth/authorize", params=ASKED, timeout=5)
    assert bare.json()["error"] == "invalid_request"
    given = {"grant_type": "authorization_code", "client_id": APP["client_id"], "code_verifier": "v" * 50}
    given["code"] = code(client, code_challenge="v" * 50, code_challenge_method="plain")
    assert requests.post(f"{client.url}/auth/oauth/token", json=given, timeout=5).status_code == 200


def test_a_refresh_can_be_repeated_until_the_new_access_token_is_used(client: Client) -> None:
    first = client.token
    lost, kept = client.refresh(first), client.refresh(first)
    assert lost["refresh_token"] != kept["refresh_token"]
    assert works(client, kept)
    answer = client.token_call(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not works(client, lost), "the pair of the answer that was lost goes with its parent"


def test_a_refresh_revokes_the_access_token_in_force_at_once(client: Client) -> None:
    client.refresh(client.token)
    assert client.refused("/API/V3/Account.json") == (401, "Access token could not be verified")


def test_the_second_of_two_refreshers_that_comes_after_first_use_loses_the_connection(client: Client) -> None:
    old = client.token
    assert works(client, client.refresh(old))
    assert client.token_call(grant_type="refresh_token", refresh_token=old["refresh_token"]).status_code == 400


def test_more_than_five_refreshes_of_one_connection_in_a_minute_are_429(client: Client, clock: Clock) -> None:
    for _ in range(5):
        client.refresh(client.token)
    sixth = client.token_call(grant_type="refresh_token", refresh_token=client.token["refresh_token"])
    assert (sixth.status_code, sixth.headers["Retry-After"]) == (429, "60")
    other = client.with_scope("employee:all")
    client.refresh(other.token)
    clock.advance(60)
    client.refresh(client.token)


def test_a_refresh_token_dies_after_thirty_idle_days(client: Client, clock: Clock) -> None:
    clock.advance(30 * DAY)
    newer = client.refresh(client.token)
    clock.advance(30 * DAY + 1)
    answer = client.token_call(grant_type="refresh_token", refresh_token=newer["refresh_token"])
    assert answer.json()["error"] == "invalid_grant"


def test_a_refresh_does_not_ask_for_more_scope(client: Client) -> None:
    given = {"grant_type": "refresh_token", "refresh_token": client.token["refresh_token"]}
    assert client.token_call(**given, scope="employee:admin").json()["error"] == "invalid_scope"


def test_an_expired_access_token_has_one_hint_and_a_forgotten_one_another(client: Client, clock: Clock) -> None:
    clock.advance(3600)
    assert client.refused("/API/V3/Account.json") == (401, "Access token could not be verified")
    clock.advance(2 * DAY)
    assert client.refused("/API/V3/Account.json") == (401, "Access token has been revoked")


def test_revoking_kills_both_tokens(client: Client) -> None:
    answer = client.token_call("revoke", refresh_token=client.token["refresh_token"])
    assert answer.status_code == 200
    assert not works(client, client.token)
    assert client.token_call(grant_type="refresh_token", refresh_token=client.token["refresh_token"]).status_code == 400


def test_a_merchant_who_removes_the_client_ends_every_token_and_tells_nobody(client: Client) -> None:
    assert client.control("POST", "/uninstall") == {"disconnected": 1}
    assert not works(client, client.token)


def test_introspection_shows_the_claims(client: Client) -> None:
    claims = client.get("/auth/oauth/introspect")
    assert claims["acct"] == str(ACCOUNT)
    assert claims["iat"] == NOON.timestamp()


def test_scopes_open_what_the_endpoint_pages_name(client: Client) -> None:
    assert client.with_scope("employee:customers").raw("Sale.json").status_code == 403
    register = client.with_scope("employee:register")
    for path in ("Sale.json", "SaleLine.json", "Shop.json", "Customer.json", "TaxCategory.json"):
        assert register.raw(path).status_code == 200, path
    assert register.refused("SaleVoid.json")[0] == 403
    assert client.with_scope("employee:admin_void_sale").raw("SaleVoid.json").status_code == 200


def test_whether_the_read_scopes_suffice_can_be_seeded_either_way(client: Client) -> None:
    reader = client.with_scope("employee:register_read employee:inventory_read employee:customers_read")
    for path in ("Sale.json", "Shop.json", "Item.json", "ItemShop.json", "Customer.json"):
        assert reader.raw(path).status_code == 200, path
    client.settings(read_scopes_suffice=False)
    assert [reader.raw(path).status_code for path in ("Sale.json", "Customer.json", "ItemShop.json")] == [403, 403, 200]


def test_a_token_can_do_no_more_than_its_employee_and_stops_when_that_one_is_locked(client: Client) -> None:
    reader = client.with_scope("employee:all", employeeID=2)
    assert reader.raw("Sale.json").status_code == 200
    client.control("PATCH", "/employees/2", {"rights": ["inventory_read"]})
    assert reader.raw("Sale.json").status_code == 403
    client.control("PATCH", "/employees/2", {"locked": True})
    assert reader.raw("ItemShop.json").status_code == 401


def test_the_session_names_the_employee_and_the_rights(client: Client) -> None:
    session = client.get("/API/V3/Session.json")
    assert (session["systemCustomerID"], session["shopCount"]) == (str(ACCOUNT), "2")
    assert session["Employee"]["firstName"] == "Zainab"
    assert session["Rights"]["admin_void_sale"] == "true"
