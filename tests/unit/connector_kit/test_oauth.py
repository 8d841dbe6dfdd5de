from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.oauth import OAuthClient, pkce_pair
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.uninstalling import read_uninstall
from taxpoynt.errors import (
    BadInput,
    ConfigurationError,
    NeedsReauthorisation,
    PlatformRefused,
    PlatformUnavailable,
    RateLimited,
    SignatureMismatch,
    TaxPoyntError,
)
from tests.unit.connector_kit.parts import NOW, Reply, StoppedClock, session, tokens

PIPEDRIVE = template("pipedrive")
ANSWER = {
    "access_token": "v1u:EXAMPLE-ACCESS-TOKEN",
    "token_type": "Bearer",
    "refresh_token": "1:1:EXAMPLE-REFRESH-TOKEN",
    "scope": "deals:read products:read,contacts:read webhooks:full",
    "expires_in": 3599,
    "api_domain": "https://company-sandbox.pipedrive.com",
}
ME = {
    "success": True,
    "data": {
        "id": 1,
        "company_id": 54235233,
        "company_name": "Pipedrive",
        "company_domain": "pipedrive-12g53f",
        "default_currency": "EUR",
        "timezone_name": "Europe/Berlin",
        "access": [{"app": "sales", "admin": True}],
    },
}


def client(reply: Any, spec: Template = PIPEDRIVE, **more: Any) -> tuple[OAuthClient, list[requests.PreparedRequest]]:
    made, transport = session(reply if callable(reply) else lambda request: reply)
    app: dict[str, Any] = {"client_id": "app", "client_secret": "s3cret:with colon"}
    return OAuthClient(spec, **app, clock=StoppedClock(), session=made, **more), transport.sent


def changed(model: Any, **update: Any) -> Any:
    return model.model_copy(update=update)


def form(sent: requests.PreparedRequest) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(str(sent.body)).items()}


def test_the_consent_screen_gets_state_and_callback_and_no_scope() -> None:
    oauth, _ = client(Reply())
    url = urlsplit(oauth.authorize_url(redirect_uri="https://us.example/oauth/pipedrive/callback", state="s&t"))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.scheme, url.netloc, url.path) == ("https", "oauth.pipedrive.com", "/oauth/authorize")
    assert query["state"] == "s&t"
    assert query["redirect_uri"] == "https://us.example/oauth/pipedrive/callback"
    assert not {"scope", "code_challenge"} & set(query)


def test_a_platform_with_pkce_and_scopes_gets_both() -> None:
    consent = changed(PIPEDRIVE.oauth.authorize, pkce="required", scope_parameter="scope")
    spec = changed(PIPEDRIVE, oauth=changed(PIPEDRIVE.oauth, authorize=consent))
    oauth, _ = client(Reply(), spec)
    with pytest.raises(ConfigurationError):
        oauth.authorize_url(redirect_uri="https://us.example/cb", state="s")
    url = oauth.authorize_url(redirect_uri="https://us.example/cb", state="s", code_challenge="c")
    assert "code_challenge=c&code_challenge_method=S256" in url
    assert "scope=base+deals%3Aread" in url


def test_a_pkce_pair_is_rfc_7636() -> None:
    verifier, challenge = pkce_pair()
    assert 43 <= len(verifier) <= 128
    assert challenge == base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def test_a_code_becomes_tokens_with_a_checked_host() -> None:
    oauth, sent = client(Reply(200, ANSWER))
    made = oauth.exchange("code", redirect_uri="https://us.example/cb", code_verifier="v")
    assert sent[0].url == "https://oauth.pipedrive.com/oauth/token"
    pair = base64.b64encode(b"app:s3cret:with colon").decode()
    assert sent[0].headers["Authorization"] == f"Basic {pair}"
    assert form(sent[0]) == {
        "grant_type": "authorization_code",
        "code": "code",
        "redirect_uri": "https://us.example/cb",
        "code_verifier": "v",
    }
    assert made.api_base == "https://company-sandbox.pipedrive.com"
    assert (made.expires_at - NOW).total_seconds() == 3599
    assert made.scopes == ("deals:read", "products:read", "contacts:read", "webhooks:full")
    assert "EXAMPLE" not in repr(made)


