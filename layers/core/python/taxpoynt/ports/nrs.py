"""The tax authority."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsAnswer:
    """An answer worth keeping: status, request or error id, and the exact bytes."""

    status: int
    request_id: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsInvoiceStatus:
    """What NRS tells of one IRN. `found` False: NRS does not know it (asked both ways).

    entry_status: SIGNED, TRANSMITTING, TRANSMITTED, ACKNOWLEDGED or FAILED, where NRS says it;
    answer: the answer that told.
    """

    found: bool
    payment_status: str | None = None
    transmitted: bool = False
    delivered: bool = False
    issue_date: str | None = None
    invoice_type_code: str | None = None
    currency: str | None = None
    entry_status: str | None = None
    answer: NrsAnswer | None = field(default=None, compare=False)


class NrsGateway(Protocol):
    """NRS for one integrator key pair. `validate` and `sign` send `body` byte for byte.

    Errors: NrsRefused (clear refusal, faults in our shape), NrsKeyRefused, NrsUnavailable (nothing registered by
    this call), OutcomeUnknown (time-out, reset, 5xx, or the text NRS uses for both "duplicate" and "outage").
    """

    def validate(self, body: bytes) -> NrsAnswer: ...
    def sign(self, body: bytes) -> NrsAnswer: ...
    def look_up(self, irn: str, business_id: str) -> NrsInvoiceStatus: ...
    def download(self, irn: str) -> bytes | None:
        """NRS's own copy of the invoice as plain JSON text, None when it cannot be had or read."""
        ...

    def follow(self, irn: str, business_id: str) -> NrsInvoiceStatus:
        """`look_up` with the flags of confirm and, unless it has arrived, the `entry_status` of search."""
        ...

    def exchange_by_irn(self, irn: str) -> bool:
        """Can the parties of this invoice exchange it?"""
        ...

    def exchange_by_tin(self, tin: str) -> bool: ...
    def transmit(self, irn: str) -> None:
        """Sends a signed invoice to the buyer's access point. OutcomeUnknown: `follow` tells."""
        ...

    def update_payment(
        self, irn: str, status: str, *, reference: str | None = None, amount: Decimal | None = None
    ) -> None:
        """Reports a payment; `amount` is this instalment, for PARTIAL only. OutcomeUnknown: it may have counted."""
        ...


class NrsDesk(Protocol):
    """NRS as the calls of one merchant reach it: with the right keys, and not at all while a circuit is open."""

    def __call__(self, merchant: str, keys: str | None = None) -> NrsGateway:
        """keys: `shared` or `own` (Merchant.nrs_keys), None for what the profile says today.

        Raises CircuitOpen, OutOfTime, and ConfigurationError for a secret that is missing or cannot be used.
        """
        ...
