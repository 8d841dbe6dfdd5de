from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.connector_kit.health import Health, look
from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.verdicts import RefusedWithStatus
from taxpoynt.errors import NeedsReauthorisation, NotFound, PlatformUnavailable, RateLimited
from tests.unit.connector_kit.parts import TableApi

PIPEDRIVE = template("pipedrive")
HOOKS = "/api/v1/webhooks"
ME = "/api/v1/users/me"
OURS = ("1", "2")


def api(**changes: Any) -> TableApi:
    hooks = [{"id": 1, "is_active": 1}, {"id": 2, "is_active": 1}, {"id": 9, "is_active": 1}]
    return TableApi({ME: {"data": {}}, HOOKS: {"data": hooks}} | changes)


def test_a_well_connection_is_asked_for_its_account_and_its_subscriptions_once() -> None:
    asked = api()
    assert look(asked, PIPEDRIVE, OURS) == Health(token="works", subscriptions="2 of 2")
    assert asked.asked == [ME, HOOKS]
    assert look(api(), PIPEDRIVE, OURS).well


@pytest.mark.parametrize(
    ("hooks", "subscriptions", "expected"),
    [
        ([{"id": 1, "is_active": 1}], OURS, "1 of 2"),
        ([{"id": 1, "is_active": 1}, {"id": 2, "is_active": 0}], OURS, "1 of 2"),
        ([], OURS, "0 of 2"),
        ([], (), "0 of 0"),
        (None, OURS, "0 of 2"),
    ],
)
def test_subscriptions_that_the_platform_dropped_or_stopped_are_missed(
    hooks: Any, subscriptions: tuple[str, ...], expected: str
) -> None:
    found = look(api(**{HOOKS: {"data": hooks}}), PIPEDRIVE, subscriptions)
    assert (found.token, found.subscriptions, found.problem) == ("works", expected, "SubscriptionsMissing")
    assert not found.well


@pytest.mark.parametrize(
    ("problem", "token"),
    [
        (NeedsReauthorisation("x"), "refused"),
        (PlatformUnavailable("x"), "no answer"),
        (RateLimited("x", retry_after=3), "no answer"),
        (NotFound("x"), "works"),
        (RefusedWithStatus("x", status=403), "works"),
    ],
)
@pytest.mark.parametrize("where", [ME, HOOKS])
def test_what_goes_wrong_is_told_apart_and_never_raised(where: str, problem: Exception, token: str) -> None:
    found = look(api(**{where: problem}), PIPEDRIVE, OURS)
    assert (found.token, found.problem, found.well) == (token, type(problem).__name__, False)
    assert "x" not in (found.token, found.subscriptions, found.problem)


def test_a_platform_without_webhooks_is_asked_for_its_account_only() -> None:
    polled = PIPEDRIVE.model_copy(update={"webhooks": None})
    asked = api()
    assert look(asked, polled, ()) == Health(token="works", subscriptions="none: polled only")
    assert asked.asked == [ME]


def test_where_the_token_itself_says_whose_it_is_nothing_is_asked() -> None:
    account = PIPEDRIVE.oauth.account.model_copy(update={"read": {}})
    silent = PIPEDRIVE.model_copy(
        update={"webhooks": None, "oauth": PIPEDRIVE.oauth.model_copy(update={"account": account})}
    )
    found = look(TableApi({}), silent, ())
    assert (found.token, found.well) == ("not asked", True)
