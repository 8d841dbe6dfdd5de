"""Endpoints 1 to 3, 7, 8, 21 and 22: who is who."""

from __future__ import annotations

from uuid import uuid4

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.nrs.answers import answer, done, success
from tests.sandbox.nrs.check_party import check_address, check_contact, check_tin
from tests.sandbox.nrs.node import Node, check_uuid
from tests.sandbox.nrs.paging import page_of
from tests.sandbox.nrs.problems import Problem
from tests.sandbox.nrs.records import Key, Row
from tests.sandbox.nrs.routing import Route, sent_object
from tests.sandbox.nrs.world import World

ENTITY_HANDLER = "entity_actions"
PARTY_HANDLER = "party_actions"
UTILITY_HANDLER = "utility_actions"


def entity_routes(world: World) -> list[Route]:
    """The rows of the endpoint catalogue."""
    desk = _Desk(world)
    return [
        Route("GET", "/api", desk.healthy, is_open=True),
        Route("GET", "/api/v1/entity", desk.entities),
        Route("GET", "/api/v1/entity/<entity_id>", desk.entity, is_open=True),
        Route("POST", "/api/v1/invoice/party", desk.create_party),
        Route("GET", "/api/v1/invoice/party/<business_id>", desk.parties),
        Route("POST", "/api/v1/utilities/verify-tin/", desk.verify_tin),
        Route("POST", "/api/v1/utilities/authenticate", desk.authenticate),
    ]


class _Desk:
    def __init__(self, world: World) -> None:
        self.world = world

    def healthy(self) -> Response:
        return answer(200, {"healthy": True})

    def entities(self, key: Key) -> Response:
        wanted = request.args.get("reference")
        mine = [self.world.entities[name] for name in key.entities if name in self.world.entities]
        rows = [(row, str(row.get("created_at", ""))) for row in mine if not wanted or row["reference"] == wanted]
        return success(page_of(rows, request.args))

    def entity(self, entity_id: str) -> Response:
        """The one endpoint that looks at the id before the key."""
        entity_id = check_uuid(entity_id, handler=ENTITY_HANDLER)
        key = self.world.caller(request.headers)
        if entity_id not in key.entities or entity_id not in self.world.entities:
            raise Problem("entity not found", status=404, handler=ENTITY_HANDLER)
        return success(self.world.entities[entity_id])

    def create_party(self, key: Key) -> Response:
        node = Node(sent_object(), "partyrequest")
        business_id = self._business(key, node.text("business_id"))
        node.text("party_name", least=2, most=100)
        check_tin(node)
        check_contact(node)
        address_id = node.optional_text("postal_address_id")
        if address_id is None:
            self._check_party_address(node)
        elif check_uuid(address_id, handler=PARTY_HANDLER) not in self._address_ids(business_id):
            node.refuse("postal_address_id", "must be a valid postal address")
        party: Row = {"id": str(uuid4()), "postal_address_id": address_id or str(uuid4()), **node.value}
        self.world.parties[party["id"]] = {**party, "created_at": self.world.now().isoformat()}
        return done(201)

    def _check_party_address(self, node: Node) -> None:
        """Under v1.1 `lga` and `state` stand beside the address; inside it they are taken as well."""
        address = node.child("postal_address")
        beside = {name: node.value[name] for name in ("lga", "state") if node.has(name)}
        check_address(Node({**address.value, **beside}, address.path), self.world.tables)

    def _address_ids(self, business_id: str) -> set[str]:
        return {p["postal_address_id"] for p in self.world.parties.values() if p["business_id"] == business_id}

    def parties(self, key: Key, business_id: str) -> Response:
        business_id = self._business(key, business_id)
        wanted = (request.args.get("party_name") or "").lower()
        mine = [party for party in self.world.parties.values() if party["business_id"] == business_id]
        rows = [(party, party["created_at"]) for party in mine if wanted in party["party_name"].lower()]
        return success(page_of(rows, request.args))

    def _business(self, key: Key, business_id: str) -> str:
        business_id = check_uuid(business_id, handler=PARTY_HANDLER)
        if self.world.business(key, business_id) is None:
            raise Problem("business does not belong to this api key", handler=PARTY_HANDLER)
        return business_id

    def verify_tin(self, key: Key) -> Response:
        tin = Node(sent_object(), "").text("tin", least=5)
        found = self.world.taxpayers.get(tin)
        if found is None:
            raise Problem("no taxpayer found for this tin", status=404, handler=UTILITY_HANDLER)
        names = "taxpayer_name taxpayer_type address email phone rc_number jtb_tin taxofficer_id taxofficer_name id"
        info = {name: found.info.get(name, "") for name in names.split()}
        return success({"tin": tin, **info, "message": "TIN Information", "status": "200 OK"})

    def authenticate(self, key: Key) -> Response:
        node = Node(sent_object(), "")
        user = self.world.users.get(node.text("email"))
        if user is None or user["password"] != node.text("password"):
            raise Problem("invalid email or password", handler=UTILITY_HANDLER)
        received_at = self.world.clock.now().isoformat()
        data = {"entity_id": user["entity_id"], "id": user["id"], "message": "User logged in"}
        return success({**data, "received_at": received_at, "status": "200 OK"})
