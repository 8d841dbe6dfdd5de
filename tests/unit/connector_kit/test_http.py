from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.connection import HTTPSConnection

from taxpoynt.connector_kit.hosts import api_origin
from taxpoynt.connector_kit.http import MAX_ANSWER, call, open_session, refuse_private
from taxpoynt.connector_kit.loader import template
from taxpoynt.errors import PlatformRefused, PlatformUnavailable
from tests.unit.connector_kit.parts import Reply, session

PIPEDRIVE = template("pipedrive")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


# --- hosts from token answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named", ["https://acme.pipedrive.com", "https://acme.pipedrive.com/", "https://ACME-Sandbox.Pipedrive.com"]
)
def test_hosts_below_the_suffix_are_taken(named: str) -> None:
    assert api_origin(PIPEDRIVE, named, None) == named.lower().rstrip("/")


@pytest.mark.parametrize(
    "named",
    [
        None,
        "",
        "http://acme.pipedrive.com",
        "https://pipedrive.com",
        "https://.pipedrive.com",
        "https://acmepipedrive.com",
        "https://acme.pipedrive.com.evil.example",
        "https://evil.example/.pipedrive.com",
        "https://evil.example#.pipedrive.com",
        "https://evil.example?.pipedrive.com",
        "https://user@acme.pipedrive.com",
        "https://evil.example\\.pipedrive.com",
        "https://acme.pipedrive.com:8443",
        "https://acme.pipedrive.com/path",
        "https://acme..pipedrive.com",
        "https://169.254.169.254",
        "ftp://acme.pipedrive.com",
        "https://аcme.pipedrive.com",
    ],
)
def test_any_other_host_is_refused(named: str | None) -> None:
    with pytest.raises(PlatformRefused):
        api_origin(PIPEDRIVE, named, None)


@given(st.text())
def test_no_text_leads_outside_the_suffix(named: str) -> None:
    for text in (named, f"https://{named}", f"https://{named}.pipedrive.com", f"https://a.pipedrive.com{named}"):
        try:
            origin = api_origin(PIPEDRIVE, text, None)
        except PlatformRefused:
            continue
        host = requests.models.PreparedRequest()
        host.prepare_url(origin, None)
        assert str(host.url).rstrip("/").endswith(".pipedrive.com")


def test_the_stages_override_replaces_every_host() -> None:
    assert api_origin(PIPEDRIVE, "https://acme.pipedrive.com", "http://localhost:9101") == "http://localhost:9101"
    for wrong in ("http://localhost:9101/path", "localhost:9101", "http://u@localhost", ""):
        with pytest.raises(PlatformRefused):
            api_origin(PIPEDRIVE, None, wrong)


# --- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104 (an address to refuse)
        "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
    ],
)  # fmt: skip
def test_private_link_local_and_reserved_addresses_are_refused(address: str) -> None:
    with pytest.raises(PlatformRefused):
        refuse_private(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address: str) -> None:
    refuse_private(address)


@pytest.mark.parametrize("url", ["https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://127.1/"])
def test_a_name_that_leads_inside_is_refused_at_connect_time(url: str) -> None:
    with pytest.raises(PlatformRefused, match="private"):
        call(open_session(), "GET", url, headers={})


def connect_inside(port: int) -> socket.socket:
    inside = socket.socket()
    inside.connect(("127.0.0.1", port))
    return inside


def test_a_name_that_changes_its_mind_between_look_up_and_connect_is_refused(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the look-up says public, the connection leads inside; nothing is sent over it."""
    reached: list[socket.socket] = []

    def lead_inside(self: HTTPSConnection) -> socket.socket:
        reached.append(connect_inside(int(server.rpartition(":")[2])))
        return reached[0]

    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]
    monkeypatch.setattr("taxpoynt.connector_kit.http.socket.getaddrinfo", lambda *a, **k: public)
    monkeypatch.setattr(HTTPSConnection, "_new_conn", lead_inside)
    with pytest.raises(PlatformRefused, match="private"):
        call(open_session(), "GET", "https://acme.pipedrive.com/", headers={"Authorization": "Bearer x"})
    assert reached[0].fileno() == -1, "the connection is closed"


def test_a_name_that_nobody_knows_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*a: object, **k: object) -> None:
        raise socket.gaierror("unknown")

    monkeypatch.setattr("taxpoynt.connector_kit.http.socket.getaddrinfo", unknown)
    with pytest.raises(PlatformUnavailable):
        call(open_session(), "GET", "https://acme.pipedrive.com/", headers={})


def test_plain_http_goes_nowhere_but_to_the_override(server: str) -> None:
    with pytest.raises(PlatformRefused, match="https"):
        call(open_session(), "GET", server, headers={})
    assert call(open_session(server), "GET", server + "/", headers={}).body == b"{}"
    with pytest.raises(PlatformRefused, match="https"):
        call(open_session(server), "GET", server.replace("127.0.0.1", "localhost"), headers={})


def test_a_form_says_that_it_is_one() -> None:
    """Lightspeed X refuses a token request without it; requests says nothing of a text."""
    sent: list[str | None] = []

    class Session(requests.Session):
        def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
            sent.append(request.headers.get("Content-Type"))
            raise requests.ConnectionError

    with pytest.raises(PlatformUnavailable):
        call(Session(), "POST", "https://acme.example/token", headers={}, form="grant_type=refresh_token")
    assert sent == ["application/x-www-form-urlencoded"]


def test_redirects_are_answers_and_not_followed(server: str) -> None:
    answer = call(open_session(server), "GET", server + "/away", headers={"Authorization": "Bearer x"})
    assert answer.status == 302


# --- what comes back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [requests.exceptions.ConnectTimeout(), requests.exceptions.ReadTimeout(), requests.exceptions.SSLError()],
)
def test_trouble_on_the_way_is_an_outage_without_secrets_in_the_message(trouble: Exception) -> None:
    made, _ = session(lambda request: trouble)
    with pytest.raises(PlatformUnavailable) as caught:
        call(made, "GET", "https://acme.pipedrive.com/x?token=secret", headers={"Authorization": "Bearer secret"})
    assert "secret" not in str(caught.value)


def test_a_giant_answer_is_refused() -> None:
    made, _ = session(lambda request: Reply(body=b"x" * (MAX_ANSWER + 1)))
    with pytest.raises(PlatformRefused, match="larger"):
        call(made, "GET", "https://acme.pipedrive.com/x", headers={})


def test_an_answer_that_drips_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxpoynt.connector_kit.http.TOTAL_SECONDS", -1)
    made, _ = session(lambda request: Reply(body=b"{}"))
    with pytest.raises(PlatformUnavailable, match="in time"):
        call(made, "GET", "https://acme.pipedrive.com/x", headers={})
