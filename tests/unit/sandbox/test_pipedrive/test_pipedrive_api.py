"""API v2 and v1 as a client meets them: shapes, paging, filters, budgets, scopes."""

from typing import Any

import pytest

from tests.sandbox.kit import Clock
from tests.sandbox.pipedrive import limits
from tests.unit.sandbox.test_pipedrive.conftest import APP, COMPANY, KEYS, Client, sample

DAY = 86400
HEADERS = {
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-daily-ratelimit-token-limit",
    "x-daily-ratelimit-token-remaining",
    "x-correlation-id",
}
CONTACT_SYNC_ONLY = {"notes", "im", "birthday", "job_title", "postal_address"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v2/deals/101", "v2_deal_get.live.json"),
        ("/api/v2/deals/101/products", "v2_deal_products.spec.json"),
        ("/api/v2/deals/106/discounts", "v2_deal_discounts.spec.json"),
        ("/api/v2/organizations/1", "v2_organization_get.spec.json"),
        ("/api/v2/persons/1", "v2_person_get.spec.json"),
        ("/api/v2/dealFields", "v2_deal_fields.spec.json"),
        ("/api/v1/users/me", "v1_users_me.spec.json"),
        ("/api/v1/currencies", "v1_currencies.spec.json"),
    ],
)
def test_answers_have_the_keys_of_the_vendors_samples(client: Client, path: str, name: str) -> None:
    expected, answer = sample(name)["body"], client.get(path).json()
    assert set(answer) == set(expected)
    ours, theirs = answer["data"], expected["data"]
    if isinstance(theirs, list):
        ours, theirs = ours[0], theirs[0]
    assert set(ours) == set(theirs) - CONTACT_SYNC_ONLY
    for key in ("address", "access", "ui_visibility"):
        if isinstance(theirs.get(key), dict):
            assert set(ours[key]) == set(theirs[key])


def test_every_answer_to_a_known_token_carries_the_documented_headers(client: Client) -> None:
    headers = client.get("/api/v2/deals/101").headers
    assert {name.lower() for name in headers} >= HEADERS
    assert headers["x-ratelimit-limit"] == "80"
    assert headers["x-ratelimit-remaining"] == "79"
    assert headers["x-daily-ratelimit-token-remaining"] == "149999"
    assert "Retry-After" not in headers


@pytest.mark.parametrize(
    ("deal", "value"),
    [(101, 161250), (102, 67187.5), (103, 107500), (104, 250000), (106, 241875)],
    ids=["line discount, exclusive", "plain", "inclusive", "no products: typed in", "deal discount"],
)
def test_the_value_of_a_deal_follows_from_its_products(client: Client, deal: int, value: float) -> None:
    assert client.data(f"/api/v2/deals/{deal}")["value"] == value


def test_the_sum_of_a_line_is_after_its_discount_and_without_exclusive_tax(client: Client) -> None:
    sums = {line["name"]: line["sum"] for line in client.data("/api/v2/deals/101/products")}
    assert sums == {"Tablet computer 10 inch": 100000, "Set-up service hour": 50000}
    [line] = client.data("/api/v2/deals/103/products")
    assert (line["tax_method"], line["sum"]) == ("inclusive", 107500)


def test_pages_follow_an_opaque_cursor_to_the_last_line_without_loss_or_repeat(client: Client) -> None:
    seen: list[int] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        body = client.get("/api/v2/deals/105/products", limit=25, sort_by="order_nr", **more).json()
        seen += [line["order_nr"] for line in body["data"]]
        cursor = body["additional_data"]["next_cursor"]
        if cursor is None:
            break
        assert len(body["data"]) == 25
    assert seen == [10 * number for number in range(1, 61)]


def test_a_cursor_that_was_built_or_made_for_another_order_is_refused(client: Client) -> None:
    first = client.get("/api/v2/deals", limit=2).json()["additional_data"]["next_cursor"]
    built = "eyJmaWVsZCI6ImlkIiwiZmllbGRWYWx1ZSI6Nywic29ydERpcmVjdGlvbiI6ImFzYyIsImlkIjo3fQ"
    for cursor, order in ((built, "id"), ("%%%", "id"), (first, "update_time")):
        answer = client.get("/api/v2/deals", limit=2, cursor=cursor, sort_by=order)
        assert answer.status_code == 400
        assert "cursor" in answer.json()["error"]


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"state": "won"}, "Unknown query parameter: state"),
        ({"limit": "501"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"status": "won,closed"}, "closed"),
        ({"sort_by": "value"}, "sort_by"),
        ({"sort_direction": "up"}, "sort_direction"),
        ({"updated_since": "2026-05-15T21:30:00.000Z"}, "updated_since"),
        ({"updated_since": "2026-05-15"}, "updated_since"),
        ({"updated_until": "1715808600"}, "updated_until"),
        ({"ids": "1,x"}, "ids"),
        ({"ids": ",".join(map(str, range(101)))}, "100 values at most"),
        ({"org_id": "Kainji"}, "org_id"),
        ({"include_fields": "everything"}, "include_fields"),
        ({"custom_fields": "f" * 40}, "custom_fields"),
        ({"filter_id": "3"}, "filter_id"),
        ([("limit", "1"), ("limit", "2")], "more than once"),
    ],
)
def test_a_query_the_service_does_not_know_is_refused_by_name(client: Client, params: Any, named: str) -> None:
    answer = client.call("GET", "/api/v2/deals", params=params)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert named in client.log()[-1]["verdict"]


