"""Consent, tokens, revoking and uninstalling."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.kit import Clock
from tests.unit.sandbox.receiver import Receiver
from tests.unit.sandbox.test_pipedrive.conftest import APP, COMPANY, Client, sample

ASKED = {"client_id": APP["client_id"], "redirect_uri": APP["redirect_uri"], "state": "s-1"}
ADMIN = f"{COMPANY}:9001"
DAY = 86400


def decide(client: Client, **more: str) -> dict[str, list[str]]:
    form = ASKED | {"user": ADMIN, "decision": "allow"} | more
    answer = requests.post(f"{client.url}/oauth/authorize", data=form, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(APP["redirect_uri"] + "?")
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def code_form(client: Client) -> dict[str, str]:
    code = decide(client)["code"][0]
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": APP["redirect_uri"]}


def refresh_form(token: dict[str, Any]) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}


def test_the_consent_page_names_the_app_its_scopes_and_lets_choose_a_user(client: Client) -> None:
    page = requests.get(f"{client.url}/oauth/authorize", params=ASKED, timeout=5)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    for words in (
        "TaxPoynt Connect",
        "deals:read",
        "Zainab Okafor",
        f'value="{ADMIN}" required checked',
        "Tunde Bakare",
    ):
        assert words in page.text
    for words in ('<html lang="en">', "width=device-width", ">Allow and install</button>", ">Deny</button>"):
        assert words in page.text


def test_the_state_is_shown_back_as_text_and_not_as_markup(client: Client) -> None:
    page = requests.get(f"{client.url}/oauth/authorize", params=ASKED | {"state": '"><script>'}, timeout=5)
    assert "<script>" not in page.text


def test_scope_and_pkce_parameters_are_ignored_and_the_log_says_so(client: Client) -> None:
    params = ASKED | {"scope": "everything", "code_challenge": "x", "code_challenge_method": "S256"}
    assert requests.get(f"{client.url}/oauth/authorize", params=params, timeout=5).status_code == 200
    assert "code_challenge, code_challenge_method, scope" in client.log()[-1]["verdict"]


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"client_id": "someone"}, "Unknown app"),
        ({"redirect_uri": APP["redirect_uri"] + "/"}, "Wrong callback address"),
        ({"redirect_uri": None}, "Wrong callback address"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_app_or_address_ends_on_a_page_and_never_redirects(
    client: Client, change: dict[str, str | None], title: str, method: str
) -> None:
    given = {key: value for key, value in (ASKED | {"user": ADMIN, "decision": "allow"} | change).items() if value}
    where = {"params": given} if method == "GET" else {"data": given}
    answer = requests.request(method, f"{client.url}/oauth/authorize", allow_redirects=False, timeout=5, **where)  # type: ignore[arg-type]  # params or data
    assert answer.status_code == 400
    assert title in answer.text
    assert "Location" not in answer.headers


def test_allowing_gives_a_code_and_the_state_and_denying_gives_only_an_error(client: Client) -> None:
    assert set(decide(client)) == {"code", "state"}
    assert decide(client, decision="deny") == {"error": ["user_denied"], "state": ["s-1"]}


def test_an_install_from_the_marketplace_comes_back_without_a_state(client: Client) -> None:
    form = {key: value for key, value in ASKED.items() if key != "state"} | {"user": ADMIN, "decision": "allow"}
    answer = requests.post(f"{client.url}/oauth/authorize", data=form, allow_redirects=False, timeout=5)
    assert set(parse_qs(urlsplit(answer.headers["Location"]).query)) == {"code"}


def test_a_code_becomes_a_token_of_the_documented_shape(client: Client) -> None:
    answer = client.token_call(code_form(client))
    assert answer.status_code == 200
    token = answer.json()
    assert set(token) == set(sample("oauth_token.shape.json")["body"])
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert token["api_domain"] == client.url
    assert token["scope"].split() == list(APP["scopes"])
    assert token["refresh_token"].count(":") == 2
    assert Client(client.url, token).data("/api/v1/users/me")["company_id"] == COMPANY


def test_a_code_works_once(client: Client) -> None:
    form = code_form(client)
    assert client.token_call(form).status_code == 200
    again = client.token_call(form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 400)])
def test_a_code_lives_five_minutes(client: Client, clock: Clock, seconds: int, status: int) -> None:
    form = code_form(client)
    clock.advance(seconds)
    assert client.token_call(form).status_code == status


@pytest.mark.parametrize("address", ["http://localhost:8080/oauth/pipedrive/callback/", "", None])
def test_the_address_must_be_the_one_of_the_authorise_request(client: Client, address: str | None) -> None:
    form = code_form(client)
    form.pop("redirect_uri")
    wrong = client.token_call(form if address is None else form | {"redirect_uri": address})
    assert wrong.status_code == 400
    assert "redirect_uri" in wrong.json()["message"]


@pytest.mark.parametrize("pair", [("someone", APP["client_secret"]), (APP["client_id"], "wrong")])
def test_a_wrong_client_is_refused(client: Client, pair: tuple[str, str]) -> None:
    answer = client.token_call(code_form(client), auth=pair)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_client_credentials_in_the_body_are_taken_with_a_remark(client: Client) -> None:
    pair = {"client_id": APP["client_id"], "client_secret": APP["client_secret"]}
    answer = requests.post(f"{client.url}/oauth/token", data=code_form(client) | pair, timeout=5)
    assert answer.status_code == 200
    assert "advises against" in client.log()[-1]["verdict"]


def test_no_client_at_all_and_no_form_are_refused(client: Client) -> None:
    nobody = requests.post(f"{client.url}/oauth/token", data=code_form(client), timeout=5)
    assert (nobody.status_code, nobody.json()["error"]) == (400, "invalid_client")
    as_json = requests.post(f"{client.url}/oauth/token", json=code_form(client), auth=("a", "b"), timeout=5)
    assert "x-www-form-urlencoded" in as_json.json()["message"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"foo": "bar"}, "Missing parameter: `grant_type`"),
        ({"grant_type": "authorization_code"}, "Missing parameter: `code`"),
        ({"grant_type": "refresh_token"}, "Missing parameter: `refresh_token`"),
        ({"grant_type": "client_credentials"}, "Unsupported grant type: `grant_type` is invalid"),
    ],
)
def test_an_incomplete_token_request_says_what_is_missing(client: Client, form: dict[str, str], message: str) -> None:
    answer = client.token_call(form)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_refreshing_gives_a_new_access_token_and_the_same_refresh_token(client: Client) -> None:
    fresh = client.token_call(refresh_form(client.token)).json()
    assert fresh["refresh_token"] == client.token["refresh_token"]
    assert fresh["access_token"] != client.token["access_token"]
    assert client.get("/api/v1/users/me").status_code == 200
    assert Client(client.url, fresh).get("/api/v1/users/me").status_code == 200


def test_an_unknown_refresh_token_gets_the_vendors_words(client: Client) -> None:
    expected = sample("errors.json")["oauth_invalid_refresh_token"]
    answer = client.token_call(refresh_form({"refresh_token": "1:2:beef"}))
    assert (answer.status_code, answer.json()) == (expected["status"], expected["body"])


def test_sixty_days_without_use_end_a_grant_and_each_use_starts_them_again(client: Client, clock: Clock) -> None:
    for _ in range(3):
        clock.advance(59 * DAY)
        assert client.token_call(refresh_form(client.token)).status_code == 200
    clock.advance(60 * DAY + 1)
    assert client.token_call(refresh_form(client.token)).json()["error"] == "invalid_grant"


def test_an_access_token_lives_an_hour(client: Client, clock: Clock) -> None:
    expected = sample("errors.json")["unauthorized"]
    clock.advance(3599)
    assert client.get("/api/v1/users/me").status_code == 200
    clock.advance(1)
    answer = client.get("/api/v1/users/me")
    assert (answer.status_code, answer.json()) == (expected["status"], expected["body"])
    assert client.log()[-1]["verdict"] == "refused because the access token has expired"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic YTpi"}])
def test_missing_and_unknown_tokens_get_the_same_401(client: Client, header: dict[str, str]) -> None:
    answer = requests.get(f"{client.url}/api/v2/deals/101", headers=header, timeout=5)
    assert (answer.status_code, answer.json()) == (401, sample("errors.json")["unauthorized"]["body"])


def test_all_access_tokens_can_be_made_to_expire_by_control(client: Client) -> None:
    client.control("POST", "/tokens/expire")
    assert client.get("/api/v1/users/me").status_code == 401
    assert client.token_call(refresh_form(client.token)).status_code == 200


def test_revoking_an_access_token_ends_only_that_one(client: Client) -> None:
    assert client.token_call({"token": client.token["access_token"]}, "/oauth/revoke").status_code == 200
    assert client.get("/api/v1/users/me").status_code == 401
    assert client.token_call(refresh_form(client.token)).status_code == 200


def test_revoking_a_refresh_token_uninstalls(client: Client, receiver: Receiver) -> None:
    assert client.subscribe(receiver.url).status_code == 201
    form = {"token": client.token["refresh_token"], "token_type_hint": "refresh_token"}
    assert client.token_call(form, "/oauth/revoke").status_code == 200
    assert client.get("/api/v1/users/me").status_code == 401
    assert client.token_call(refresh_form(client.token)).json()["error"] == "invalid_grant"
    assert client.control("GET", "/state")["companies"][0]["webhooks"] == []


def test_revoking_an_unknown_token_is_answered_200(client: Client) -> None:
    assert client.token_call({"token": "nobody's"}, "/oauth/revoke").status_code == 200


def test_uninstalling_sends_a_delete_with_a_body_to_the_callback(client: Client, receiver: Receiver) -> None:
    client.control("POST", "/seed", {"app": APP | {"redirect_uri": receiver.url + "/oauth/pipedrive/callback"}})
    client.subscribe(receiver.url)
    receiver.status = 500  # the answer is ignored
    told = client.control("POST", "/uninstall", {"company_id": COMPANY})
    assert told == {"told": receiver.url + "/oauth/pipedrive/callback", "answer": 500, "error": None}
    [arrival] = receiver.arrivals
    expected = sample("uninstall_callback.shape.json")
    assert (arrival.method, arrival.path) == ("DELETE", "/oauth/pipedrive/callback")
    assert set(json.loads(arrival.body)) == set(expected["body"])
    assert json.loads(arrival.body)["company_id"] == COMPANY
    assert json.loads(arrival.body)["timestamp"] == "2026-05-15 21:30:00"
    pair = base64.b64encode(f"{APP['client_id']}:{APP['client_secret']}".encode()).decode()
    assert arrival.headers["Authorization"] == f"Basic {pair}"
    assert client.get("/api/v1/users/me").status_code == 401
    assert client.control("GET", "/state")["companies"][0]["webhooks"] == []


def test_secrets_never_stand_in_the_log_or_the_state(client: Client) -> None:
    client.token_call(refresh_form(client.token))
    shown = str(client.log()) + str(client.control("GET", "/state"))
    for secret in (APP["client_secret"], client.token["refresh_token"], client.token["access_token"]):
        assert secret not in shown
