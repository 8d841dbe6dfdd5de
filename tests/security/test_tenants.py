"""Two merchants whose ids outside are all the same never meet: in no store, job, API answer or page."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from taxpoynt.domain.connection import ConnectionStatus, Event
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.errors import BadInput, Fault, NotFound, Rejected
from taxpoynt.portal import look_back_routes
from taxpoynt.portal.api import build
from taxpoynt.portal.identity_routes import IdentityRoutes
from taxpoynt.portal.product_routes import ProductRoutes
from taxpoynt.portal.rules_routes import RulesRoutes
from taxpoynt.ports import SaleRecord
from taxpoynt.services import jobs
from taxpoynt.storage import cursors
from taxpoynt.storage.table import Table
from tests.fakes.world import World
from tests.unit.portal.conftest import PUBLIC, Portal
from tests.unit.portal.test_api import Client
from tests.unit.storage.records import connection, sale
from tests.unit.storage.records import tokens as token_set

SAME = ("pipedrive", "8")
NAMES = ("pk", "sk", "day_pk", "day_sk")
FAULT = Fault("BUYER-002", "buyer.tin", "missing", "add it")


class Two:
    """`a` and `b` have the same connection id, sale, event, number and document; only what is theirs says whose."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.a, self.b = portal.merchant("Alpha Limited", "one"), portal.merchant("Bravo Limited", "two")
        for who, name in ((self.a, "alpha"), (self.b, "bravo")):
            self._fill(who, name)

    def _fill(self, who: str, name: str) -> None:
        all_of, now = self.portal, self.portal.clock.now()
        all_of.store.save_connection(connection(merchant=who, account_id=name, account={"name": name}))
        all_of.tokens.save(who, "c_a", "pipedrive", token_set(f"token-{name}"), expected_generation=0)
        pdf = all_of.blobs.put(f"{who}/documents/same.pdf", f"%PDF {name}".encode(), content_type="application/pdf")
        record, _ = all_of.sales.claim(sale("8", merchant=who), action=f"claimed-{name}")
        taken = replace(record, state=SaleState.RESERVED, irn="SAME-IRN", number="SAME", currency="NGN")
        all_of.sales.reserve(replace(taken, documents={"pdf": pdf}, total=_total(name)), action="reserved")
        held, _ = all_of.sales.claim(sale("9", merchant=who), action="claimed")
        all_of.sales.change(replace(held, state=SaleState.NEEDS_ATTENTION, faults=(FAULT,)), action="held")
        event = Event(id="e1", type="deal.won", resource="deal", resource_id="8", account=None)
        events = all_of.api.events
        assert events.claim(who, "pipedrive", event, owner=name, now=now, lease_seconds=60).won
        events.settle(who, "pipedrive", "e1", EventOutcome.SKIPPED, f"why-{name}")

    def sales(self, who: str) -> list[SaleRecord]:
        return self.portal.sales.list_sales(who, limit=50, cursor=None)[0]


def _total(name: str) -> str:
    return "1111.11" if name == "alpha" else "2222.22"


@pytest.fixture
def two(portal: Portal) -> Two:
    return Two(portal)


def test_every_store_answers_each_with_his_own(two: Two) -> None:
    store, sales, tokens, events = two.portal.store, two.portal.sales, two.portal.tokens, two.portal.api.events
    ref = RecordRef(resource="deal", id="9")
    for who, name in ((two.a, "alpha"), (two.b, "bravo")):
        assert store.get_connection(who, "c_a").account_id == name
        assert [one.account_id for one in store.list_connections(who)] == [name]
        assert tokens.load(who, "c_a", "pipedrive").access_token == f"token-{name}"
        assert (sales.get(who, *SAME).merchant, sales.get(who, *SAME).total) == (who, _total(name))
        assert sales.find_by_irn(who, "SAME-IRN").merchant == who
        assert {one.merchant for one in two.sales(who)} == {who}
        assert sales.history(who, *SAME)[0].action == f"claimed-{name}"
        assert sales.held_by(who, "pipedrive", ref) == ["9"]
        assert [one["why"] for one in events.list_events(who, limit=9, cursor=None)[0]] == [f"why-{name}"]


def test_leases_and_deletions_of_one_leave_the_other_alone(two: Two) -> None:
    tokens, now = two.portal.tokens, two.portal.clock.now()
    tokens.lease(two.a, "c_a", owner="a", now=now, seconds=60)
    assert tokens.lease(two.b, "c_a", owner="b", now=now, seconds=60).owner == "b"
    tokens.delete(two.a, "c_a")
    assert tokens.load(two.b, "c_a", "pipedrive").access_token == "token-bravo"


def test_tokens_moved_into_another_merchants_item_do_not_open(two: Two) -> None:
    table = two.portal.store._table
    stolen = table.get(f"M#{two.a}", "TOKENS#c_a")
    assert stolen is not None
    table.put({**stolen, "pk": f"M#{two.b}"})
    with pytest.raises(Rejected):
        two.portal.tokens.load(two.b, "c_a", "pipedrive")