def deal_ids(client: Client, path: str = "/api/v2/deals", **params: Any) -> list[int]:
    return [deal["id"] for deal in client.data(path, **params)]


def test_deals_can_be_listed_by_status_company_and_ids(client: Client) -> None:
    client.control("PATCH", "/deals/101", {"status": "won"})
    client.control("PATCH", "/deals/102", {"status": "lost"})
    assert deal_ids(client, status="won") == [101]
    assert deal_ids(client, status="won,lost") == [101, 102]
    assert deal_ids(client, org_id=3) == [103, 104, 106]
    assert deal_ids(client, ids="104,103,999") == [103, 104]
    assert len(deal_ids(client)) == 7


def test_the_window_includes_its_start_and_excludes_its_end(client: Client, clock: Clock) -> None:
    clock.advance(60)
    client.control("PATCH", "/deals/103", {"title": "Changed"})
    at, later = "2026-05-15T21:31:00Z", "2026-05-15T21:31:01Z"
    assert deal_ids(client, updated_since=at) == [103]
    assert deal_ids(client, updated_since=later) == []
    assert 103 not in deal_ids(client, updated_until=at)
    assert 103 in deal_ids(client, updated_until=later)
    assert deal_ids(client, updated_since="2026-05-15T22:31:00+01:00") == [103]


def test_deals_can_be_sorted_by_their_change_in_both_directions(client: Client, clock: Clock) -> None:
    for number in (104, 101):
        clock.advance(5)
        client.control("PATCH", f"/deals/{number}", {"title": "Changed"})
    assert deal_ids(client, sort_by="update_time", sort_direction="desc")[:2] == [101, 104]
    assert deal_ids(client, sort_by="update_time", limit=500)[-2:] == [104, 101]


def test_archived_deals_are_only_in_their_own_list(client: Client) -> None:
    client.control("PATCH", "/deals/103", {"status": "won", "is_archived": True})
    assert 103 not in deal_ids(client)
    assert deal_ids(client, "/api/v2/deals/archived", status="won") == [103]
    assert client.data("/api/v2/deals/103")["archive_time"] == "2026-05-15T21:30:00Z"


def test_deleted_deals_are_listed_for_30_days_and_then_purged(client: Client, clock: Clock) -> None:
    client.control("DELETE", "/deals/103")
    assert 103 not in deal_ids(client)
    assert deal_ids(client, status="deleted") == [103]
    assert client.data("/api/v2/deals/103")["is_deleted"] is True
    clock.advance(30 * DAY + 1)
    late = Client(client.url, client.control("POST", "/tokens", {}))
    assert deal_ids(late, status="deleted") == []
    assert late.get("/api/v2/deals/103").status_code == 404


def test_a_won_deal_has_its_utc_time_and_its_local_date(client: Client, clock: Clock) -> None:
    clock.advance(2 * 3600)  # 23:30 in UTC is past midnight in Lagos
    client.control("PATCH", "/deals/101", {"status": "won"})
    late = Client(client.url, client.control("POST", "/tokens", {}))
    deal = late.data("/api/v2/deals/101", include_fields="first_won_time,products_count")
    assert (deal["status"], deal["won_time"], deal["close_time"]) == (
        "won",
        "2026-05-15T23:30:00Z",
        "2026-05-15T23:30:00Z",
    )
    assert (deal["local_won_date"], deal["local_close_date"]) == ("2026-05-16", "2026-05-16")
    assert (deal["first_won_time"], deal["products_count"]) == ("2026-05-15T23:30:00Z", 2)


def test_winning_again_moves_won_time_and_keeps_first_won_time(client: Client, clock: Clock) -> None:
    for status in ("won", "open", "won"):
        clock.advance(60)
        client.control("PATCH", "/deals/101", {"status": status})
    deal = client.data("/api/v2/deals/101", include_fields="first_won_time")
    assert (deal["first_won_time"], deal["won_time"]) == ("2026-05-15T21:31:00Z", "2026-05-15T21:33:00Z")


