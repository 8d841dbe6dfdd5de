"""Endpoints 4 to 6 and 9 to 12: checking, signing and asking for invoices."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit import note_verdict
from tests.sandbox.nrs.answers import done, success
from tests.sandbox.nrs.chaos import ordered_lag
from tests.sandbox.nrs.check_invoice import STATUSES, check_invoice
from tests.sandbox.nrs.irn import check_irn
from tests.sandbox.nrs.json_body import parse_object
from tests.sandbox.nrs.known_keys import ignored_keys
from tests.sandbox.nrs.node import Node, check_uuid
from tests.sandbox.nrs.paging import page_of
from tests.sandbox.nrs.problems import NOT_SIGNED, TERMINAL, TRY_LATER, Problem, sentence
from tests.sandbox.nrs.records import TERMINAL as TERMINAL_STATES
from tests.sandbox.nrs.records import Key, Row, SignedInvoice
from tests.sandbox.nrs.routing import Route, sent_object
from tests.sandbox.nrs.sealing import seal
from tests.sandbox.nrs.world import World

FILTERS = [
    "irn",
    "payment_status",
    "entry_status",
    "invoice_type_code",
    "issue_date",
    "due_date",
    "tax_currency_code",
    "document_currency_code",
]


def invoice_routes(world: World) -> list[Route]:
    """The rows of the endpoint catalogue."""
    desk = _Desk(world)
    return [
        Route("POST", "/api/v1/invoice/irn/validate", desk.validate_irn),
        Route("POST", "/api/v1/invoice/validate", desk.validate),
        Route("POST", "/api/v1/invoice/sign", desk.sign),
        Route("GET", "/api/v1/invoice/confirm/<irn>", desk.confirm),
        Route("GET", "/api/v1/invoice/download/<irn>", desk.download),
        Route("GET", "/api/v1/invoice/<business_id>", desk.search),
        Route("PATCH", "/api/v1/invoice/update/<irn>", desk.update),
    ]


class _Desk:
    def __init__(self, world: World) -> None:
        self.world = world

    def validate_irn(self, key: Key) -> Response:
        node = Node(sent_object(), "irnrequest")
        business = self._business(key, node.text("business_id"))
        check_irn(node.text("irn"), business["irn_template"], number=node.text("invoice_reference"))
        return done()

    def validate(self, key: Key) -> Response:
        self._checked(key, "validate", request.get_data())
        return done()

    def sign(self, key: Key) -> Response:
        """After this the IRN is used up. A second time gets the same words as an outage, whatever the content."""
        raw = request.get_data()
        body, ignored = self._checked(key, "sign", raw)
        irn = body["irn"]
        if irn in self.world.signed:
            raise sentence(TRY_LATER)
        signed = SignedInvoice(
            irn=irn,
            business_id=body["business_id"].lower(),
            raw=raw,
            body=body,
            signed_at=self.world.now(),
            ignored=ignored,
            payment_status=body["payment_status"],
            remaining=_remaining(body),
        )
        self.world.register(signed, confirm_lag=ordered_lag("confirm_lag"), search_lag=ordered_lag("search_lag"))
        return done(201)

    def _checked(self, key: Key, operation: str, raw: bytes) -> tuple[Row, tuple[str, ...]]:
        """The body if it passes; what was asked is written down either way."""
        body = parse_object(raw)
        ignored = tuple(sorted(ignored_keys(body)))
        irn = body.get("irn") if isinstance(body.get("irn"), str) else None
        check: Row = {"operation": operation, "irn": irn, "ignored_keys": list(ignored), "problem": None}
        self.world.checks.append(check)
        if operation == "sign" and irn is not None:
            self.world.sign_attempts[irn] += 1
        if ignored:
            note_verdict(f"answered; ignored_keys: {', '.join(ignored)}")
        try:
            check_invoice(body, self.world.rules(key))
        except Problem as problem:
            check["problem"] = str(problem)
            raise
        return body, ignored

    def confirm(self, key: Key, irn: str) -> Response:
        return success(self._signed(key, irn).confirmed())

    def download(self, key: Key, irn: str) -> Response:
        found = self._signed(key, irn)
        plain = found.raw if self.world.settings["download_shape"] == "as_sent" else rewritten(found.body)
        return success(seal(plain, api_key=key.api_key, pub=key.pub))

    def search(self, key: Key, business_id: str) -> Response:
        business = self._business(key, business_id)
        heard = self.world.heard_of
        mine = [
            one for one in self.world.signed.values() if one.business_id == business["id"] and heard(one.search_from)
        ]
        rows = [(one.found(), one.signed_at.isoformat()) for one in mine]
        wanted = {name: value for name in FILTERS if (value := request.args.get(name))}
        return success(page_of([pair for pair in rows if _matches(pair[0], wanted)], request.args))

    def update(self, key: Key, irn: str) -> Response:
        node = Node(sent_object(), "updaterequest")
        status = node.text("payment_status")
        if status not in STATUSES:
            node.refuse("payment_status", f"must be one of {' '.join(STATUSES)}")
        node.optional_text("reference")
        found = self.world.visible(key, irn)
        if found is None:
            raise sentence(NOT_SIGNED, status=412)
        if found.payment_status in TERMINAL_STATES:
            raise sentence(TERMINAL)
        self._pay(found, node, status)
        return done()

    def _pay(self, found: SignedInvoice, node: Node, status: str) -> None:
        """PARTIAL names this instalment; what completes the sum turns the invoice to PAID by itself."""
        paid = Decimal(0)
        if status == "PARTIAL":
            paid = node.number("amount", above_zero=True)
        elif status == "PAID":
            paid = found.remaining
        if paid > found.remaining:
            node.refuse("amount", f"can not be more than in length or value {found.remaining:f}")
        found.remaining -= paid
        found.payment_status = "PAID" if status == "PARTIAL" and not found.remaining else status
        found.changed_at = self.world.now()
        found.payments.append({"payment_status": status, "amount": f"{paid:f}", **_told(node, "reference")})

    def _business(self, key: Key, business_id: str) -> Row:
        business = self.world.business(key, check_uuid(business_id))
        if business is None:
            raise Problem("business does not belong to this api key")
        return business

    def _signed(self, key: Key, irn: str) -> SignedInvoice:
        found = self.world.visible(key, irn)
        if found is None or not self.world.heard_of(found.confirm_from):
            raise Problem("invoice not found", status=self.world.settings["unknown_irn_status"])
        return found


def _remaining(body: Row) -> Decimal:
    """Nothing remains of an invoice that was paid when it was signed."""
    return Decimal(0) if body["payment_status"] == "PAID" else Decimal(body["legal_monetary_total"]["payable_amount"])


def _told(node: Node, key: str) -> Row:
    return {key: node.value[key]} if node.has(key) else {}


def _matches(row: Row, wanted: dict[str, str]) -> bool:
    """Dates are asked for as `YYYY-MM-DD` and kept as time stamps: the first ten characters count."""
    return all(
        row[name][:10] == value[:10] if name.endswith("_date") else row[name] == value for name, value in wanted.items()
    )


def rewritten(body: Row) -> bytes:
    """The invoice as another program would write it: keys sorted, numbers without trailing zeros."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, default=_number).encode()


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        raise TypeError(f"no JSON for {type(value).__name__}")
    whole = value.to_integral_value()
    return int(whole) if whole == value else float(value)
