"""Events as data: what the templates' blocks make of the deliveries that vendors publish."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.events import embedded, events, same_account
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.connection import Event
from taxpoynt.domain.keys import event_key
from taxpoynt.errors import BadInput
from tests.unit.connector_kit.schemes import NAMES, platform

PLATFORMS = {name: platform(name) for name in NAMES}


def read(name: str, body: Any, **headers: str) -> list[Event]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return events(PLATFORMS[name], raw, "", {key.replace("_", "-"): value for key, value in headers.items()})


def told(event: Event) -> tuple[str, str, str, str, str | None]:
    return event.means, event.type, event.resource, event.resource_id, event.account


# --- HubSpot: a batch -----------------------------------------------------------------------------------------------

CHANGE: dict[str, Any] = {
    "eventId": 531833600,
    "subscriptionId": 3923700,
    "portalId": 147893286,
    "appId": 16111050,
    "occurredAt": 1773088186012,
    "subscriptionType": "deal.propertyChange",
    "attemptNumber": 0,
    "objectId": 479475667160,
    "propertyName": "dealstage",
    "propertyValue": "closedwon",
    "changeSource": "CRM_UI",
}


def test_a_batch_is_as_many_events_in_its_order() -> None:
    later = {**CHANGE, "eventId": 1, "occurredAt": 1773088100000}
    found = read("hubspot", [CHANGE, later])
    assert [told(one) for one in found] == [("fetch", "deal.propertyChange", "deal", "479475667160", "147893286")] * 2
    assert [one.sent_id for one in found] == ["531833600", "1"]
    assert found[0].occurred_at is not None
    assert found[0].occurred_at.isoformat() == "2026-03-09T20:29:46.012000+00:00"


def test_a_repeated_delivery_has_the_same_key_and_an_event_id_used_twice_has_two() -> None:
    """HubSpot's eventId is not unique; the attempt's number is not part of what the event is."""
    [first] = read("hubspot", [CHANGE])
    assert read("hubspot", [{**CHANGE, "attemptNumber": 3}])[0].id == first.id
    for name in ("portalId", "subscriptionId", "objectId", "eventId", "occurredAt"):
        assert read("hubspot", [{**CHANGE, name: 7}])[0].id != first.id, name


def test_new_and_old_names_of_the_same_thing_and_what_nobody_knows() -> None:
    generic = {**CHANGE, "subscriptionType": "object.propertyChange"}
    found = read("hubspot", [{**generic, "objectTypeId": kind} for kind in ("0-3", "0-2", "0-1", "2-77")])
    assert [(one.means, one.resource) for one in found] == [
        ("fetch", "deal"),
        ("changed", "company"),
        ("changed", "contact"),
        ("ignore", "none"),
    ]
    [unknown] = read("hubspot", [{**CHANGE, "subscriptionType": "conversation.newMessage"}])
    assert (unknown.means, unknown.relevant) == ("ignore", False)
    assert "conversation.newMessage" in unknown.why


def test_an_association_names_the_deal_by_its_own_field() -> None:
    about = {"subscriptionType": "deal.associationChange", "associationType": "DEAL_TO_LINE_ITEM"}
    whole = {name: value for name, value in CHANGE.items() if name != "objectId"}
    [found] = read("hubspot", [{**whole, **about, "fromObjectId": 5, "toObjectId": 6}])
    assert told(found)[2:] == ("deal", "5", "147893286")


def test_one_event_nobody_can_read_is_parked_alone_and_a_delivery_of_such_is_bad_input() -> None:
    broken = {**CHANGE, "objectId": "../8"}
    good, parked = read("hubspot", [CHANGE, broken])
    assert (good.means, parked.means) == ("fetch", "park")
    assert parked.why
    with pytest.raises(BadInput):
        read("hubspot", [broken])
    assert read("hubspot", []) == []
    with pytest.raises(BadInput, match="too many"):
        read("hubspot", [CHANGE] * 1001)


# --- Square ---------------------------------------------------------------------------------------------------------

ORDER: dict[str, Any] = {
    "created_at": "2020-04-16T23:14:26.359Z",
    "data": {
        "id": "eA3vssLHKJrv9H0IdJCM3gNqfdcZY",
        "object": {"order_updated": {"order_id": "eA3vssLHKJrv9H0IdJCM3gNqfdcZY", "state": "OPEN", "version": 2}},
        "type": "order_updated",
    },
    "event_id": "4b8e5c91-9f17-4cf1-900a-4a0629f81add",
    "merchant_id": "5S9MXCS9Y99KK",
    "type": "order.updated",
}


def test_an_order_event_holds_no_order_and_names_it() -> None:
    [found] = read("square", ORDER)
    assert told(found) == ("fetch", "order.updated", "order", "eA3vssLHKJrv9H0IdJCM3gNqfdcZY", "5S9MXCS9Y99KK")
    assert found.sent_id == "4b8e5c91-9f17-4cf1-900a-4a0629f81add"


def test_two_types_under_one_event_id_are_two_events() -> None:
    refund = {**ORDER, "type": "refund.created", "data": {"object": {"refund": {"id": "r1"}}}}
    first, second = read("square", refund)[0], read("square", {**refund, "type": "refund.updated"})[0]
    assert first.sent_id == second.sent_id
    assert first.id != second.id


def test_a_payment_leads_to_its_order_and_one_without_is_of_no_matter() -> None:
    paid = {**ORDER, "type": "payment.updated", "data": {"id": "p1", "object": {"payment": {"order_id": "o1"}}}}
    assert told(read("square", paid)[0])[:4] == ("fetch", "payment.updated", "order", "o1")
    bare = {**paid, "data": {"id": "p1", "object": {"payment": {}}}}
    assert read("square", bare)[0].means == "ignore"


def test_a_revocation_ends_the_connection_and_nine_digits_of_a_second_are_a_time() -> None:
    revoked = {**ORDER, "type": "oauth.authorization.revoked", "created_at": "2020-08-14T15:51:04.246373287Z"}
    [found] = read("square", revoked)
    assert (found.means, found.account) == ("uninstall", "5S9MXCS9Y99KK")
    assert found.occurred_at is not None
    assert found.occurred_at.year == 2020


# --- Toast, Shopify, Standard Webhooks: headers say a part ----------------------------------------------------------


def test_the_restaurant_of_a_toast_event_is_the_headers_and_else_the_bodys() -> None:
    body = {
        "timestamp": "2024-03-28T15:11:01.050Z",
        "eventCategory": "order_updated",
        "eventType": "order_updated",
        "guid": "534bf25a-b657-45aa-9a63-47f8f35400d6",
        "details": {"restaurantGuid": "from-the-body", "order": {"guid": "f6d98b95-2816-4f54-b1ab-7a5d71e83769"}},
    }
    [found] = read("toast", body, toast_restaurant_external_id="from-the-header")
    assert told(found)[2:] == ("order", "f6d98b95-2816-4f54-b1ab-7a5d71e83769", "from-the-header")
    assert read("toast", body)[0].account == "from-the-body"


def test_shopify_says_topic_shop_and_id_in_headers() -> None:
    heads = {
        "x_shopify_topic": "orders/updated",
        "x_shopify_shop_domain": "a.myshopify.com",
        "x_shopify_webhook_id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "x_shopify_triggered_at": "2026-03-29T18:00:27.877041743Z",
    }
    [found] = read("shopify", {"id": 820982911946154508}, **heads)
    assert told(found) == ("fetch", "orders/updated", "order", "820982911946154508", "a.myshopify.com")
    assert found.id == found.sent_id == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    [refund] = read("shopify", {"id": 1, "order_id": 2}, **{**heads, "x_shopify_topic": "refunds/create"})
    assert refund.resource_id == "2"
    with pytest.raises(BadInput):
        read("shopify", {"id": 1})


def test_a_standard_webhook_is_known_by_its_header() -> None:
    body = {"type": "sale.completed", "timestamp": "2026-05-15T21:30:00Z", "data": {"id": "s-1", "account": "a-7"}}
    [found] = read("standard_webhooks", body, webhook_id="msg_1")
    assert (found.id, *told(found)) == ("msg_1", "fetch", "sale.completed", "sale", "s-1", "a-7")


# --- Lightspeed X: a form -------------------------------------------------------------------------------------------


def form(**fields: Any) -> bytes:
    return urlencode(
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
    ).encode()


def test_the_json_of_a_form_and_the_fields_beside_it() -> None:
    sale = {"id": "5687606e-dbc9-b0a6-11e9-ae5bfe3709e3", "version": 11423830534, "status": "CLOSED"}
    about = {"domain_prefix": "exampleshop", "retailer_id": "0af7b240", "type": "sale.update"}
    [found] = read("lightspeed_x", form(payload=sale, **about))
    assert told(found) == ("fetch", "sale.update", "sale", "5687606e-dbc9-b0a6-11e9-ae5bfe3709e3", "exampleshop")
    assert found.sent_id is None
    assert "5687606e-dbc9-b0a6-11e9-ae5bfe3709e3/11423830534" in found.id
    assert read("lightspeed_x", form(**about, payload=sale))[0].id == found.id
    assert read("lightspeed_x", form(payload={**sale, "version": 11423830535}, **about))[0].id != found.id


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"payload",
        form(type="sale.update"),
        b"payload=%7B&type=sale.update",
        b"payload=%FF&type=sale.update",
        form(payload={"id": "1"}) + b"&type=a&type=b",
        form(payload={"id": "1"}) + b"&a=b" * 300,
        form(payload={"id": "1"}),
    ],
)
def test_a_form_that_cannot_be_read_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        read("lightspeed_x", body)


# --- Salesforce: SOAP -----------------------------------------------------------------------------------------------


def soap(kind: str = "Opportunity", organisation: str = "<OrganizationId>00DdM00000vfgTuUAI</OrganizationId>") -> bytes:
    return (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body>'
        f'<notifications xmlns="http://soap.sforce.com/2005/09/outbound">{organisation}'
        "<Notification><Id>04ldM00000L0E5AQAV</Id>"
        f'<sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        "<sf:Id>006dM00000Mw7VwQAJ</sf:Id><sf:SystemModstamp>2026-05-01T07:25:37.000Z</sf:SystemModstamp></sObject>"
        "</Notification></notifications></s:Body></s:Envelope>"
    ).encode()


def test_an_outbound_message_is_its_notifications() -> None:
    [found] = read("salesforce", soap())
    assert (found.id, *told(found)) == (
        "04ldM00000L0E5AQAV", "fetch", "Opportunity", "opportunity", "006dM00000Mw7VwQAJ", "00DdM00000vfgTuUAI",
    )  # fmt: skip
    assert read("salesforce", soap("Lead"))[0].means == "ignore"


def test_where_nothing_is_signed_an_event_without_account_is_not_believed() -> None:
    with pytest.raises(BadInput, match="account"):
        read("salesforce", soap(organisation=""))


def test_ids_of_fifteen_and_eighteen_characters_name_one_organisation() -> None:
    salesforce = PLATFORMS["salesforce"]
    assert same_account(salesforce, "00DdM00000vfgTu", "00DdM00000vfgTuUAI")
    assert not same_account(salesforce, "00DdM00000vfgTv", "00DdM00000vfgTuUAI")
    assert not same_account(salesforce, "00DdM", "00DdM00000vfgTuUAI")
    assert not same_account(salesforce, "", "00DdM00000vfgTuUAI")
    assert not same_account(PLATFORMS["square"], "5S9MXCS9Y99KKX", "5S9MXCS9Y99KK")


# --- what holds for all ---------------------------------------------------------------------------------------------


def test_a_platform_without_webhooks_has_no_events() -> None:
    polled = PLATFORMS["square"].model_copy(update={"webhooks": None})
    with pytest.raises(BadInput):
        events(polled, b"{}")
    assert embedded(polled, {}) == {}


def test_the_record_inside_an_event_where_the_template_says_so() -> None:
    square = PLATFORMS["square"]
    assert square.webhooks is not None
    reading = square.webhooks.events[0].model_copy(update={"embedded": "body.data.object.*.order | [0]"})
    shows: Template = square.model_copy(update={"webhooks": square.webhooks.model_copy(update={"events": (reading,)})})
    assert embedded(shows, {"data": {"object": {"x": {"order": {"id": "1", "total": 2}}}}}) == {"id": "1", "total": 2}
    assert embedded(shows, {"data": {}}) == {}
    assert embedded(square, ORDER) == {}


def test_an_event_without_any_id_is_known_by_all_it_says() -> None:
    reading_ = PLATFORMS["shopify"]
    heads = {"x-shopify-topic": "orders/updated", "x-shopify-shop-domain": "a.myshopify.com"}

    def key_of(body: dict[str, Any]) -> str:
        return events(reading_, json.dumps(body).encode(), "", heads)[0].id

    assert key_of({"id": 1, "note": "a"}) == key_of({"note": "a", "id": 1})
    assert key_of({"id": 1, "note": "a"}) != key_of({"id": 1, "note": "b"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("eventId", "portalId", "objectId", "subscriptionType", "occurredAt", "type", "event_id", "merchant_id", "data"),
    *("object", "order", "id", "guid", "eventType", "details", "timestamp", "version", "domain_prefix", "account"),
]
WORDS = st.sampled_from(["deal.propertyChange", "order.updated", "sale.update", "8", "a#b", "", "2026-05-15T21:30:00Z"])


@given(
    st.dictionaries(st.sampled_from(KEYS), WORDS | JSON | st.dictionaries(st.sampled_from(KEYS), WORDS | JSON)),
    st.dictionaries(st.sampled_from(["x-shopify-topic", "x-shopify-webhook-id", "webhook-id"]), WORDS),
)
def test_any_body_ends_in_events_with_usable_keys_or_in_bad_input(body: dict[str, Any], heads: dict[str, str]) -> None:
    written = json.dumps(body)
    whole = [written.encode(), json.dumps([body, body]).encode(), urlencode({"payload": written, **heads}).encode()]
    for template in PLATFORMS.values():
        for raw in whole:
            with suppress(BadInput):
                for found in events(template, raw, "", heads):
                    assert event_key("m_1", template.name, found.id)
                    assert found.means in ("fetch", "changed", "ignore", "uninstall", "park")
                    assert found.means not in ("fetch", "changed") or found.resource_id


@given(st.binary(max_size=300))
def test_any_bytes_end_in_events_or_in_bad_input(raw: bytes) -> None:
    for template in PLATFORMS.values():
        with suppress(BadInput):
            events(template, raw, "text/plain", {})
