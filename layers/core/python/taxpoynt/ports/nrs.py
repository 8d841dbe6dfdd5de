"""The tax authority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsAnswer:
    """An answer worth keeping: status, request or error id, and the exact bytes."""

    status: int
    request_id: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NrsInvoiceStatus:
    """What NRS tells of one IRN. `found` False: NRS does not know it (asked both ways)."""

    found: bool
    payment_status: str | None = None
    transmitted: bool = False
    delivered: bool = False
    issue_date: str | None = None
    invoice_type_code: str | None = None
    currency: str | None = None


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