def test_a_reopened_deal_has_no_won_time(client: Client) -> None:
    client.control("PATCH", "/deals/101", {"status": "won"})
    client.control("PATCH", "/deals/101", {"status": "open"})
    deal = client.data("/api/v2/deals/101")
    assert (deal["won_time"], deal["close_time"], deal["local_won_date"]) == (None, None, None)


def test_custom_fields_are_all_there_with_null_where_nothing_was_filled_in(client: Client) -> None:
    fields = client.data("/api/v2/organizations/1")["custom_fields"]
    assert fields[KEYS["buyer_tin_key"]] == "34567890-0001"
    assert client.data("/api/v2/organizations/2")["custom_fields"] == dict.fromkeys(fields)
    narrowed = client.data("/api/v2/organizations/1", custom_fields=KEYS["buyer_lga_key"])["custom_fields"]
    assert narrowed == {KEYS["buyer_lga_key"]: "NG-AB-ANO"}


def test_an_address_that_was_typed_has_only_its_text(client: Client) -> None:
    address = client.data("/api/v2/organizations/4")["address"]
    assert address.pop("value") == "5 Hill View, Ikeja, Lagos"
    assert set(address.values()) == {None}
    assert client.data("/api/v2/organizations/2")["address"] is None


def test_option_labels_come_when_asked_for(client: Client) -> None:
    key = KEYS["deal_channel_key"]
    client.control("PATCH", "/deals/101", {"custom_fields": {key: 2}})
    assert client.data("/api/v2/deals/101")["custom_fields"][key] == 2
    labelled = client.data("/api/v2/deals/101", include_option_labels="true")["custom_fields"][key]
    assert labelled == {"id": 2, "label": "Field sales"}


def test_fields_come_in_pages_and_one_by_one(client: Client) -> None:
    body = client.get("/api/v2/organizationFields", limit=2).json()
    assert body["additional_data"]["next_cursor"]
    field = client.data(f"/api/v2/organizationFields/{KEYS['buyer_tin_key']}")
    assert (field["field_name"], field["is_custom_field"]) == ("TIN", True)
    assert client.get("/api/v2/organizationFields/nothing").status_code == 404


def test_lines_of_many_deals_come_together(client: Client) -> None:
    assert {line["deal_id"] for line in client.data("/api/v2/deals/products", deal_ids="101,103")} == {101, 103}
    assert client.get("/api/v2/deals/products").status_code == 400


def test_installments_need_a_plan_that_has_them(client: Client) -> None:
    assert client.data("/api/v2/deals/installments", deal_ids="101") == []
    client.control("POST", "/limits", {"has_installments": False})
    answer = client.get("/api/v2/deals/installments", deal_ids="101")
    assert answer.status_code == 403
    assert answer.json()["code"]


def test_pipelines_and_stages_are_there(client: Client) -> None:
    assert [pipeline["name"] for pipeline in client.data("/api/v2/pipelines")] == ["Sales"]
    assert len(client.data("/api/v2/stages", pipeline_id=1)) == 3


@pytest.mark.parametrize("path", ["deals/999", "organizations/999", "persons/999", "products/999"])
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    assert client.get(f"/api/v2/{path}").status_code == 404


def test_an_id_that_is_no_number_is_400_and_an_unknown_path_404_in_json(client: Client) -> None:
    assert client.get("/api/v2/deals/first").status_code == 400
    unknown = client.get("/api/v3/deals")
    assert (unknown.status_code, unknown.json()["success"]) == (404, False)


@pytest.mark.parametrize("name", ["deals", "deals/1/products", "persons/1", "organizations/1", "itemSearch"])
def test_retired_v1_endpoints_are_gone(client: Client, name: str) -> None:
    answer = client.get(f"/api/v1/{name}")
    assert answer.status_code == 410
    assert "v2" in answer.json()["error"]


def test_a_user_who_is_no_administrator_sees_less(client: Client) -> None:
    client.control("PATCH", "/deals/101", {"visible_to": 1})
    tunde = client.as_user(9002)
    assert not any(access["admin"] for access in tunde.data("/api/v1/users/me")["access"])
    assert tunde.get("/api/v2/deals/101").status_code == 404
    assert 101 not in deal_ids(tunde)
    assert 101 in deal_ids(client)


@pytest.mark.parametrize(
    ("missing", "method", "path"),
    [
        ("deals:read", "GET", "/api/v2/deals/101"),
        ("deals:read", "GET", "/api/v2/dealFields"),
        ("contacts:read", "GET", "/api/v2/organizations/1"),
        ("contacts:read", "GET", "/api/v2/persons/1"),
        ("products:read", "GET", "/api/v2/products/1"),
        ("webhooks:full", "GET", "/api/v1/webhooks"),
        ("webhooks:full", "POST", "/api/v1/webhooks"),
    ],
)
def test_a_scope_that_was_not_ticked_is_403(client: Client, missing: str, method: str, path: str) -> None:
    scopes = [scope for scope in APP["scopes"] if scope != missing]
    client.control("POST", "/seed", {"app": APP | {"scopes": scopes}})
    narrow = Client(client.url, client.control("POST", "/tokens", {}))
    answer = narrow.call(method, path)
    assert answer.status_code == 403
    assert answer.json()["error"] == "Scope and URL mismatch"
    assert client.call(method, path).status_code != 403  # a token keeps the scopes of its consent