def test_the_api_answers_each_with_his_own_and_404_for_what_is_others(two: Two) -> None:
    api = Client(
        build(
            two.portal.api, two.portal.desk, PUBLIC, RulesRoutes(two.portal.mappings, two.portal.rules_desk.preview).add
        )
    )
    for who, name in ((two.a, "alpha"), (two.b, "bravo")):
        query = {"merchant": who}
        assert api("GET", "/v1/invoices/pipedrive/8", query=query)[1]["total"] == _total(name)
        assert {one["merchant"] for one in api("GET", "/v1/invoices", query=query)[1]["items"]} == {who}
        held = api("GET", "/v1/invoices", query={**query, "state": "needs_attention"})[1]["items"]
        assert [(one["merchant"], one["sale_id"]) for one in held] == [(who, "9")]
        assert [one["why"] for one in api("GET", "/v1/events", query=query)[1]["items"]] == [f"why-{name}"]
        assert [one["account_id"] for one in api("GET", f"/v1/merchants/{who}/connections")[1]["items"]] == [name]
        history = api("GET", "/v1/invoices/pipedrive/8/history", query=query)[1]["items"]
        assert history[0]["action"] == f"claimed-{name}"
        pdf = api("GET", "/v1/invoices/pipedrive/8/pdf", query=query)[1]
        assert base64.b64decode(pdf) == f"%PDF {name}".encode()
    assert api("GET", "/v1/invoices/pipedrive/8", query={"merchant": "m_nobody"})[0] == 404
    assert api("PUT", f"/v1/merchants/{two.a}/connections/c_other/mapping", {"version": 1, "rules": []})[0] == 404


def test_rules_product_tables_and_pairs_are_each_his_own(two: Two) -> None:
    desk = two.portal.rules_desk
    products = ProductRoutes(desk.products, desk.preview.table)
    more = (RulesRoutes(two.portal.mappings, desk.preview), products, IdentityRoutes(desk.identity))
    past = partial(look_back_routes.add, desk=desk.past)
    api = Client(build(two.portal.api, two.portal.desk, PUBLIC, *(one.add for one in more), past))
    identity = {"sources": ["pipedrive", "lightspeed_x"], "match": [{"on": ["order_number"], "sure": True}]}
    for who, name, tries in ((two.a, "alpha", 2), (two.b, "bravo", 1)):
        at = f"/v1/merchants/{who}"
        signed = {"author": name, "note": f"note-{name}"}
        for one in range(tries):
            given = {"document": {"number": f"{name[0].upper()}{'X' * one}{{sale}}"}, **signed}
            assert api("POST", f"{at}/connections/c_a/mappings", given, idempotency_key=f"r{one}")[0] == 201
        table = {"csv": f"sku,isic_code\n{name},6202\n", **signed}
        assert api("POST", f"{at}/product-table", table, idempotency_key="p")[0] == 201
        assert api("POST", f"{at}/identity-rules", {"document": identity, **signed}, idempotency_key="i")[0] == 201
    for who, name, others in ((two.a, "alpha", "bravo"), (two.b, "bravo", "alpha")):
        at, browser = f"/v1/merchants/{who}", two.portal.signed_in(who)
        for path in ("connections/c_a/mappings", "product-table", "identity-rules"):
            assert {one["author"] for one in api("GET", f"{at}/{path}")[1]["items"]} == {name}
        assert name in api("GET", f"{at}/product-table/1/csv")[1]
        assert api("GET", f"{at}/connections/c_other/mappings")[0] == 404
        assert api("POST", f"{at}/connections/c_other/mappings/previews", {"number": 1}, idempotency_key="v")[0] == 404
        assert api("POST", f"{at}/product-table/previews", {"number": 2}, idempotency_key="w")[0] == 404
        assert api("POST", f"{at}/connections/c_other/look-back", {"records": 5}, idempotency_key="l")[0] == 404
        assert api("GET", f"{at}/connections/c_other/look-back")[0] == 404
        for page in (
            "/connect/rules",
            "/connect/rules/c_a",
            "/connect/products",
            "/connect/products/1",
            "/connect/same-sales",
        ):
            shown = browser.get(page)
            assert (shown.status, others in str(shown.body).lower()) == (200, False), page
        assert browser.get("/connect/rules/c_other").status == 404
    assert api("GET", f"/v1/merchants/{two.b}/connections/c_a/mappings/2")[0] == 404
    asked = api("POST", f"/v1/merchants/{two.a}/connections/c_a/look-back", {"records": 5}, idempotency_key="m")
    assert asked[0] == 202
    assert api("GET", f"/v1/merchants/{two.b}/connections/c_a/look-back")[0] == 404, "each connection its own"
    assert two.portal.signed_in(two.b).get("/connect/rules/c_a/versions/2").status == 404


