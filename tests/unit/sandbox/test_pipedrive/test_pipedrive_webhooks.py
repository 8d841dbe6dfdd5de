"""Subscriptions and what they deliver."""

import base64
import json
from typing import Any

import pytest

from tests.sandbox.kit import Clock
from tests.sandbox.pipedrive import PipedriveSandbox
from tests.sandbox.pipedrive.payloads import typed
from tests.unit.sandbox.receiver import Receiver
from tests.unit.sandbox.test_pipedrive.conftest import COMPANY, KEYS, Client, sample

MINUTE, DAY = 60, 86400


def settle(client: Client) -> None:
    assert client.control("POST", "/deliveries/settle", {})["settled"] is True


def bodies(client: Client, receiver: Receiver) -> list[Any]:
    settle(client)
    return [json.loads(arrival.body) for arrival in receiver.arrivals]


def test_a_subscription_has_the_vendors_keys(client: Client, receiver: Receiver) -> None:
    answer = client.subscribe(receiver.url, http_auth_user="u", http_auth_password="p")
    assert answer.status_code == 201
    expected = sample("v1_webhook_create.spec.json")["body"]
    assert set(answer.json()) == set(expected)
    made = answer.json()["data"]
    assert set(made) == set(expected["data"])
    assert (made["is_active"], made["type"], made["company_id"], made["last_http_status"]) == (
        1,
        "application",
        COMPANY,
        None,
    )
    assert client.data("/api/v1/webhooks") == [made]


def test_version_2_is_the_default(client: Client, receiver: Receiver) -> None:
    asked = {"subscription_url": receiver.url, "event_action": "*", "event_object": "*", "name": "all"}
    answer = client.call("POST", "/api/v1/webhooks", json=asked)
    assert answer.json()["data"]["version"] == "2.0"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"event_action": "updated"}, "event_action"),
        ({"event_object": "deal_product"}, "event_object"),
        ({"event_object": "activityType"}, "event_object"),
        ({"version": "3.0"}, "version"),
        ({"version": 2}, "version"),
        ({"name": ""}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"name": None}, "name"),
        ({"user_id": 1}, "user_id"),
        ({"http_auth_user": 5}, "http_auth_user"),
        ({"secret": "x"}, "secret"),
        ({"subscription_url": "ftp://example.com"}, "subscription_url"),
        ({"subscription_url": "no address"}, "subscription_url"),
    ],
)
def test_a_wrong_wish_is_refused_by_field(client: Client, receiver: Receiver, wish: dict[str, Any], field: str) -> None:
    answer = client.subscribe(receiver.url, **wish)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["success"], set(body["errors"])) == ("error", False, {field})
    assert client.data("/api/v1/webhooks") == []


def test_an_address_that_nobody_answers_at_is_refused_in_the_vendors_words(client: Client) -> None:
    expected = sample("errors.json")["webhook_unreachable"]
    for url in ("http://127.0.0.1:1/hook", client.url + "/hook", "https://acme.pipedrive.com/hook"):
        answer = client.subscribe(url)
        assert (answer.status_code, answer.json()) == (expected["status"], expected["body"])


