from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connectors.pipedrive.events import embedded, rest_value
from taxpoynt.domain.connection import Event
from taxpoynt.domain.keys import event_key
from taxpoynt.errors import BadInput
from tests.connectors.pipedrive.deals import FIXTURES, PIPEDRIVE, fixture

WON = fixture("webhook_v2_deal_change_won.derived.json")


def event(body: Any) -> Event:
    found = PIPEDRIVE.events(json.dumps(body).encode(), "application/json")
    assert len(found) == 1
    return found[0]


def changed(body: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {**body, **{name: {**(body[name] or {}), **part} for name, part in parts.items()}}


@pytest.mark.parametrize(
    ("name", "kind", "relevant"),
    [
        ("webhook_v2_deal_create.json", "deal.create", False),
        ("webhook_v2_deal_change_customfield.json", "deal.change", False),
        ("webhook_v2_deal_change_won.derived.json", "deal.won", True),
        ("webhook_v2_organization_create.json", "organization.create", False),
        ("webhook_v2_person_create.json", "person.create", False),
        ("webhook_v1_deal_added.json", "deal.added", False),
        ("webhook_v1_person_updated.json", "person.updated", True),
    ],
)
def test_the_vendors_deliveries(name: str, kind: str, relevant: bool) -> None:
    found = PIPEDRIVE.events((FIXTURES / name).read_bytes(), "application/json")[0]
    assert (found.type, found.relevant) == (kind, relevant)
    assert found.resource_id.isdigit()
    assert (found.account or "").isdigit()
    assert found.occurred_at is not None
    assert found.occurred_at.utcoffset() is not None


def test_the_won_transition_keeps_its_ids_as_text() -> None:
    found = event(WON)
    assert (found.id, found.resource, found.resource_id) == ("5b0f8b5a-9f43-4a52-8f0e-000000000002", "deal", "8")
    assert found.account == "8087566"
    assert event(changed(WON, meta={"entity_id": 8, "company_id": 8087566})) == found


def test_an_edit_of_a_won_deal_is_no_new_sale_but_may_free_a_held_one() -> None:
    """`previous` has changed fields only: a missing status is unchanged, not different."""
    for previous in ({"title": "x"}, {}, None, {"custom_fields": {"a": None}}, {"status": "won"}):
        found = event({**WON, "previous": previous})
        assert (found.type, found.means) == ("deal.change", "changed"), previous


def test_reopened_and_lost_deals_are_looked_at_again() -> None:
    found = event({**changed(WON, data={"status": "open"}), "previous": {"status": "won"}})
    assert (found.type, found.means) == ("deal.change", "changed")


def test_a_deal_created_won_is_won() -> None:
    found = event({**changed(WON, meta={"action": "create"}), "previous": None})
    assert found.type == "deal.won"


def test_a_deleted_deal_matters_when_it_was_won() -> None:
    deleted = {**changed(WON, meta={"action": "delete"}), "data": None}
    for status, means in (("won", "fetch"), ("open", "ignore")):
        found = event({**deleted, "previous": {"id": 8, "status": status}})
        assert (found.type, found.means, found.resource_id) == ("deal.delete", means, "8")


def test_an_organisation_merged_away_is_a_change_for_held_sales() -> None:
    merged = {"action": "delete", "entity": "organization", "entity_id": "1", "merged_to_id": "2"}
    found = event({**changed(WON, meta=merged), "data": None, "previous": {"id": 1}})
    assert (found.type, found.means, found.resource_id) == ("organization.delete", "changed", "1")


def test_v1_compares_two_full_objects() -> None:
    body = fixture("webhook_v1_deal_added.json")
    meta, current = {**body["meta"], "action": "updated"}, {**body["current"], "status": "won"}
    for before, kind in (("open", "deal.won"), ("won", "deal.updated")):
        found = event({**body, "meta": meta, "current": current, "previous": {**current, "status": before}})
        assert found.type == kind
    assert event({**body, "current": current, "previous": None}).type == "deal.won"


def test_what_no_sale_depends_on_is_not_relevant() -> None:
    assert not event(changed(WON, meta={"entity": "activity"})).relevant


def test_an_action_that_nobody_knows_is_settled_as_of_no_matter() -> None:
    found = event(changed(WON, meta={"action": "explode"}))
    assert (found.type, found.means, found.resource) == ("deal.explode", "ignore", "none")
    assert found.why


def test_without_a_usable_id_the_same_delivery_has_the_same_key_and_others_have_others() -> None:
    for bad in (None, "", "a#b", "x" * 201, "id with blank"):
        first = event(changed(WON, meta={"id": bad}))
        assert first.id == event(changed(WON, meta={"id": bad, "attempt": 3})).id
        assert first.id != event(changed(WON, meta={"id": bad, "timestamp": "2022-11-24T15:14:03.410Z"})).id
        assert event_key("m_1", "pipedrive", first.id)


def test_absent_parts_are_not_required() -> None:
    meta = {name: WON["meta"][name] for name in ("action", "entity", "entity_id", "version")}
    found = event({"meta": meta, "data": WON["data"], "previous": WON["previous"]})
    assert (found.type, found.account, found.occurred_at) == ("deal.won", None, None)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"meta": 7}', b'{"meta": {}}', b'{"meta": {"version": "2.0"}}', b"\xff\xfe", b'{"meta": NaN}',
     b'{"meta":{"version":"2.0","action":"change","entity":"organization","entity_id":"../8"}}',
     b'{"meta":{"version":"2.0","action":"change","entity":"Deal!","entity_id":"8"}}',
     b'{"meta":{"version":"2.0","action":"change","entity":"person","entity_id":true}}',
     b'{"meta":{"version":"2.0","action":"create","entity":"deal"},"data":{"status":"won","id":"../8"}}',
     b'{"v":3,"meta":{"action":"added","object":"deal","id":1}}',
     b"[" * 5000],
)  # fmt: skip
def test_what_cannot_be_read_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        PIPEDRIVE.events(body, "application/json")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["meta", "data", "previous", "current", "v"]), st.dictionaries(
    st.sampled_from(["version", "action", "entity", "entity_id", "id", "status", "company_id", "timestamp", "object"]),
    st.sampled_from(["2.0", "change", "create", "deal", "won", "open", "8", "added"]) | _JSON,
) | _JSON))  # fmt: skip
def test_any_body_ends_in_events_or_bad_input(body: Any) -> None:
    with suppress(BadInput):
        for found in PIPEDRIVE.events(json.dumps(body).encode(), "application/json"):
            assert event_key("m_1", "pipedrive", found.id)


