"""Faults of NRS's own, and the plan that spreads them over a share of all calls."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.sandbox.nrs.chaos import MENU
from tests.unit.sandbox.test_nrs.conftest import Inbox
from tests.unit.sandbox.test_nrs.helping import API_KEY, BUSINESS, IRN, Caller, changed, document, text_of

TRY_LATER = "unable to complete this operation at this time, kindly try again later"
CONFIRM = f"/api/v1/invoice/confirm/{IRN}"
SEARCH = f"/api/v1/invoice/{BUSINESS}?irn={IRN}"


def only(nrs: Caller, kind: str, share: float = 1.0, **more: Any) -> None:
    """Every call fails in this one way."""
    nrs.control("/chaos", {"share": share, "kinds": [kind], "pace": 0.05, **more})


def signed(nrs: Caller) -> list[str]:
    return [one["irn"] for one in nrs.control("/invoices")["invoices"]]


def sign(nrs: Caller) -> requests.Response | None:
    """The answer, None when the connection broke."""
    try:
        return nrs.sign(document())
    except requests.RequestException:
        return None


def wait_for(nrs: Caller, irns: list[str]) -> None:
    end = time.monotonic() + 5
    while signed(nrs) != irns:
        assert time.monotonic() < end
        time.sleep(0.02)


REGISTERED = {
    "outage": False,
    "outage_after_commit": True,
    "connection_cut": False,
    "cut_after_commit": True,
    "same_text": False,
    "same_text_after_commit": True,
    "silence": True,
    "silence_after_commit": True,
    "slow": True,
    "drip": True,
    "half_answer": True,
    "half_json": True,
    "proxy_page": False,
    "proxy_page_after_commit": True,
    "too_many_seconds": False,
    "too_many_date": False,
    "key_refused": False,
    "confirm_lag": True,
    "search_lag": True,
}
"""Kind → whether NRS holds the invoice once the caller has what it gets."""
LATE = ("late_after_same_text", "late_after_cut")
NOTICES = tuple(name for name, trouble in MENU.items() if trouble.notice)


def test_every_kind_of_the_menu_is_tried_here() -> None:
    assert set(MENU) == {*REGISTERED, *LATE, *NOTICES}


@pytest.mark.parametrize("kind", sorted(REGISTERED))
def test_a_sign_that_fails_so_is_registered_or_not(nrs: Caller, kind: str) -> None:
    only(nrs, kind)
    sign(nrs)
    report = nrs.control("/chaos")
    assert (report["calls"], report["hit"], report["counts"]) == (1, 1, {kind: 1})
    assert signed(nrs) == ([IRN] if REGISTERED[kind] else [])


@pytest.mark.parametrize("kind", LATE)
def test_a_late_registration_comes_after_the_bad_news(nrs: Caller, kind: str) -> None:
    only(nrs, kind)
    answer = sign(nrs)
    assert signed(nrs) == []
    assert answer is None if kind == "late_after_cut" else text_of(answer) == TRY_LATER  # type: ignore[arg-type]
    wait_for(nrs, [IRN])


def test_an_outage_and_a_used_up_number_have_one_text(nrs: Caller) -> None:
    nrs.sign(document())
    used_up = text_of(nrs.sign(document()))
    only(nrs, "same_text")
    assert text_of(nrs.sign(changed(document(), "irn", "HUB1-94ND90NR-20260915"))) == used_up == TRY_LATER


def test_too_many_calls_name_seconds_or_a_date_to_come_back(nrs: Caller) -> None:
    only(nrs, "too_many_seconds", pace=1)
    answer = nrs.sign(document())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) in (1, 2, 3)
    only(nrs, "too_many_date", pace=1)
    come_back = parsedate_to_datetime(nrs.sign(document()).headers["Retry-After"])
    assert 0 < (come_back - datetime.now(UTC)).total_seconds() <= 4


@pytest.mark.parametrize(
    ("kind", "lagging", "knowing"), [("confirm_lag", CONFIRM, SEARCH), ("search_lag", SEARCH, CONFIRM)]
)
def test_one_look_up_lags_behind_the_sign_and_the_other_does_not(
    nrs: Caller, kind: str, lagging: str, knowing: str
) -> None:
    nrs.control("/faults", {"kind": kind, "seconds": 30})
    assert nrs.sign(document()).status_code == 201
    assert not knows(nrs, lagging)
    assert knows(nrs, knowing)
    nrs.control("/clock", {"advance_seconds": 31})
    assert knows(nrs, lagging)


def test_a_lag_can_stand_for_every_sign(nrs: Caller) -> None:
    nrs.control("/settings", {"confirm_lag_seconds": 5, "search_lag_seconds": 10})
    nrs.sign(document())
    seen = []
    for _ in range(3):
        seen.append((knows(nrs, CONFIRM), knows(nrs, SEARCH)))
        nrs.control("/clock", {"advance_seconds": 6})
    assert seen == [(False, False), (True, False), (True, True)]


def knows(nrs: Caller, path: str) -> bool:
    answer = nrs.get(path)
    data = answer.json()["data"]
    return answer.ok and data.get("items", [data]) != []


def test_a_share_of_the_calls_fails_and_the_rest_fares_well(nrs: Caller) -> None:
    nrs.control("/chaos", {"share": 0.3, "seed": 7, "kinds": {"outage": 2, "same_text": 1, "cut_after_commit": 0}})
    answers = [nrs.get("/api").status_code for _ in range(200)]
    report = nrs.control("/chaos")
    assert (report["calls"], report["hit"]) == (200, sum(1 for status in answers if status != 200))
    assert 40 < report["hit"] < 80
    assert set(report["counts"]) == {"outage", "same_text"}
    assert nrs.session.delete(f"{nrs.url}/_control/chaos", timeout=5).json()["on"] is False
    assert nrs.get("/api").status_code == 200
    assert nrs.control("/chaos")["counts"] == report["counts"]


def test_the_same_seed_throws_the_same_dice(nrs: Caller) -> None:
    runs = []
    for _ in range(2):
        nrs.control("/chaos", {"share": 0.5, "seed": 3, "kinds": ["outage", "same_text"]})
        runs.append([nrs.get("/api").status_code for _ in range(30)])
    assert runs[0] == runs[1]


def test_questions_never_fail_in_a_way_that_only_a_change_can(nrs: Caller) -> None:
    only(nrs, "cut_after_commit")
    assert nrs.get("/api").status_code == 200
    assert nrs.control("/chaos")["hit"] == 0


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"share": 1.2}, "share of the calls"),
        ({"share": 0.3, "kinds": ["weather"]}, "unknown kind: weather"),
        ({"share": 0.3, "kinds": "outage"}, "list of names"),
        ({"share": 0.3, "colour": 1}, "unknown key"),
    ],
)
def test_a_bad_plan_is_told_and_not_taken(nrs: Caller, order: Any, words: str) -> None:
    answer = nrs.session.post(f"{nrs.url}/_control/chaos", json=order, timeout=5)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert nrs.control("/chaos")["on"] is False


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ("notice_lost", []),
        ("notice_doubled", ["TRANSMITTING"] * 2 + ["TRANSMITTED"] * 2 + ["ACKNOWLEDGED"] * 2),
        ("notice_lying", ["ACKNOWLEDGED", "FAILED", "TRANSMITTING"]),
    ],
)
def test_notices_get_lost_come_twice_or_lie_and_the_truth_stays(
    nrs: Caller, inbox: Inbox, kind: str, heard: list[str]
) -> None:
    nrs.sign(document())
    only(nrs, kind)
    nrs.call("POST", f"/api/v1/invoice/transmit/{IRN}")
    assert nrs.control("/deliveries/settle", {})["settled"]
    assert [notice["message"] for notice in inbox.notices] == heard
    assert nrs.control("/chaos")["counts"] == {kind: 3}
    nrs.session.delete(f"{nrs.url}/_control/chaos", timeout=5)
    assert nrs.data(CONFIRM)["delivered"] is True


def test_one_key_is_refused_and_the_other_works(nrs: Caller) -> None:
    other = {"api_key": "other-api-key-77c0ffee12", "api_secret": "another-secret-of-enough", "entities": []}
    pub = nrs.sandbox.world.keys[API_KEY].pub
    short = "other"
    nrs.control("/seed", {"keys": [{**other, "pub": (pub * 2)[: 32 - len(short)]}]})
    nrs.control("/keys", {"api_key": other["api_key"], "refused": True})
    refused = nrs.get("/api/v1/entity", x_api_key=str(other["api_key"]), x_api_secret=str(other["api_secret"]))
    assert (refused.status_code, text_of(refused)) == (400, "unable to validate api key")
    assert nrs.get("/api/v1/entity").status_code == 200


def test_a_list_can_shrink_to_nothing(nrs: Caller) -> None:
    nrs.control("/lists", {"list": "states", "keep": 0})
    assert nrs.data("/api/v1/invoice/resources/states") == []


def test_registrations_are_numbered_in_their_order(nrs: Caller) -> None:
    for number in ("HUB1", "HUB2"):
        nrs.sign(changed(document(), "irn", f"{number}-94ND90NR-20260915"))
    found = nrs.control("/invoices")["invoices"]
    assert [(one["irn"][:4], one["sequence"]) for one in found] == [("HUB1", 1), ("HUB2", 2)]
