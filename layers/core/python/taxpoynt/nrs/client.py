"""NRS's API as methods. What comes first is what the services use (`ports.NrsGateway`); the rest is the catalogue.

Every method raises the verdicts of `answers.judge`; `data` means the envelope's, with Decimal numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import requests

from taxpoynt.errors import TaxPoyntError
from taxpoynt.nrs import endpoints
from taxpoynt.nrs.answers import does_not_know, open_envelope
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.nrs.download import decrypt
from taxpoynt.nrs.json_text import encode
from taxpoynt.nrs.lookup import searched, status_of
from taxpoynt.nrs.transport import Call, Transport
from taxpoynt.ports import NrsAnswer, NrsInvoiceStatus


def _utc_now() -> datetime:
    return datetime.now(UTC)


class NrsClient:
    """NRS for one integrator key pair over an injected session (see `transport.open_session`)."""

    def __init__(self, config: NrsConfig, session: requests.Session, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._config = config
        self._transport = Transport(config, session, now)

    def validate(self, body: bytes) -> NrsAnswer:
        """Checks an invoice without registering it; may be repeated."""
        return self._transport.send(endpoints.VALIDATE, endpoints.VALIDATE.path, body=body)

    def sign(self, body: bytes) -> NrsAnswer:
        """Registers an invoice: after success the IRN is used up. OutcomeUnknown: look up before sending again."""
        return self._transport.send(endpoints.SIGN, endpoints.SIGN.path, body=body)

    def look_up(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        """What NRS knows of `irn`. `found` False only after confirm and search both said so, else NrsUnavailable."""
        call = endpoints.CONFIRM
        came = self._transport.ask(call, _path(call, irn))
        if not does_not_know(came.status, came.body):
            answer = self._transport.judged(call, came)
            confirmed = open_envelope(answer.body).data
            if confirmed:
                return replace(status_of(confirmed), answer=answer)
        return self._search(irn, business_id)

    def follow(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        """`look_up`, and what search says of the exchange unless the invoice has arrived: only search tells FAILED."""
        confirmed = self.look_up(irn, business_id)
        if not confirmed.found or confirmed.delivered or confirmed.entry_status:
            return confirmed
        found = self._search(irn, business_id)
        return replace(confirmed, entry_status=found.entry_status)

    def _search(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        call = endpoints.SEARCH
        answer = self._transport.send(call, _path(call, business_id), query={"irn": irn})
        return replace(searched(open_envelope(answer.body).data, irn), answer=answer)

    def download(self, irn: str) -> bytes | None:
        """NRS's copy as plain JSON text; None when NRS does not give it or no key opens it."""
        call = endpoints.DOWNLOAD
        came = self._transport.ask(call, _path(call, irn))
        if does_not_know(came.status, came.body):
            return None
        data = open_envelope(self._transport.judged(call, came).body).data
        return decrypt(data, api_key=self._config.api_key, download_key=self._config.download_key)

    # --- the rest of the catalogue ------------------------------------------------------------------------------

    def healthy(self) -> bool:
        """Is NRS alive? False for any answer but a clear yes."""
        try:
            data = self._data(endpoints.HEALTH)
        except TaxPoyntError:
            return False
        return isinstance(data, dict) and data.get("healthy") is True

    def entities(self, **filters: str) -> Any:
        """Entities visible to this key (size, page, sort_by, sort_direction_desc, reference)."""
        return self._data(endpoints.ENTITIES, query=filters)

    def entity(self, entity_id: str) -> Any:
        """One entity with its businesses and their IRN templates."""
        return self._data(endpoints.ENTITY, entity_id)

    def validate_irn(self, business_id: str, invoice_reference: str, irn: str) -> None:
        """Does `irn` fit the business's template? NrsRefused if not."""
        whole = {"business_id": business_id, "invoice_reference": invoice_reference, "irn": irn}
        self._data(endpoints.VALIDATE_IRN, body=whole)

    def create_party(self, party: Mapping[str, Any]) -> Any:
        """Keeps a party at NRS for use by its id."""
        return self._data(endpoints.CREATE_PARTY, body=party)

    def parties(self, business_id: str, **filters: str) -> Any:
        """Parties kept for a business."""
        return self._data(endpoints.PARTIES, business_id, query=filters)

    def confirm(self, irn: str) -> Any:
        """Status flags of one invoice."""
        return self._data(endpoints.CONFIRM, irn)

    def search(self, business_id: str, **filters: str) -> Any:
        """Invoices of a business: items, page, attributes."""
        return self._data(endpoints.SEARCH, business_id, query=filters)

    def update_payment(
        self, irn: str, status: str, *, reference: str | None = None, amount: Decimal | None = None
    ) -> None:
        """Reports a payment; `amount` is this instalment, for `PARTIAL` only."""
        whole = {"payment_status": status, "reference": reference, "amount": amount}
        self._data(endpoints.UPDATE, irn, body={key: value for key, value in whole.items() if value is not None})

    def exchange_by_irn(self, irn: str) -> bool:
        """Can the parties of this invoice exchange it?"""
        return self._enabled(endpoints.EXCHANGE_BY_IRN, irn)

    def exchange_by_tin(self, tin: str) -> bool:
        """Can the holder of this TIN receive invoices?"""
        return self._enabled(endpoints.EXCHANGE_BY_TIN, tin)

    def exchange_by_party(self, party_id: str) -> bool:
        """Can this party receive invoices?"""
        return self._enabled(endpoints.EXCHANGE_BY_PARTY, party_id)

    def transmit(self, irn: str) -> None:
        """Sends a signed invoice to the buyer's access point."""
        self._data(endpoints.TRANSMIT, irn)

    def acknowledge(self, irn: str) -> None:
        """Buyer's side: the invoice arrived."""
        self._data(endpoints.ACKNOWLEDGE, irn, body={"message": "ACKNOWLEDGED"})

    def check_webhook(self) -> Any:
        """Makes NRS send a test notice to the registered address."""
        return self._data(endpoints.CHECK_WEBHOOK)

    def pull(self, *, confirmed: bool, start: date, end: date) -> Any:
        """Invoices exchanged between two days."""
        query = {"confirmed": str(confirmed).lower(), "from": start.isoformat(), "to": end.isoformat()}
        return self._data(endpoints.PULL, query=query)

    def report_vat(self, report: Mapping[str, str]) -> Any:
        """Reports the VAT of a paid transaction; all values are texts."""
        call = endpoints.REPORT_VAT
        answer = self._transport.send(call, self._config.vat_path, body=encode(dict(report)).encode())
        return open_envelope(answer.body).data

    def verify_tin(self, tin: str) -> Any:
        """The taxpayer NRS knows under a TIN; advisory, an outage must not block invoicing."""
        return self._data(endpoints.VERIFY_TIN, body={"tin": tin})

    def authenticate(self, email: str, password: str) -> Any:
        """A taxpayer's entity id; the password is used once and never kept."""
        return self._data(endpoints.AUTHENTICATE, body={"email": email, "password": password})

    def resource(self, name: str) -> Any:
        """The rows of a code list (`countries`, `hs-codes`, `lgas` …)."""
        return self._data(endpoints.RESOURCE, name)

    def _data(
        self,
        call: Call,
        *parts: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        sent = None if body is None else encode(dict(body)).encode()
        return open_envelope(self._transport.send(call, _path(call, *parts), query=query, body=sent).body).data

    def _enabled(self, call: Call, part: str) -> bool:
        """Any 2xx is yes, any 4xx but a key error is no (section 5.1, rows 13 to 15)."""
        came = self._transport.ask(call, _path(call, part))
        if does_not_know(came.status, came.body):
            return False
        self._transport.judged(call, came)
        return True


def _path(call: Call, *parts: str) -> str:
    return call.path.format(*(quote(part, safe="") for part in parts))
