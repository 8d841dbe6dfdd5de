"""Versions of rules over the API: numbered, signed, pointed to, rolled back; nobody else's, and nothing unsound."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.portal.api import build
from taxpoynt.portal.rules_routes import RulesRoutes

from .conftest import PUBLIC, Portal
from .test_api import Client

NOTE = {"target": "note", "source": "deal.title"}
TIN = {"target": "buyer.tin", "source": "organization.custom_fields.x"}
SIGNED = {"author": "Ada Obi", "note": "as agreed with the accountant"}


@pytest.fixture
def api(portal: Portal) -> Client:
    return Client(build(portal.api, portal.desk, PUBLIC, RulesRoutes(portal.mappings, portal.rules_desk.preview).add))


@pytest.fixture
def path(portal: Portal) -> str:
    return f"/v1/merchants/{connected(portal)}/connections/c_1/mappings"


def connected(portal: Portal, connector: str = "pipedrive", name: str = "c_1") -> str:
    merchant = portal.merchant()
    about: dict[str, Any] = {"account_id": name, "api_base": "https://acme.pipedrive.com"}
    status = ConnectionStatus.ACTIVE
    portal.store.save_connection(
        Connection(merchant=merchant, connection=name, connector=connector, status=status, **about)
    )
    return merchant


def post(api: Client, path: str, body: dict[str, Any], key: str = "k") -> tuple[int, Any]:
    return api("POST", path, {**SIGNED, **body}, idempotency_key=key)


def document(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 1, "rules": list(rules), **more}


def test_versions_are_added_listed_read_and_rolled_back(api: Client, path: str, portal: Portal) -> None:
    status, first = post(api, path, {"document": document(NOTE)})
    assert (status, first["number"], first["active"], first["author"], first["by"]) == (
        201,
        1,
        True,
        "Ada Obi",
        "merchant",
    )
    portal.clock.advance(minutes=1)
    post(api, path, {"document": document(TIN), "note": "the TIN too"})
    page = api("GET", path)[1]
    assert [(one["number"], one["active"], one["note"]) for one in page["items"]] == [
        (2, True, "the TIN too"),
        (1, False, SIGNED["note"]),
    ]
    assert api("GET", f"{path}/1")[1]["document"] == document(NOTE)
    status, head = post(api, f"{path}/activations", {"number": 1, "note": "back", "revision": page["revision"]})
    assert (status, head["active"], head["latest"], head["note"]) == (200, 1, 2, "back")
    assert api("GET", f"{path}/1")[1]["active"] is True
    assert post(api, f"{path}/activations", {"number": None})[1]["active"] is None
    assert api("GET", f"{path}/9")[0] == 404
    assert post(api, f"{path}/activations", {"number": 9})[0] == 404


def test_a_change_looks_again_at_what_is_held_and_a_draft_does_not(api: Client, path: str, portal: Portal) -> None:
    post(api, path, {"document": document(NOTE), "activate": False})
    assert [job["job"] for job in portal.queue.jobs] == []
    assert api("GET", path)[1]["active"] is None
    post(api, f"{path}/activations", {"number": 1})
    assert [job["job"] for job in portal.queue.jobs] == ["recheck"]


def test_who_saw_an_older_state_overwrites_nothing(api: Client, path: str) -> None:
    seen = api("GET", path)[1]["revision"]
    assert post(api, path, {"document": document(NOTE), "revision": seen})[0] == 201
    for where, body in ((path, {"document": document(TIN)}), (f"{path}/activations", {"number": None})):
        status, problem = post(api, where, {**body, "revision": seen})
        assert (status, problem["title"]) == (409, "Changed meanwhile: read again and repeat")
    assert api("GET", path)[1]["latest"] == 1


def test_the_same_request_twice_adds_one_version(api: Client, path: str) -> None:
    assert [post(api, path, {"document": document(NOTE)})[1]["number"] for _ in range(2)] == [1, 1]
    post(api, path, {"document": document(TIN)})
    assert post(api, path, {"document": document(NOTE)})[1]["number"] == 3


def test_every_fault_of_a_document_is_told_at_once(api: Client, path: str) -> None:
    wrong = document(
        {"target": "nothing.such", "source": "deal.title"},
        {"target": "note", "source": "dael.title"},
        settings={"no_such": True},
        tax=[{"by": "sku", "values": ["A"], "tax_category": "EXEMPT"}],
        locations={"1": {"prefix": "IKJ2"}},
        number="INV-{sale}",
        extra=1,
    )
    status, problem = post(api, path, {"document": wrong})
    found = {(fault["code"], fault["path"]) for fault in problem["faults"]}
    assert status == 422
    assert {
        ("MAP-001", "rules.0.target"),
        ("MAP-002", "rules.1.source"),
        ("RULES-003", "settings.no_such"),
        ("RULES-004", "tax.0.tax_category"),
        ("RULES-005", "locations.1.prefix"),
        ("RULES-005", "number"),
        ("RULES-001", "extra"),
    } <= found
    assert api("GET", path)[1]["latest"] == 0


def test_numbers_of_two_platforms_may_not_begin_alike(api: Client, path: str, portal: Portal) -> None:
    post(api, path, {"document": document(number="INV{sale}")})
    merchant = connected(portal, "lightspeed_x", "c_2")
    other = portal.store.get_connection(merchant, "c_2")
    faults = list(portal.mappings._number_faults(other, document(number="INV{sale}")))
    assert [(one.code, one.path) for one in faults] == [("RULES-006", "number")]
    assert list(portal.mappings._number_faults(other, document(number="INV{platform}{sale}"))) == []
    assert [one.code for one in portal.mappings._number_faults(other, document(number="SHOP7{sale}"))] == ["RULES-005"]


def test_the_operators_rules_of_a_connector_are_versions_too(api: Client) -> None:
    path = "/v1/connectors/pipedrive/mappings"
    assert post(api, path, {"document": document(NOTE)})[1]["number"] == 1
    assert post(api, path, {"document": document({"target": "?"})})[0] == 422
    assert api("GET", f"{path}/1")[1]["document"] == document(NOTE)
    assert post(api, f"{path}/activations", {"number": None})[1]["active"] is None
    assert api("GET", "/v1/connectors/nobody/mappings")[0] == 404
    assert post(api, "/v1/connectors/nobody/mappings", {"document": document(NOTE)})[0] == 404


def test_a_version_needs_a_name_and_connections_of_others_are_not_found(api: Client, path: str) -> None:
    assert api("POST", path, {"document": document(NOTE), "author": ""}, idempotency_key="k")[0] == 422
    assert api("POST", path, {"document": document(NOTE), "author": " "}, idempotency_key="k")[0] == 400
    others = path.replace("c_1", "c_9")
    assert api("GET", others)[0] == 404
    assert post(api, others, {"document": document(NOTE)})[0] == 404
    assert post(api, f"{others}/activations", {"number": None})[0] == 404
