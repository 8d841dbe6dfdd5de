"""Tokens go to their platform's hosts and nowhere else, whatever a token answer, DNS or a redirect says."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.hosts import api_origin
from taxpoynt.connector_kit.http import call, open_session
from taxpoynt.connector_kit.loader import names, template
from taxpoynt.connector_kit.oauth import OAuthClient
from taxpoynt.connector_kit.template_hosts import HostChoice
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import PlatformRefused, TaxPoyntError
from tests.unit.connector_kit.parts import NOW, Reply, StoppedClock, session, tokens

OUTSIDE = [
    "https://evil.example",
    "https://pipedrive.com.evil.example",
    "https://evil.example/.pipedrive.com",
    "https://169.254.169.254",
    "https://[::1]",
    "http://acme.pipedrive.com",
    "https://acme.pipedrive.com@evil.example",
    "https://acme.pipedrive.com:444",
    "https://" + "a" * 64 + ".pipedrive.com",
    "https://" + "a." * 130 + "pipedrive.com",
    "https://acme-.pipedrive.com",
    "https://acme.pipedrive.com\r\nHost: evil.example",
]


class Held:
    def __init__(self, held: TokenSet) -> None:
        self.held = held

    def current(self) -> TokenSet:
        return self.held

    def refreshed(self, after_generation: int) -> TokenSet:
        raise AssertionError("nothing was refused")


@pytest.mark.parametrize("named", OUTSIDE)
def test_a_host_outside_the_rule_gets_no_byte_on_any_way(named: str) -> None:
    answer = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "api_domain": named}
    made, wire = session(lambda request: Reply(body=answer))
    app = OAuthClient(template("pipedrive"), client_id="i", client_secret="s", clock=StoppedClock(), session=made)
    with pytest.raises(PlatformRefused):
        app.exchange("code", redirect_uri="https://x.example/cb")
    with pytest.raises(PlatformRefused):
        app.refresh(tokens())
    stored = TokenSet(access_token="a", refresh_token="r", expires_at=NOW, api_base=named)
    with pytest.raises(PlatformRefused):
        app.identify(stored)
    api = PlatformClient(template("pipedrive"), named, Held(stored), clock=StoppedClock(), session=made)
    with pytest.raises(PlatformRefused):
        api.get("/api/v2/deals/8")
    assert {urlsplit(str(one.url)).hostname for one in wire.sent} == {"oauth.pipedrive.com"}


@given(st.from_regex(r"[a-z0-9.-]{1,300}", fullmatch=True))
def test_any_host_the_rule_takes_is_one_the_resolver_can_be_asked_for(label: str) -> None:
    try:
        origin = api_origin(template("pipedrive"), f"https://{label}.pipedrive.com", None)
    except PlatformRefused:
        return
    origin.removeprefix("https://").encode("idna")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00::1", "100.64.0.1"])
def test_a_name_that_leads_inside_gets_no_connection(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)

    def never(*args: Any, **kwargs: Any) -> socket.socket:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "socket", never)
    with pytest.raises(PlatformRefused):
        call(open_session(), "GET", "https://acme.pipedrive.com/", headers={"Authorization": "Bearer secret"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_no_credentials_anywhere(status: int) -> None:
    made, wire = session(lambda request: Reply(status=status, headers={"Location": "https://evil.example/"}, body={}))
    app = OAuthClient(template("pipedrive"), client_id="i", client_secret="s", clock=StoppedClock(), session=made)
    api = PlatformClient(
        template("pipedrive"), "https://acme.pipedrive.com", Held(tokens()), clock=StoppedClock(), session=made
    )
    with pytest.raises(TaxPoyntError):
        app.refresh(tokens())
    with pytest.raises(TaxPoyntError):
        app.exchange("c", redirect_uri="x")
    with pytest.raises(TaxPoyntError):
        api.get("/api/v1/x")
    assert len(wire.sent) == 3
    assert all("evil.example" not in str(one.url) for one in wire.sent)


@pytest.mark.parametrize("connector", names())
def test_every_template_names_its_own_hosts_only_over_tls(connector: str) -> None:
    for hosts in template(connector).hosts.sets():
        for host in (hosts.auth, hosts.token or hosts.auth, hosts.api):
            if isinstance(host, HostChoice):
                assert all(suffix.startswith(".") and suffix.count(".") >= 2 for suffix in host.suffixes)
                assert all(origin.startswith("https://") for origin in host.origins)
            else:
                assert host.startswith("https://")