def test_the_same_wish_twice_makes_two_subscriptions_and_double_delivery(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    client.subscribe(receiver.url)
    client.control("PATCH", "/deals/101", {"status": "won"})
    first, second = bodies(client, receiver)
    assert first["meta"]["webhook_id"] != second["meta"]["webhook_id"]
    assert first["meta"]["id"] != second["meta"]["id"]


def test_forty_webhooks_per_user_are_the_most(client: Client, receiver: Receiver) -> None:
    assert {client.subscribe(receiver.url).status_code for _ in range(40)} == {201}
    assert client.subscribe(receiver.url).status_code == 400
    assert client.subscribe(receiver.url, user_id=9002).status_code == 201


def test_a_removed_subscription_is_told_nothing_more(client: Client, receiver: Receiver) -> None:
    number = client.subscribe(receiver.url).json()["data"]["id"]
    assert client.call("DELETE", f"/api/v1/webhooks/{number}").status_code == 200
    assert client.call("DELETE", f"/api/v1/webhooks/{number}").status_code == 404
    client.control("PATCH", "/deals/101", {"status": "won"})
    assert bodies(client, receiver) == []


def test_winning_a_deal_tells_what_changed_and_nothing_else(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    client.control("PATCH", "/deals/101", {"status": "won"})
    [event] = bodies(client, receiver)
    expected = sample("webhook_v2_deal_change_won.derived.json")
    assert set(event) == set(expected)
    assert set(event["meta"]) == set(expected["meta"]) | {"permitted_user_ids"}
    assert set(event["data"]) == set(expected["data"]) | {"is_archived", "archive_time"}
    assert event["previous"] == {"status": "open", "won_time": None, "first_won_time": None, "close_time": None}
    assert (event["data"]["status"], event["data"]["won_time"]) == ("won", "2026-05-15T21:30:00Z")
    assert event["data"]["visible_to"] == "3"
    for key in ("company_id", "entity_id", "user_id", "webhook_id", "webhook_owner_id"):
        assert isinstance(event["meta"][key], str)
    assert (event["meta"]["entity_id"], event["meta"]["company_id"]) == ("101", str(COMPANY))
    assert (event["meta"]["attempt"], event["meta"]["version"]) == (1, "2.0")
    assert event["meta"]["timestamp"] == "2026-05-15T21:30:00.000Z"


def test_a_later_edit_of_a_won_deal_has_no_status_in_previous(client: Client, receiver: Receiver, clock: Clock) -> None:
    client.control("PATCH", "/deals/101", {"status": "won"})
    client.subscribe(receiver.url)
    clock.advance(5)
    client.control("PATCH", "/deals/101", {"title": "Office set-up, second floor"})
    [event] = bodies(client, receiver)
    assert event["data"]["status"] == "won"
    assert event["previous"] == {"title": "Office set-up", "update_time": "2026-05-15T21:30:00Z"}


def test_an_edit_that_changes_nothing_is_no_event(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    client.control("PATCH", "/deals/101", {"title": "Office set-up"})
    assert bodies(client, receiver) == []


def test_a_deal_created_as_won_comes_as_create(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url, event_action="create")
    client.control("POST", "/deals", {"title": "Import", "status": "won", "value": 5, "org_id": 1})
    [event] = bodies(client, receiver)
    sample_keys = set(sample("webhook_v2_deal_create.json")["data"])
    assert set(event["data"]) == sample_keys | {"is_archived", "archive_time"}
    assert (event["meta"]["action"], event["data"]["status"], event["previous"]) == ("create", "won", None)
    assert event["data"]["won_time"] is not None
    assert event["data"]["update_time"] is None


def test_a_copy_of_a_deal_has_its_lines_and_value(client: Client) -> None:
    made = client.control("POST", "/deals", {"copy_of": 101, "status": "won", "title": "Again"})
    assert (made["value"], made["status"], made["title"]) == (161250, "won", "Again")
    assert [line["sum"] for line in client.data(f"/api/v2/deals/{made['id']}/products")] == [100000, 50000]


def test_a_deleted_deal_has_no_data_but_its_last_state(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url, event_action="delete")
    client.control("DELETE", "/deals/103")
    [event] = bodies(client, receiver)
    assert event["data"] is None
    assert event["previous"]["title"] == "Desks for Ikeja"
    assert event["meta"]["action"] == "delete"


def test_organisations_and_persons_have_the_vendors_keys(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url, event_action="create", event_object="*")
    client.control("POST", "/organizations", {"name": "New"})
    client.control("POST", "/persons", {"name": "Ada Obi"})
    organization, person = bodies(client, receiver)
    assert set(organization["data"]) == set(sample("webhook_v2_organization_create.json")["data"])
    assert set(person["data"]) == set(sample("webhook_v2_person_create.json")["data"])


def test_a_custom_field_change_stands_one_level_down_and_typed(client: Client, receiver: Receiver) -> None:
    key = KEYS["buyer_tin_key"]
    client.subscribe(receiver.url, event_object="organization")
    client.control("PATCH", "/organizations/2", {"custom_fields": {key: "67890123-0001"}})
    client.control("PATCH", "/organizations/2", {"custom_fields": {key: "34567890-0001"}})
    first, second = bodies(client, receiver)
    assert first["previous"] == {"custom_fields": {key: None}}
    assert first["data"]["custom_fields"] == {key: {"type": "varchar", "value": "67890123-0001"}}
    assert second["previous"] == {"custom_fields": {key: {"type": "varchar", "value": "67890123-0001"}}}


@pytest.mark.parametrize(
    ("kind", "name", "rest"),
    [
        ("varchar", "text", "This is a custom text field."),
        ("double", "numeric", 123),
        ("monetary", "monetary", {"value": 200, "currency": "EUR"}),
        ("people", "person", 17818),
        ("org", "organization", 1),
        ("time", "time", {"value": "00:45:00", "timezone_name": "Europe/Tallinn"}),
        ("timerange", "time_range", {"value": "00:00:00", "until": "01:15:00", "timezone_name": "Europe/Tallinn"}),
        ("date", "date", "2023-06-27"),
        ("daterange", "date_range", {"value": "2023-06-06", "until": "2023-06-14"}),
        ("enum", "single_option", 17),
        ("set", "multiple_options", [13, 14]),
    ],
)
def test_each_kind_of_custom_field_is_typed_as_in_the_vendors_table(kind: str, name: str, rest: Any) -> None:
    assert typed(kind, rest) == sample("webhook_v2_custom_field_value_shapes.json")[name]


def test_an_address_field_has_all_its_parts_in_a_webhook() -> None:
    theirs = sample("webhook_v2_custom_field_value_shapes.json")["address"]
    assert set(typed("address", {"value": "Tallinn"})) == set(theirs)


def test_merging_organisations_makes_a_delete_and_a_change_that_point_at_each_other(
    client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, event_action="*", event_object="organization")
    client.control("POST", "/organizations/4/merge", {"into": 3})
    deleted, changed = bodies(client, receiver)
    assert (deleted["meta"]["action"], deleted["meta"]["merged_to_id"]) == ("delete", "3")
    assert (changed["meta"]["action"], changed["meta"]["merged_from_id"]) == ("change", "4")
    assert client.data("/api/v2/persons/4")["org_id"] == 3


def test_a_change_of_lines_changes_the_value_of_the_deal(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    client.control("PATCH", "/deals/101/products/1012", {"quantity": 6})
    [event] = bodies(client, receiver)
    assert event["data"]["value"] == 172000
    assert event["previous"]["value"] == 161250


def test_a_change_of_one_lines_tax_method_is_one_of_all_lines(client: Client) -> None:
    client.control("PATCH", "/deals/101/products/1012", {"tax_method": "inclusive"})
    assert {line["tax_method"] for line in client.data("/api/v2/deals/101/products")} == {"inclusive"}
    assert client.data("/api/v2/deals/101")["value"] == 150000


def test_a_silent_edit_is_a_lost_webhook(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    client.control("PATCH", "/deals/101?silent=1", {"status": "won"})
    assert bodies(client, receiver) == []
    assert client.data("/api/v2/deals/101")["status"] == "won"


def test_the_call_carries_the_basic_pair_of_the_subscription_in_utf8(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url + "/in", http_auth_user="hook-7", http_auth_password="pä:ss wörd")
    client.control("PATCH", "/deals/101", {"status": "won"})
    settle(client)
    [arrival] = receiver.arrivals
    assert arrival.path == "/in"
    assert arrival.headers["Authorization"] == "Basic aG9vay03OnDDpDpzcyB3w7ZyZA=="  # the reference's second vector
    assert arrival.headers["Content-Type"] == "application/json"


def test_without_a_pair_there_is_no_authorization(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    client.control("PATCH", "/deals/101", {"status": "won"})
    settle(client)
    assert "Authorization" not in receiver.arrivals[0].headers


def test_only_a_user_without_a_pair_still_makes_a_pair(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url, http_auth_user="u")
    client.control("PATCH", "/deals/101", {"status": "won"})
    settle(client)
    assert receiver.arrivals[0].headers["Authorization"] == "Basic " + base64.b64encode(b"u:").decode()


def test_events_are_filtered_by_the_subscribed_user_s_visibility(client: Client, receiver: Receiver) -> None:
    client.control("PATCH", "/deals/101", {"visible_to": 1})
    client.subscribe(receiver.url, user_id=9002)
    client.control("PATCH", "/deals/101", {"status": "won"})
    client.control("PATCH", "/deals/102", {"status": "won"})
    assert [event["meta"]["entity_id"] for event in bodies(client, receiver)] == ["102"]


def test_retries_repeat_the_event_with_a_counted_attempt(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    receiver.status = 503
    client.control("PATCH", "/deals/101", {"status": "won"})
    settle(client)
    client.control("POST", "/clock", {"advance_seconds": 200})
    events = bodies(client, receiver)
    assert [event["meta"]["attempt"] for event in events] == [1, 2, 3, 4]
    assert len({event["meta"]["id"] for event in events}) == 1
    [shown] = client.data("/api/v1/webhooks")
    assert shown["last_http_status"] == 503
    assert shown["last_delivery_time"] is not None


def test_a_retry_can_be_made_to_carry_another_event_id(client: Client, receiver: Receiver) -> None:
    client.control("POST", "/faults", {"kind": "fresh_event_id"})
    client.subscribe(receiver.url)
    receiver.statuses = [500]
    client.control("PATCH", "/deals/101", {"status": "won"})
    settle(client)
    client.control("POST", "/clock", {"advance_seconds": 4})
    first, second = bodies(client, receiver)
    assert first["meta"]["id"] != second["meta"]["id"]
    assert first["data"] == second["data"]


def test_ten_refused_events_ban_the_subscription_and_what_happens_meanwhile_is_lost(
    client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url)
    receiver.status = 401
    for number in range(10):
        client.control("PATCH", "/deals/101", {"title": f"Title {number}"})
        settle(client)
    receiver.status, before = 200, len(receiver.arrivals)
    client.control("PATCH", "/deals/101", {"status": "won"})
    settle(client)
    assert len(receiver.arrivals) == before
    client.control("POST", "/clock", {"advance_seconds": 30 * MINUTE})
    settle(client)
    receiver.arrivals.clear()
    client.control("PATCH", "/deals/102", {"status": "won"})
    assert [event["meta"]["entity_id"] for event in bodies(client, receiver)] == ["102"]


def test_three_bad_days_delete_the_subscription(client: Client, receiver: Receiver, sandbox: PipedriveSandbox) -> None:
    client.subscribe(receiver.url)
    receiver.status = 500
    for number in range(4):
        client.control("PATCH", "/deals/101", {"title": f"Title {number}"})
        settle(client)
        client.control("POST", "/clock", {"advance_seconds": DAY})
        settle(client)
    late = Client(client.url, client.control("POST", "/tokens", {}))
    assert late.data("/api/v1/webhooks") == []
    [removed] = client.control("GET", "/state")["companies"][0]["removed_webhooks"]
    assert (removed["is_active"], removed["remove_reason"]) == (0, "no successful delivery for 3 days")


def test_duplicates_and_reordering_can_be_ordered(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url)
    client.control("POST", "/faults", [{"kind": "duplicate_webhook"}])
    client.control("PATCH", "/deals/101", {"status": "won"})
    client.control("POST", "/faults", [{"kind": "reorder_webhooks"}])
    settle(client)
    client.control("PATCH", "/deals/102", {"status": "won"})
    client.control("PATCH", "/deals/103", {"status": "won"})
    events = bodies(client, receiver)
    assert [event["meta"]["entity_id"] for event in events] == ["101", "101", "103", "102"]
    assert events[0] == events[1]


def test_version_1_is_a_full_record_on_both_sides_and_flat(client: Client, receiver: Receiver) -> None:
    client.subscribe(receiver.url, version="1.0")
    receiver.statuses = [500]
    client.control("PATCH", "/deals/101", {"status": "won"})
    settle(client)
    client.control("POST", "/clock", {"advance_seconds": 4})
    first, second = bodies(client, receiver)
    theirs = sample("webhook_v1_deal_added.json")
    assert set(first) == set(theirs)
    assert set(first["meta"]) == set(theirs["meta"]) | {"change_source"}
    known = {key for key in theirs["current"] if len(key.partition("_")[0]) != 40}
    custom = set(KEYS.values())
    assert {key for key in first["current"] if key not in custom} == known
    assert (first["event"], first["retry"], second["retry"]) == ("updated.deal", 0, 1)
    assert (first["current"]["status"], first["previous"]["status"]) == ("won", "open")
    assert first["current"]["won_time"] == "2026-05-15 21:30:00"
    assert first["current"][KEYS["deal_purchase_order_key"]] == "PO-2026-114"
    assert (first["meta"]["object"], first["meta"]["id"], first["meta"]["action"]) == ("deal", 101, "updated")
