"""Endpoints 13 to 20: passing invoices between access points, and the VAT report."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.nrs.answers import done, success
from tests.sandbox.nrs.exchange import Exchange
from tests.sandbox.nrs.node import Node, check_uuid, read_date
from tests.sandbox.nrs.paging import page_of
from tests.sandbox.nrs.problems import TRY_LATER, Problem, sentence
from tests.sandbox.nrs.records import Key
from tests.sandbox.nrs.routing import Route, sent_object, sent_or_empty
from tests.sandbox.nrs.world import World

HANDLER = "transmit_actions"
VAT_HANDLER = "vat_actions"
VAT_STATUSES = ("STANDARD_VAT", "ZERO_VAT", "REDUCED_VAT")
VAT_TEXTS = [
    "agent_tin",
    "base_amount",
    "beneficiary_tin",
    "currency",
    "item_description",
    "irn",
    "other_taxes",
    "total_amount",
    "transaction_date",
    "integrator_service_id",
    "vat_calculated",
    "vat_rate",
    "vat_status",
]


def exchange_routes(world: World, exchange: Exchange) -> list[Route]:
    """The rows of the endpoint catalogue. The older path of 20 is no route any more, as on NRS's own sandbox."""
    desk = _Desk(world, exchange)
    transmit = "/api/v1/invoice/transmit"
    return [
        Route("GET", f"{transmit}/lookup/<irn>", desk.by_irn),
        Route("GET", f"{transmit}/lookup/tin/<tin>", desk.by_tin),
        Route("GET", f"{transmit}/lookup/party/<party_id>", desk.by_party),
        Route("POST", f"{transmit}/<irn>", desk.transmit),
        Route("PATCH", f"{transmit}/<irn>", desk.acknowledge),
        Route("GET", f"{transmit}/self-health-check", desk.check_webhook),
        Route("GET", f"{transmit}/pull", desk.pull),
        Route("POST", "/api/v1/vat/postpayment", desk.report_vat),
    ]


class _Desk:
    def __init__(self, world: World, exchange: Exchange) -> None:
        self.world, self.exchange = world, exchange

    def by_irn(self, key: Key, irn: str) -> Response:
        found = self.world.visible(key, irn)
        if found is None:
            raise Problem("invoice not found", status=404, handler=HANDLER)
        return self.by_tin(key, found.buyer_tin or "")

    def by_tin(self, key: Key, tin: str) -> Response:
        if not self.exchange.reaches(tin):
            raise Problem("party is not enabled for exchange", handler=HANDLER)
        return done()

    def by_party(self, key: Key, party_id: str) -> Response:
        party = self.world.parties.get(check_uuid(party_id, handler=HANDLER))
        if party is None or self.world.business(key, party["business_id"]) is None:
            raise Problem("party not found", status=404, handler=HANDLER)
        return self.by_tin(key, party["tin"])

    def transmit(self, key: Key, irn: str) -> Response:
        sent_or_empty()
        found = self.world.visible(key, irn)
        if found is None:
            raise Problem("invoice not found", status=404, handler=HANDLER)
        self.exchange.check_webhook()
        if not self.exchange.reaches(found.buyer_tin or ""):
            raise Problem("party is not enabled for exchange", handler=HANDLER)
        if found.entry_status not in ("SIGNED", "FAILED"):
            raise sentence(TRY_LATER, handler=HANDLER)
        self.exchange.start(found)
        return done()

    def acknowledge(self, key: Key, irn: str) -> Response:
        """The buyer's side. The body may be empty or say ACKNOWLEDGED."""
        node = Node(sent_or_empty(), "transmitrequest")
        if node.optional_text("message") not in (None, "ACKNOWLEDGED"):
            node.refuse("message", "must be ACKNOWLEDGED")
        found = self.world.visible(key, irn)
        if found is None or not found.transmitted:
            raise Problem("invoice has not been transmitted", handler=HANDLER)
        self.exchange.tell(found, "ACKNOWLEDGED")
        return done()

    def check_webhook(self, key: Key) -> Response:
        """A notice about an invoice nobody knows: receivers must take it and do nothing."""
        self.exchange.check_webhook()
        self.exchange.notify(f"HEALTHCHECK-00000000-{self.world.today():%Y%m%d}", "TRANSMITTED")
        return done()

    def pull(self, key: Key) -> Response:
        """Exchanged invoices; the window is over the day of the last change."""
        start, end = (read_date(request.args.get(name, "")) for name in ("from", "to"))
        confirmed = request.args.get("confirmed")
        if start is None or end is None or confirmed not in ("true", "false"):
            raise Problem("confirmed, from and to must be valid values", handler=HANDLER)
        rows = [
            ({**one.found(), "transmitted": one.transmitted, "delivered": one.delivered}, one.signed_at.isoformat())
            for one in self.world.signed.values()
            if self.world.business(key, one.business_id)
            and one.entry_status != "SIGNED"
            and one.delivered == (confirmed == "true")
            and start.isoformat() <= one.synced() <= end.isoformat()
        ]
        return success(page_of(rows, request.args))

    def report_vat(self, key: Key) -> Response:
        """All values are texts here, amounts too."""
        node = Node(sent_object(), "vatrequest")
        for name in VAT_TEXTS:
            node.text(name)
        node.date("transaction_date")
        if node.text("vat_status") not in VAT_STATUSES:
            node.refuse("vat_status", f"must be one of {' '.join(VAT_STATUSES)}")
        self.world.vat_reports.append(node.value)
        return done()