def test_typed_custom_field_values_read_as_rest_gives_them() -> None:
    shapes = {name: rest_value(value) for name, value in fixture("webhook_v2_custom_field_value_shapes.json").items()}
    assert shapes["numeric"] == 123
    assert shapes["monetary"] == {"value": 200, "currency": "EUR"}
    assert (shapes["single_option"], shapes["multiple_options"]) == (17, [13, 14])
    assert (shapes["date"], shapes["text"]) == ("2023-06-27", "This is a custom text field.")
    assert (shapes["person"], shapes["organization"], shapes["user"]) == (17818, 1, 13075973)
    assert shapes["date_range"] == {"value": "2023-06-06", "until": "2023-06-14"}
    assert shapes["address"]["formatted_address"] == "Mustamäe tee 3a, 10616 Tallinn, Estonia"
    assert "type" not in shapes["address"]
    assert rest_value("plain") == "plain"


def test_the_record_inside_a_delivery_is_a_preview_in_rests_shape() -> None:
    record = embedded(WON)
    assert record["id"] == 8
    assert record["custom_fields"]["3d0fa3429dfa2d3dec265b4fc5dc8258ab66cdf3"]["country"] == "Estonia"
    assert embedded(fixture("webhook_v1_deal_added.json"))["id"] == 1347
    assert embedded({"meta": {}}) == {}
