"""refresh_code_lists as the scheduler calls it, over moto."""

from __future__ import annotations

from typing import Any

import pytest

from functions.refresh_code_lists.handler import handler
from taxpoynt.bootstrap.lists import lists
from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.resources import code_lists, packaged
from taxpoynt.settings import StepSettings
from tests.functions.lambda_context import LambdaContext

SETTINGS = StepSettings(stage="local", connections_table="connections", invoices_table="invoices", raw_bucket="raw")


@pytest.fixture(autouse=True)
def nrs(stage: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    live = {name: list(one.rows) for name, one in packaged().items()}
    monkeypatch.setattr(NrsClient, "resource", lambda _, name: live[name])
    return live


def test_what_it_fetched_is_what_the_steps_convert_with() -> None:
    assert lists(SETTINGS).current() == code_lists()
    assert handler({}, LambdaContext()) == {"fetched": 11, "problems": 0, "changed": 1}
    found = lists(SETTINGS)
    assert found.current().lgas.complete
    assert lists(SETTINGS).of(found.current().version) == found.current()
    assert handler({}, LambdaContext())["fetched"] == 0


def test_an_operator_lets_a_list_shrink(nrs: dict[str, Any]) -> None:
    handler({}, LambdaContext())
    nrs["states"] = nrs["states"][:2]
    assert handler({"accept_smaller": ["states"]}, LambdaContext()) == {"fetched": 11, "problems": 0, "changed": 1}
    assert len(lists(SETTINGS).current().states.rows) == 2