def test_deal_products_need_either_of_two_scopes(client: Client) -> None:
    client.control("POST", "/seed", {"app": APP | {"scopes": ["base", "products:read"]}})
    narrow = Client(client.url, client.control("POST", "/tokens", {}))
    assert narrow.get("/api/v2/deals/101/products").status_code == 200
    assert narrow.get("/api/v2/deals/101").status_code == 403


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("/api/v2/deals/101", 1),
        ("/api/v2/deals/101/products", 10),
        ("/api/v2/deals/products?deal_ids=101", 10),
        ("/api/v2/deals/101/discounts", 10),
        ("/api/v2/deals/installments?deal_ids=101", 10),
        ("/api/v2/organizations/1", 1),
        ("/api/v2/persons/1", 1),
        ("/api/v2/products/1", 1),
        ("/api/v2/dealFields", 10),
        ("/api/v2/dealFields/title", 1),
        ("/api/v2/pipelines", 5),
        ("/api/v2/stages", 5),
        ("/api/v2/deals", 10),
        ("/api/v2/deals/archived", 20),
        ("/api/v1/currencies", 20),
        ("/api/v1/users/me", 2),
        ("/api/v1/webhooks", 10),
    ],
)
def test_calls_cost_what_is_documented(client: Client, path: str, cost: int) -> None:
    assert client.get(path).headers["x-daily-ratelimit-token-remaining"] == str(150_000 - cost)


def test_the_burst_window_rolls_over_two_seconds(client: Client, clock: Clock) -> None:
    client.control("POST", "/limits", {"burst": 3})
    assert [client.get("/api/v2/deals/101").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/api/v2/deals/101")
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["x-ratelimit-reset"] == "2"
    assert refused.headers["x-daily-ratelimit-token-remaining"] == "149997"  # a refused call costs nothing
    assert "Retry-After" not in refused.headers
    clock.advance(2)
    assert client.get("/api/v2/deals/101").status_code == 200


def test_the_burst_window_belongs_to_one_token(client: Client) -> None:
    client.control("POST", "/limits", {"burst": 1})
    other = client.as_user(9002)
    assert [client.get("/api/v1/users/me").status_code, other.get("/api/v1/users/me").status_code] == [200, 200]


def test_the_daily_budget_belongs_to_the_company_and_comes_back_at_midnight(client: Client, clock: Clock) -> None:
    client.control("POST", "/limits", {"daily_tokens": 12})
    other = client.as_user(9002)
    assert client.get("/api/v2/deals").status_code == 200
    assert other.get("/api/v1/users/me").status_code == 200
    used_up = other.get("/api/v2/deals/101")
    assert used_up.status_code == 429
    assert used_up.headers["x-daily-ratelimit-token-remaining"] == "0"
    assert int(used_up.headers["x-ratelimit-remaining"]) > 0
    clock.advance(3 * 3600)
    assert Client(client.url, client.control("POST", "/tokens", {})).get("/api/v2/deals/101").status_code == 200


def test_going_on_after_many_429_meets_the_cdn(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 20)
    client.control("POST", "/limits", {"burst": 0})
    assert {client.get("/api/v1/users/me").status_code for _ in range(20)} == {429}
    blocked = client.get("/api/v1/users/me")
    assert blocked.status_code == 403
    assert blocked.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("body", "left"), [(None, "150000"), ("daily", "0")])
def test_a_limit_can_be_ordered_as_burst_or_as_used_up_day(client: Client, body: str | None, left: str) -> None:
    client.control("POST", "/faults", {"kind": "rate_limit", "body": body, "match": {"path": "/api/v2/deals/101"}})
    answer = client.get("/api/v2/deals/101")
    assert answer.status_code == 429
    assert answer.headers["x-daily-ratelimit-token-remaining"] == left
    assert client.get("/api/v2/deals/101").status_code == 200


def test_currencies_can_be_searched(client: Client) -> None:
    assert [currency["code"] for currency in client.data("/api/v1/currencies", term="naira")] == ["NGN"]


def test_users_me_tells_the_company(client: Client) -> None:
    me = client.data("/api/v1/users/me")
    assert me["company_id"] == COMPANY
    assert (me["company_name"], me["default_currency"]) == ("Zuma Office Systems Limited", "NGN")
    assert (me["timezone_name"], me["timezone_offset"]) == ("Africa/Lagos", "+01:00")
    assert all(access["admin"] for access in me["access"])
