"""The stamp and the printed invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from taxpoynt.domain.invoice import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The cryptographic stamp: base64 text for the QR code, made once and reprinted."""

    text: str
    made_at: datetime


class StampMaker(Protocol):
    """Makes the stamp with the merchant's `crypto_keys.txt`; Rejected with a clear message when it cannot be used."""

    def stamp(self, crypto_keys: str, irn: str, at: datetime) -> Stamp: ...


class InvoicePrinter(Protocol):
    """Renders what a merchant sends to the customer: A4 invoice, 80 mm receipt, UBL 2.1 XML, QR code.

    Equal input gives equal bytes. Rejected from `ubl` for a document that is not finished.
    """

    def pdf(self, invoice: Invoice, stamp: Stamp | None) -> bytes: ...
    def receipt(self, invoice: Invoice, stamp: Stamp | None) -> bytes: ...
    def ubl(self, invoice: Invoice, stamp: Stamp | None) -> bytes: ...
    def qr_png(self, stamp: Stamp) -> bytes: ...