def test_client_credentials_go_into_the_body_where_the_platform_wants_that() -> None:
    token = changed(PIPEDRIVE.oauth.token, client_auth="body")
    spec = changed(PIPEDRIVE, oauth=changed(PIPEDRIVE.oauth, token=token))
    oauth, sent = client(Reply(200, ANSWER), spec)
    oauth.refresh(tokens())
    assert "Authorization" not in sent[0].headers
    assert form(sent[0])["client_secret"] == "s3cret:with colon"


def test_a_refresh_keeps_what_the_platform_does_not_send_again() -> None:
    answer = {
        name: value for name, value in ANSWER.items() if name not in ("refresh_token", "api_domain", "expires_in")
    }
    oauth, _ = client(Reply(200, answer))
    made = oauth.refresh(tokens(7))
    assert (made.refresh_token, made.generation) == ("1:1:r1", 7)
    assert made.api_base == "https://acme.pipedrive.com"
    assert (made.expires_at - NOW).total_seconds() == 3600


def test_a_refresh_stores_whatever_comes_back() -> None:
    oauth, _ = client(Reply(200, {**ANSWER, "refresh_token": "new", "api_domain": "https://renamed.pipedrive.com"}))
    made = oauth.refresh(tokens())
    assert (made.refresh_token, made.api_base) == ("new", "https://renamed.pipedrive.com")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"success": False, "message": "…", "error": "invalid_grant"}, NeedsReauthorisation),
        (400, {"success": "false", "error": "invalid_grant"}, NeedsReauthorisation),
        (401, {"error": "invalid_client"}, ConfigurationError),
        (401, b"", ConfigurationError),
        (400, {"error": "unauthorized_client"}, ConfigurationError),
        (400, {"error": "invalid_request"}, PlatformRefused),
        (400, b"<html>", PlatformRefused),
        (400, {"error": ["invalid_grant"]}, PlatformRefused),
        (429, {"error": "invalid_grant"}, RateLimited),
        (500, {"error": "invalid_grant"}, PlatformUnavailable),
        (503, b"", PlatformUnavailable),
        (200, b"not json", PlatformRefused),
        (200, [], PlatformRefused),
        (200, {**ANSWER, "access_token": ""}, PlatformRefused),
        (200, {**ANSWER, "access_token": "a\r\nX: y"}, PlatformRefused),
        (200, {**ANSWER, "access_token": 7}, PlatformRefused),
        (200, {**ANSWER, "access_token": "x" * 9000}, PlatformRefused),
        (200, {**ANSWER, "api_domain": "https://evil.example"}, PlatformRefused),
        (200, {**ANSWER, "api_domain": 7}, PlatformRefused),
    ],
)
def test_every_answer_of_the_token_address_has_its_verdict(
    status: int, body: Any, expected: type[TaxPoyntError]
) -> None:
    oauth, _ = client(Reply(status, body))
    with pytest.raises(expected) as caught:
        oauth.refresh(tokens())
    assert "r1" not in str(caught.value)
    assert not (expected is not NeedsReauthorisation and isinstance(caught.value, NeedsReauthorisation))


def test_a_timeout_is_an_outage() -> None:
    oauth, _ = client(requests.exceptions.ReadTimeout())
    with pytest.raises(PlatformUnavailable):
        oauth.refresh(tokens())


def test_without_a_refresh_token_somebody_must_connect_again() -> None:
    oauth, sent = client(Reply(200, ANSWER))
    with pytest.raises(NeedsReauthorisation):
        oauth.refresh(tokens(refresh=""))
    assert sent == []


def test_an_absurd_lifetime_is_the_templates() -> None:
    for lifetime in (True, -5, 10**9, "3599", None):
        oauth, _ = client(Reply(200, {**ANSWER, "expires_in": lifetime}))
        assert (oauth.refresh(tokens()).expires_at - NOW).total_seconds() == 3600