def test_the_pages_show_each_his_own(two: Two) -> None:
    for who, mine, others in ((two.a, "alpha", "bravo"), (two.b, "bravo", "alpha")):
        browser = two.portal.signed_in(who)
        for path in ("/connect", "/connect/profile", "/connect/invoices", "/connect/confirm/c_a"):
            shown = str(browser.get(path).body).lower()
            assert others not in shown, path
            assert _total(others).replace(".", ",") not in shown
        assert browser.get("/connect/invoices/pipedrive/8/pdf").body == f"%PDF {mine}".encode()


def test_a_cursor_of_another_merchant_opens_nothing(two: Two) -> None:
    sales, events = two.portal.sales, two.portal.api.events
    lists: list[Callable[[str, str | None], Any]] = [
        lambda who, cursor: sales.list_sales(who, limit=1, cursor=cursor),
        lambda who, cursor: events.list_events(who, limit=1, cursor=cursor),
        lambda who, cursor: sales.list_sales(who, limit=1, cursor=cursor, state=SaleState.NEEDS_ATTENTION),
    ]
    event = Event(id="e2", type="deal.won", resource="deal", resource_id="8", account=None)
    more, _ = sales.claim(sale("10", merchant=two.a), action="claimed")
    sales.change(replace(more, state=SaleState.NEEDS_ATTENTION, faults=(FAULT,)), action="held")
    events.claim(two.a, "pipedrive", event, owner="a", now=two.portal.clock.now(), lease_seconds=1)
    for page in lists:
        _, cursor = page(two.a, None)
        assert cursor, "there was no second page, so nothing was tried"
        assert page(two.a, cursor)[0]
        with pytest.raises(BadInput):
            page(two.b, cursor)


BY_HAND: list[Any] = [
    [1],
    {"day": 5},
    {"day": "yesterday"},
    {"day": "2026-03-02#HELD"},
    {"day": "2026-03-02", "start": "x"},
    {"day": "2026-03-02", "start": {"pk": {"S": "M#m_b"}}},
    {"day": "2026-03-02", "start": {name: {"N": "1"} for name in NAMES}},
    {"day": "2026-03-02", "start": {name: {"S": "M#m_b#2026-03-02"} for name in NAMES}},
]


def test_a_cursor_somebody_wrote_by_hand_is_bad_input(two: Two) -> None:
    for place in BY_HAND:
        cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        for page in (two.portal.sales.list_sales, two.portal.api.events.list_events):
            with pytest.raises(BadInput):
                page(two.a, limit=5, cursor=cursor)


def test_a_cursor_from_a_far_future_is_not_read_day_by_day(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = Table.query

    def query(table: Table, *args: Any, **more: Any) -> Any:
        asked.append(more["pk"])
        return real(table, *args, **more)

    monkeypatch.setattr(Table, "query", query)
    cursor = cursors.write({"day": "9999-12-31", "start": None})
    assert two.portal.api.events.list_events(two.a, limit=5, cursor=cursor)[0]
    assert len(asked) < 40


def test_a_job_that_names_another_merchants_connection_or_body_does_nothing() -> None:
    world = World()
    stranger = jobs.make("fetch", "m_stranger", "c_bbbbbbbbbbbbbbbb", "pipedrive", resource="deal", resource_id="8")
    world.platform.won("8")
    world.do({**stranger, "event_id": "x"})
    assert world.platform.fetched == []
    body = world.blobs.put("m_other/webhooks/aa", b"[]", content_type="x")
    with pytest.raises(Rejected):
        world.do({**jobs.make("webhook", "m_stranger", "c_x", "pipedrive"), "body_key": body})


def test_an_account_claimed_by_one_cannot_be_confirmed_or_ended_by_the_other(two: Two) -> None:
    store, desk = two.portal.store, two.portal.desk
    for who in (two.a, two.b):
        for other in store.list_connections(who):  # one account of each platform at a time
            store.save_connection(replace(other, status=ConnectionStatus.DISCONNECTED))
        store.save_connection(connection("c_shared", merchant=who, account_id="77"))
    desk.confirm(two.a, "c_shared")
    with pytest.raises(Rejected):
        desk.confirm(two.b, "c_shared")
    store.release_account("pipedrive", "77", two.b, "c_shared")
    assert store.find_account("pipedrive", "77") == (two.a, "c_shared")
    for call in (desk.disconnect, store.get_connection):
        with pytest.raises(NotFound):
            call(two.b, "c_nobodys")


def test_ending_a_connection_that_was_never_confirmed_leaves_the_holders_grant_alone() -> None:
    world = World()
    soon = world.clock.now() + timedelta(hours=1)
    world.connections.put_merchant("m_late", Merchant(), expected_version=0)
    world.connections.save_connection(connection("c_late", merchant="m_late", account_id="4711"))
    world.tokens.save(
        "m_late", "c_late", "pipedrive", replace(token_set("late"), expires_at=soon), expected_generation=0
    )
    world.do(jobs.make("disconnect", "m_late", "c_late", "pipedrive"))
    assert world.revoked == [], "revoking uninstalls the app, and the holder of the account with it"
    assert world.tokens.tokens == {}
    assert world.connections.find_account("pipedrive", "4711") == ("m_aaaaaaaaaaaaaaaa", "c_bbbbbbbbbbbbbbbb")
