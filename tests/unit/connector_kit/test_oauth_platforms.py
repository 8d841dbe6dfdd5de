"""Consent, token answers, refresh, revoke and identity of each platform, as its reference describes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from taxpoynt.connector_kit.oauth import OAuthClient
from taxpoynt.connector_kit.template_auth import Revoke
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import (
    ConfigurationError,
    NeedsReauthorisation,
    PlatformRefused,
    PlatformUnavailable,
)
from tests.unit.connector_kit.parts import NOW, Reply, StoppedClock, session
from tests.unit.connector_kit.platforms import platform

CALLBACK = "https://us.example/oauth/x/callback"
Answers = Mapping[str, Any] | Callable[[requests.PreparedRequest], Reply]


def client(name: str, answers: Answers | None = None, **app: str) -> tuple[OAuthClient, list[requests.PreparedRequest]]:
    """answers: JSON by the path asked for."""

    def reply(request: requests.PreparedRequest) -> Reply:
        if callable(answers):
            return answers(request)
        return Reply(200, (answers or {})[urlsplit(str(request.url)).path])

    made, transport = session(reply)
    made_client = OAuthClient(
        platform(name), client_id="app", client_secret="s3cret", clock=StoppedClock(), session=made, app=app
    )
    return made_client, transport.sent


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def form(sent: requests.PreparedRequest) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(str(sent.body)).items()}


def body(sent: requests.PreparedRequest) -> dict[str, str]:
    assert sent.headers["Content-Type"] == "application/json"
    found: dict[str, str] = json.loads(sent.body or b"")
    return found


def jwt(**claims: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'RS256'})}.{part(claims)}.{part('signature')}"


def lifetime(tokens: TokenSet) -> float:
    return (tokens.expires_at - NOW).total_seconds()


# --- HubSpot --------------------------------------------------------------------------------------------------------

HUBSPOT = {
    "access_token": "CJT-access",
    "refresh_token": "eu1-refresh",
    "expires_in": 1800,
    "hub_id": 62515,
    "user_id": 9,
    "scopes": ["oauth", "crm.objects.deals.read"],
}


def test_hubspot_asks_for_optional_scopes_apart_and_on_its_browser_host() -> None:
    oauth, _ = client("hubspot")
    url = oauth.authorize_url(redirect_uri=CALLBACK, state="s")
    assert url.startswith("https://app.hubspot.com/oauth/authorize?")
    assert query(url)["scope"] == "oauth crm.objects.deals.read"
    assert query(url)["optional_scope"] == "tax_rates.read"


def test_hubspot_gives_tokens_on_its_api_host_for_credentials_in_the_body() -> None:
    oauth, sent = client("hubspot", {"/oauth/2026-03/token": HUBSPOT})
    tokens = oauth.exchange("c", redirect_uri=CALLBACK)
    assert sent[0].url == "https://api.hubapi.com/oauth/2026-03/token"
    assert "Authorization" not in sent[0].headers
    assert form(sent[0]) == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": CALLBACK,
        "client_id": "app",
        "client_secret": "s3cret",
    }
    assert (lifetime(tokens), tokens.scopes) == (1800, ("oauth", "crm.objects.deals.read"))
    assert (tokens.api_base, tokens.auth_base) == ("https://api.hubapi.com", "https://api.hubapi.com")


def test_hubspot_names_the_account_in_the_token_answer_and_its_currency_on_request() -> None:
    details = {"portalId": 62515, "timeZone": "Africa/Lagos", "companyCurrency": "NGN"}
    oauth, _ = client("hubspot", {"/oauth/2026-03/token": HUBSPOT, "/account-info/v3/details": details})
    account = oauth.identify(oauth.exchange("c", redirect_uri=CALLBACK))
    assert (account.account_id, account.name) == ("62515", "62515")
    assert account.details == {"timezone_name": "Africa/Lagos", "default_currency": "NGN"}


def test_an_older_hubspot_answer_without_the_account_is_completed_by_asking() -> None:
    older = {name: value for name, value in HUBSPOT.items() if name != "hub_id"}
    oauth, _ = client("hubspot", {"/oauth/2026-03/token": older, "/account-info/v3/details": {"portalId": 62515}})
    assert oauth.identify(oauth.exchange("c", redirect_uri=CALLBACK)).account_id == "62515"


def test_hubspot_revokes_the_refresh_token() -> None:
    answers = {"/oauth/2026-03/token": HUBSPOT, "/oauth/2026-03/token/revoke": {}}
    oauth, sent = client("hubspot", answers)
    oauth.revoke(oauth.exchange("c", redirect_uri=CALLBACK))
    assert form(sent[1]) == {
        "token": "eu1-refresh",
        "token_type_hint": "refresh_token",
        "client_id": "app",
        "client_secret": "s3cret",
    }


def test_a_grant_may_be_given_back_with_the_merchants_own_token_at_the_api() -> None:
    spec = platform("hubspot")
    gone = Revoke(
        path="/appinstalls/2026-03/external-install",
        method="DELETE",
        host="api",
        body=None,
        parameter=None,
        auth="bearer",
    )
    spec = spec.model_copy(update={"oauth": spec.oauth.model_copy(update={"revoke": gone})})
    made, transport = session(lambda request: Reply(204, b"", {}))
    app: dict[str, Any] = {"client_id": "app", "client_secret": "s3cret", "clock": StoppedClock(), "session": made}
    OAuthClient(spec, **app).revoke(stored(api_base="https://api.hubapi.com", auth_base="https://api.hubapi.com"))
    (sent,) = transport.sent
    assert (sent.method, sent.url) == ("DELETE", "https://api.hubapi.com/appinstalls/2026-03/external-install")
    assert (sent.headers["Authorization"], sent.body) == ("Bearer a", None)


# --- Salesforce -----------------------------------------------------------------------------------------------------

SECRET_OF_THE_VECTOR = "1955279925675241571"
ID = "https://login.salesforce.com/id/00D50000000IZ3ZEAW/00550000001fg5OAAQ"
SALESFORCE = {
    "access_token": "00D5!access",
    "refresh_token": "5Aep861-first",
    "instance_url": "https://acme.my.salesforce.com",
    "id": ID,
    "issued_at": "1767225600000",
    "signature": base64.b64encode(
        hmac.new(b"s3cret", (ID + "1767225600000").encode(), hashlib.sha256).digest()
    ).decode(),
    "scope": "api refresh_token",
}
ASKED = {"my_domain": "acme.my.salesforce.com"}


def test_salesforce_signs_in_where_the_merchant_says_and_stays_there() -> None:
    oauth, sent = client("salesforce", {"/services/oauth2/token": SALESFORCE})
    url = oauth.authorize_url(redirect_uri=CALLBACK, state="s", code_challenge="c", asked=ASKED)
    assert url.startswith("https://acme.my.salesforce.com/services/oauth2/authorize?")
    assert query(url)["prompt"] == "login consent"
    assert query(url)["code_challenge_method"] == "S256"
    tokens = oauth.exchange("c", redirect_uri=CALLBACK, code_verifier="v", asked=ASKED)
    assert form(sent[0])["code_verifier"] == "v"
    oauth.refresh(tokens)
    assert {urlsplit(str(one.url)).netloc for one in sent} == {"acme.my.salesforce.com"}
    assert lifetime(tokens) == 1800, "the answer does not tell, so the template's word counts"


@pytest.mark.parametrize(
    "answer",
    [
        "evil.example",
        "https://evil.example",
        "acme.my.salesforce.com.evil.example",
        "acme.my.salesforce.com/x",
        "acme.my.salesforce.com@evil.example",
        "..",
        "a b",
    ],
)
def test_a_sign_in_address_that_is_not_salesforces_is_refused_before_any_connection(answer: str) -> None:
    oauth, sent = client("salesforce")
    with pytest.raises(PlatformRefused):
        oauth.authorize_url(redirect_uri=CALLBACK, state="s", code_challenge="c", asked={"my_domain": answer})
    with pytest.raises(PlatformRefused):
        oauth.exchange("c", redirect_uri=CALLBACK, asked={"my_domain": answer})
    assert sent == []


def test_the_signature_of_the_vendors_formula_is_checked() -> None:
    vector = {**SALESFORCE, "signature": "284kfOyb7L9EzBM+2UkVtC9/KM1KH7bQDyQFCTX79oU="}
    made, _ = session(lambda request: Reply(200, vector))
    app: dict[str, Any] = {
        "client_id": "app",
        "client_secret": SECRET_OF_THE_VECTOR,
        "clock": StoppedClock(),
        "session": made,
    }
    assert OAuthClient(platform("salesforce"), **app).exchange("c", redirect_uri=CALLBACK, asked=ASKED)


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "x"},
        {"signature": None},
        {"signature": 7},
        {"issued_at": "1767225600001"},
        {"id": ""},
        {"id": None},
        {"issued_at": None},
    ],
)
def test_a_token_answer_with_a_wrong_signature_is_not_kept(change: dict[str, Any]) -> None:
    oauth, _ = client("salesforce", {"/services/oauth2/token": {**SALESFORCE, **change}})
    with pytest.raises(PlatformRefused, match="signature"):
        oauth.exchange("c", redirect_uri=CALLBACK, asked=ASKED)


def test_the_account_host_follows_a_rename_on_refresh_and_never_leaves_salesforce() -> None:
    renamed = {"access_token": "2", "instance_url": "https://acme2.my.salesforce.com"}
    oauth, _ = client("salesforce", {"/services/oauth2/token": SALESFORCE})
    before = oauth.exchange("c", redirect_uri=CALLBACK, asked=ASKED)
    after, _ = client("salesforce", {"/services/oauth2/token": renamed})
    kept = after.refresh(before)
    assert kept.api_base == "https://acme2.my.salesforce.com"
    assert (kept.refresh_token, kept.scopes) == ("5Aep861-first", ("api", "refresh_token"))
    evil, _ = client("salesforce", {"/services/oauth2/token": {**renamed, "instance_url": "https://evil.example"}})
    with pytest.raises(PlatformRefused):
        evil.refresh(before)


def test_two_refreshes_at_once_are_a_matter_of_seconds_and_not_of_consent() -> None:
    reply = {"error": "invalid_grant", "error_description": "token request is already being processed"}
    oauth, _ = client("salesforce", lambda request: Reply(400, reply))
    with pytest.raises(PlatformUnavailable) as caught:
        oauth.refresh(stored(auth_base="https://acme.my.salesforce.com"))
    assert caught.value.retry_after == 2.0
    gone, _ = client(
        "salesforce", lambda request: Reply(400, {**reply, "error_description": "expired access/refresh token"})
    )
    with pytest.raises(NeedsReauthorisation):
        gone.refresh(stored(auth_base="https://acme.my.salesforce.com"))


def test_salesforce_is_asked_who_and_then_what_the_company_is_called() -> None:
    answers = {
        "/services/oauth2/userinfo": {"organization_id": "00D50000000IZ3ZEAW"},
        "/services/data/v66.0/query": {"records": [{"Name": "Acme Limited"}]},
    }
    oauth, sent = client("salesforce", answers)
    account = oauth.identify(stored(api_base="https://acme.my.salesforce.com"))
    assert (account.account_id, account.name) == ("00D50000000IZ3ZEAW", "Acme Limited")
    assert query(str(sent[1].url))["q"].endswith("Id = '00D50000000IZ3ZEAW'")


def stored(**more: Any) -> TokenSet:
    return TokenSet(access_token="a", refresh_token="r", expires_at=NOW, **more)


# --- Square ---------------------------------------------------------------------------------------------------------

SQUARE = {
    "access_token": "EAAA-access",
    "token_type": "bearer",
    "expires_at": "2026-06-15T08:00:00Z",
    "merchant_id": "MLQW6",
    "refresh_token": "EQAA-refresh",
}


def test_square_speaks_json_and_tells_the_expiry_as_a_date() -> None:
    oauth, sent = client("square", {"/oauth2/token": SQUARE})
    url = oauth.authorize_url(redirect_uri=CALLBACK, state="s")
    assert "scope=ORDERS_READ+PAYMENTS_READ" in url
    assert query(url)["session"] == "false"
    tokens = oauth.exchange("c", redirect_uri=CALLBACK)
    assert body(sent[0])["client_secret"] == "s3cret"
    assert lifetime(tokens) == 30 * 86400


def test_squares_own_sandbox_is_chosen_by_the_apps_registration() -> None:
    oauth, sent = client("square", {"/oauth2/token": SQUARE}, environment="sandbox")
    tokens = oauth.exchange("c", redirect_uri=CALLBACK)
    assert tokens.api_base == tokens.auth_base == "https://connect.squareupsandbox.com"
    oauth.refresh(tokens)
    assert all(str(one.url).startswith("https://connect.squareupsandbox.com/") for one in sent)
    with pytest.raises(ConfigurationError):
        client("hubspot", environment="sandbox")


def test_square_names_the_account_in_the_token_answer_and_is_asked_its_name_by_that() -> None:
    me = {"merchant": {"business_name": "Kainji Foods", "currency": "NGN"}}
    oauth, sent = client("square", {"/oauth2/token": SQUARE, "/v2/merchants/MLQW6": me})
    account = oauth.identify(oauth.exchange("c", redirect_uri=CALLBACK))
    assert (account.account_id, account.name, account.details) == ("MLQW6", "Kainji Foods", {"default_currency": "NGN"})
    assert sent[1].headers["square-version"] == "2026-09-16"


def test_square_is_told_of_the_end_with_the_apps_secret_in_a_header_of_its_own() -> None:
    oauth, sent = client("square", {"/oauth2/token": SQUARE, "/oauth2/revoke": {"success": True}})
    oauth.revoke(oauth.exchange("c", redirect_uri=CALLBACK))
    assert sent[1].headers["Authorization"] == "Client s3cret"
    assert body(sent[1]) == {"client_id": "app", "access_token": "EAAA-access"}


# --- Toast ----------------------------------------------------------------------------------------------------------

SHOP = "3325cc58-dc6e-4e21-85f9-7de275ffe820"
TOAST = {
    "token": {
        "tokenType": "Bearer",
        "expiresIn": 86400,
        "accessToken": jwt(scope="orders:read menus:read"),
        "refreshToken": None,
    },
    "status": "SUCCESS",
}
RESTAURANT = {
    "general": {"name": "Kainji Foods", "currencyCode": "NGN", "timeZone": "Africa/Lagos"},
    "externalRestaurantRef": "m_1",
}


def test_toasts_app_logs_in_by_itself_with_names_and_an_answer_of_its_own() -> None:
    oauth, sent = client("toast", {"/authentication/v1/authentication/login": TOAST})
    tokens = oauth.exchange("login", redirect_uri=CALLBACK)
    assert body(sent[0]) == {"clientId": "app", "clientSecret": "s3cret", "userAccessType": "TOAST_MACHINE_CLIENT"}
    assert (lifetime(tokens), tokens.refresh_token) == (86400, None)
    assert tokens.scopes == ("orders:read", "menus:read")


def test_a_merchant_of_toast_comes_back_to_our_own_callback_without_a_consent_screen() -> None:
    oauth, _ = client("toast")
    assert query(oauth.authorize_url(redirect_uri=CALLBACK, state="s")) == {"state": "s", "code": "login"}


def test_a_refresh_of_toast_is_another_login_and_is_not_counted_as_lost_consent() -> None:
    oauth, sent = client("toast", {"/authentication/v1/authentication/login": TOAST})
    renewed = oauth.refresh(oauth.exchange("login", redirect_uri=CALLBACK))
    assert body(sent[1]) == body(sent[0])
    assert renewed.access_token == TOAST["token"]["accessToken"]  # type: ignore[index]  # plain JSON
    refused, _ = client("toast", lambda request: Reply(401, {"status": 401, "message": "no"}))
    with pytest.raises(ConfigurationError):
        refused.refresh(renewed)


def test_the_host_that_toast_hands_out_privately_comes_from_the_apps_registration() -> None:
    oauth, _ = client(
        "toast", {"/authentication/v1/authentication/login": TOAST}, host="https://ws-sandbox-api.eng.toasttab.com"
    )
    assert oauth.exchange("login", redirect_uri=CALLBACK).api_base == "https://ws-sandbox-api.eng.toasttab.com"
    evil, _ = client("toast", host="https://evil.example")
    with pytest.raises(PlatformRefused):
        evil.exchange("login", redirect_uri=CALLBACK)


def test_a_typed_restaurant_counts_only_if_it_names_the_merchant() -> None:
    answers = {"/authentication/v1/authentication/login": TOAST, f"/restaurants/v1/restaurants/{SHOP}": RESTAURANT}
    oauth, sent = client("toast", answers)
    tokens = oauth.exchange("login", redirect_uri=CALLBACK)
    account = oauth.identify(tokens, asked={"restaurant": SHOP}, merchant="m_1")
    assert (account.account_id, account.name) == (SHOP, "Kainji Foods")
    assert sent[1].headers["toast-restaurant-external-id"] == SHOP
    for merchant in ("m_2", None):
        with pytest.raises(PlatformRefused, match="does not name this merchant"):
            oauth.identify(tokens, asked={"restaurant": SHOP}, merchant=merchant)


@pytest.mark.parametrize("typed", ["../../v1/x", "a/b", "%2e%2e", "a?b", ""])
def test_what_a_merchant_typed_stays_one_part_of_the_path(typed: str) -> None:
    oauth, sent = client("toast", lambda request: Reply(404, {}))
    with pytest.raises(Exception, match="toast"):
        oauth.identify(stored(), asked={"restaurant": typed}, merchant="m_1")
    assert all(urlsplit(str(one.url)).path.startswith("/restaurants/v1/restaurants/") for one in sent)
    assert all(urlsplit(str(one.url)).path.count("/") == 4 for one in sent)


# --- Lightspeed R ---------------------------------------------------------------------------------------------------


def r_answer(**claims: Any) -> dict[str, Any]:
    token = jwt(acct="123456", sub="7", scope="employee:register_read employee:customers_read", **claims)
    return {"token_type": "Bearer", "expires_in": 3600, "access_token": token, "refresh_token": "def50-first"}


def test_lightspeed_r_gets_no_redirect_uri_and_a_json_body() -> None:
    oauth, sent = client("lightspeed_r", {"/auth/oauth/token": r_answer()})
    url = oauth.authorize_url(redirect_uri=CALLBACK, state="s", code_challenge="c")
    assert "redirect_uri" not in query(url)
    tokens = oauth.exchange("c", redirect_uri=CALLBACK, code_verifier="v")
    assert body(sent[0]) == {
        "grant_type": "authorization_code",
        "code": "c",
        "code_verifier": "v",
        "client_id": "app",
        "client_secret": "s3cret",
    }
    assert tokens.scopes == ("employee:register_read", "employee:customers_read")
    assert tokens.api_base == "https://api.lightspeedapp.com"


def test_lightspeed_r_names_the_account_in_the_tokens_own_claims() -> None:
    account = {"Account": {"accountID": "123456", "name": "Kainji Foods", "defaultCurrency": {"code": "NGN"}}}
    oauth, _ = client("lightspeed_r", {"/auth/oauth/token": r_answer(), "/API/V3/Account/123456.json": account})
    found = oauth.identify(oauth.exchange("c", redirect_uri=CALLBACK))
    assert (found.account_id, found.name, found.details) == ("123456", "Kainji Foods", {"default_currency": "NGN"})


@pytest.mark.parametrize("token", ["opaque", "a.b", "a.b.c", "..", "a.ey!.c", "a.bnVsbA.c", "a." + "A" * 6000 + ".c"])
def test_a_token_that_is_no_jwt_names_nobody(token: str) -> None:
    oauth, sent = client("lightspeed_r", {"/auth/oauth/token": {**r_answer(), "access_token": token}})
    tokens = oauth.exchange("c", redirect_uri=CALLBACK)
    with pytest.raises(PlatformRefused, match="whose account"):
        oauth.identify(tokens)
    assert len(sent) == 1


def test_lightspeed_r_is_given_its_refresh_token_back() -> None:
    oauth, sent = client("lightspeed_r", {"/auth/oauth/token": r_answer(), "/auth/oauth/revoke": {}})
    oauth.revoke(oauth.exchange("c", redirect_uri=CALLBACK))
    assert body(sent[1]) == {"refresh_token": "def50-first", "client_id": "app", "client_secret": "s3cret"}


# --- Lightspeed X ---------------------------------------------------------------------------------------------------

X = {
    "access_token": "x-access",
    "refresh_token": "x-refresh",
    "token_type": "Bearer",
    "expires": int(NOW.timestamp()) + 86400,
    "expires_in": 604800,
    "domain_prefix": "exampleshop",
    "scope": "sales:read",
}
BACK = {"domain_prefix": "exampleshop", "scope": "sales:read", "user_id": "1"}


def test_lightspeed_x_gives_tokens_on_the_shops_own_host_which_the_callback_names() -> None:
    oauth, sent = client("lightspeed_x", {"/api/1.0/token": X})
    assert oauth.authorize_url(redirect_uri=CALLBACK, state="s" * 8).startswith(
        "https://secure.retail.lightspeed.app/connect?"
    )
    tokens = oauth.exchange("c", redirect_uri=CALLBACK, callback=BACK)
    assert sent[0].url == "https://exampleshop.retail.lightspeed.app/api/1.0/token"
    assert form(sent[0])["redirect_uri"] == CALLBACK
    assert tokens.api_base == tokens.auth_base == "https://exampleshop.retail.lightspeed.app"
    assert lifetime(tokens) == 86400


def test_a_refresh_of_lightspeed_x_goes_to_the_same_shop_and_takes_the_new_pair() -> None:
    oauth, sent = client("lightspeed_x", {"/api/1.0/token": {**X, "access_token": "2", "refresh_token": "second"}})
    renewed = oauth.refresh(
        stored(
            api_base="https://exampleshop.retail.lightspeed.app", auth_base="https://exampleshop.retail.lightspeed.app"
        )
    )
    assert str(sent[0].url) == "https://exampleshop.retail.lightspeed.app/api/1.0/token"
    assert (renewed.refresh_token, renewed.api_base) == ("second", "https://exampleshop.retail.lightspeed.app")
    assert renewed.auth_base == "https://exampleshop.retail.lightspeed.app"


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "-",
        "a.b",
        "evil.example/",
        "evil.example#",
        "a@evil.example",
        "A",
        "shop%2e",
        "ü",
        "x" * 64,
        "a\n",
        " a",
        "a:443",
        "localhost:80/",
        "..",
        "xn--e1a_fay",
    ],
)
def test_a_shop_from_the_callback_that_is_not_one_label_gets_no_secret(prefix: str) -> None:
    oauth, sent = client("lightspeed_x")
    with pytest.raises(PlatformRefused):
        oauth.exchange("c", redirect_uri=CALLBACK, callback={**BACK, "domain_prefix": prefix})
    assert sent == []


@pytest.mark.parametrize(
    "base",
    [
        "https://evil.example",
        "https://exampleshop.retail.lightspeed.app.evil.example",
        "https://.retail.lightspeed.app",
        "https://a.b.retail.lightspeed.app",
        "http://exampleshop.retail.lightspeed.app",
        "https://secure.retail.lightspeed.app:444",
    ],
)
def test_a_stored_host_is_held_against_the_rule_again_before_a_refresh(base: str) -> None:
    oauth, sent = client("lightspeed_x")
    with pytest.raises(PlatformRefused):
        oauth.refresh(stored(api_base="https://exampleshop.retail.lightspeed.app", auth_base=base))
    assert sent == []


@pytest.mark.parametrize("expires", [0, -5, int(NOW.timestamp()) - 1, 10**18, "soon", True, None, "1e999999"])
def test_an_expiry_that_makes_no_sense_is_the_templates(expires: Any) -> None:
    oauth, _ = client("lightspeed_x", {"/api/1.0/token": {**X, "expires": expires, "expires_in": None}})
    assert lifetime(oauth.exchange("c", redirect_uri=CALLBACK, callback=BACK)) == 86400


# --- all of them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answer", "more"),
    [
        ("hubspot", HUBSPOT, {}),
        ("square", SQUARE, {}),
        ("lightspeed_x", X, {"callback": BACK}),
        ("salesforce", SALESFORCE, {"asked": ASKED}),
    ],
)
def test_no_token_is_among_the_facts_and_none_of_it_is_shown(
    name: str, answer: dict[str, Any], more: dict[str, Any]
) -> None:
    oauth, _ = client(name, lambda request: Reply(200, answer))
    tokens = oauth.exchange("c", redirect_uri=CALLBACK, **more)
    for secret in (answer["access_token"], answer["refresh_token"]):
        assert secret not in json.dumps(dict(tokens.facts))
        assert secret not in repr(tokens)


def test_a_body_in_parts_is_multipart() -> None:
    spec = platform("lightspeed_r")
    token = spec.oauth.token.model_copy(update={"body": "multipart"})
    spec = spec.model_copy(update={"oauth": spec.oauth.model_copy(update={"token": token})})
    made, transport = session(lambda request: Reply(200, r_answer()))
    app: dict[str, Any] = {"client_id": "app", "client_secret": "s3cret", "clock": StoppedClock(), "session": made}
    OAuthClient(spec, **app).refresh(stored())
    assert transport.sent[0].headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="refresh_token"' in (transport.sent[0].body or b"")