def test_an_unset_app_is_the_operators_to_mend() -> None:
    with pytest.raises(ConfigurationError):
        OAuthClient(PIPEDRIVE, client_id="", client_secret="x", clock=StoppedClock())


def test_revoking_gives_back_the_refresh_token() -> None:
    oauth, sent = client(Reply(200, {"success": True}))
    oauth.revoke(tokens())
    assert sent[0].url == "https://oauth.pipedrive.com/oauth/revoke"
    assert form(sent[0]) == {"token": "1:1:r1", "token_type_hint": "refresh_token"}


def test_the_override_serves_all_hosts() -> None:
    oauth, sent = client(Reply(200, ANSWER), endpoint="http://localhost:9101")
    assert oauth.authorize_url(redirect_uri="x", state="s").startswith("http://localhost:9101/oauth/authorize?")
    assert oauth.exchange("code", redirect_uri="x").api_base == "http://localhost:9101"
    assert sent[0].url == "http://localhost:9101/oauth/token"


# --- whose account --------------------------------------------------------------------------------------------------


def test_the_account_is_asked_for_with_the_new_token() -> None:
    oauth, sent = client(Reply(200, ME))
    account = oauth.identify(tokens())
    assert sent[0].url == "https://acme.pipedrive.com/api/v1/users/me"
    assert sent[0].headers["Authorization"] == "Bearer access-1"
    assert (account.account_id, account.name, account.warnings) == ("54235233", "Pipedrive", ())
    assert account.details["timezone_name"] == "Europe/Berlin"
    assert account.details["is_admin"] is True
    json.dumps(account.details)


def test_somebody_who_is_no_administrator_is_warned() -> None:
    oauth, _ = client(Reply(200, {"data": {**ME["data"], "access": [{"app": "sales", "admin": False}]}}))  # type: ignore[dict-item]  # plain JSON
    account = oauth.identify(tokens())
    assert "administrator" in account.warnings[0]
    assert account.details["is_admin"] is False


@pytest.mark.parametrize(
    "data", [{}, {"company_id": None}, {"company_id": True}, {"company_id": " "}, {"company_id": {}}]
)
def test_an_answer_that_names_no_account_is_refused(data: dict[str, Any]) -> None:
    oauth, _ = client(Reply(200, {"data": data}))
    with pytest.raises(PlatformRefused):
        oauth.identify(tokens())


# --- uninstall ------------------------------------------------------------------------------------------------------

SIGNAL = b'{"client_id":"app","company_id":123,"user_id":1234,"timestamp":"2020-10-28 08:33:04"}'
APP = {"client_id": "app", "client_secret": "s3cret"}
RIGHT = "Basic " + base64.b64encode(b"app:s3cret").decode()


def test_a_genuine_uninstall_names_its_account() -> None:
    signal = read_uninstall(PIPEDRIVE, authorization=RIGHT, body=SIGNAL, **APP)
    assert (signal.account_id, signal.user_id) == ("123", "1234")


@pytest.mark.parametrize(
    "header", [None, "", "Basic", "Basic x", "Bearer " + RIGHT[6:], RIGHT[:-2], "Basic ä", RIGHT + "="]
)
def test_an_uninstall_without_our_secret_is_refused(header: str | None) -> None:
    with pytest.raises(SignatureMismatch):
        read_uninstall(PIPEDRIVE, authorization=header, body=SIGNAL, **APP)


def test_an_unset_app_accepts_no_uninstall() -> None:
    empty = "Basic " + base64.b64encode(b":").decode()
    with pytest.raises(SignatureMismatch):
        read_uninstall(PIPEDRIVE, authorization=empty, body=SIGNAL, client_id="", client_secret="")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"company_id": null}', b'{"company_id": true}', b"\xff"])
def test_an_authentic_but_unreadable_uninstall_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        read_uninstall(PIPEDRIVE, authorization=RIGHT, body=body, **APP)
