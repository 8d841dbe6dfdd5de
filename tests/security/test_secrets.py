"""Secrets that could be guessed stop the start, and what holds a secret does not show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from taxpoynt.bootstrap.authorisers import authorisers
from taxpoynt.connector_kit.verdicts import HttpAnswer
from taxpoynt.domain.connection import TokenSet
from taxpoynt.domain.party import Merchant, Party
from taxpoynt.errors import ConfigurationError
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.services.serve_api import ServeApi
from taxpoynt.services.sessions import Session
from taxpoynt.web import Request, Response
from tests.fakes.clock import FakeClock

CANARY = "canary-0123456789abcdef0123456789"


class Secrets:
    def __init__(self, **fields: str) -> None:
        self.fields = fields

    def get(self, name: str) -> dict[str, str]:
        return self.fields


@pytest.mark.parametrize("short", ["", "x", "x" * 23, "ü" * 11 + "x"])
def test_a_client_secret_of_less_than_24_bytes_stops_the_start_without_being_shown(short: str) -> None:
    secrets = Secrets(client_id="app", client_secret=short)
    made = authorisers(secrets=secrets, prefix="p/", endpoints="{}", clock=FakeClock())
    with pytest.raises(ConfigurationError) as refused:
        made("pipedrive")
    assert not short or short not in str(refused.value).split()
    secrets.fields["client_secret"] = "x" * 24
    assert made("pipedrive").authorize_url(redirect_uri="https://x.example/cb", state="s")


@pytest.mark.parametrize("fields", [{}, {"token": ""}, {"token": "x" * 23}, {"token": CANARY, "previous_token": "x"}])
def test_an_operator_token_of_less_than_24_characters_opens_nothing(fields: dict[str, str]) -> None:
    anything: Any = None
    desk = ServeApi(anything, anything, anything, Secrets(**fields), "operator", anything, anything)
    for tried in ("", "x", "x" * 23, CANARY):
        with pytest.raises(ConfigurationError):
            desk.allowed(tried)


@pytest.mark.parametrize("field", ["api_key", "api_secret"])
@pytest.mark.parametrize("value", ["", "short", "with space in it", "line\nbreak-line"])
def test_an_nrs_key_that_is_none_stops_the_start(field: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        NrsConfig.of("https://nrs.example", {"api_key": CANARY, "api_secret": CANARY, field: value})
    assert CANARY not in str(refused.value)


def test_nothing_that_holds_a_secret_shows_it_when_printed() -> None:
    made = authorisers(
        secrets=Secrets(client_id="app", client_secret=CANARY), prefix="p/", endpoints="{}", clock=FakeClock()
    )("pipedrive")
    soon = datetime.now(UTC) + timedelta(hours=1)
    holders = [
        made,
        getattr(made, "client"),  # noqa: B009 (not part of the port)
        TokenSet(access_token=CANARY, refresh_token=CANARY, expires_at=soon),
        Session(CANARY, "m_a"),
        NrsConfig.of("https://nrs.example", {"api_key": CANARY, "api_secret": CANARY}),
        HttpAnswer(200, {"set-cookie": CANARY}, CANARY.encode()),
        Request(
            method="GET",
            path=f"/connect/link/{CANARY}",
            body=CANARY.encode(),
            headers={"authorization": (CANARY,)},
            query={"code": CANARY},
            params={"endpoint": CANARY},
            cookies={"taxpoynt": CANARY},
        ),
        Response(status=303, body=CANARY, headers={"location": CANARY}, cookies=(CANARY,)),
    ]
    for holder in holders:
        assert CANARY not in repr(holder) + str(holder), type(holder).__name__


@pytest.mark.parametrize("model", [Party, Merchant])
def test_a_model_that_does_not_fit_names_the_field_and_not_its_value(model: type[Party | Merchant]) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"tin": [CANARY], "misspelt": CANARY, "name": {"x": CANARY}})
    assert "misspelt" in str(refused.value)
    assert CANARY not in str(refused.value)
