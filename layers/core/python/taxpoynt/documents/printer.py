"""Every document of an invoice from one place (`ports.InvoicePrinter`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from taxpoynt.documents import qr
from taxpoynt.documents.pdf import a4
from taxpoynt.documents.places import Places
from taxpoynt.documents.receipt import receipt
from taxpoynt.documents.ubl import UblWriter
from taxpoynt.domain.invoice import Invoice
from taxpoynt.ports import Stamp


@dataclass(frozen=True, slots=True)
class DocumentPrinter:
    """A4 invoice, till receipt, UBL and QR code; `places` names what addresses hold as codes."""

    places: Places = field(default_factory=Places)

    def pdf(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        """A4; an invoice without IRN is marked as a draft, one without stamp has no QR code."""
        return a4(invoice, stamp, self.places)

    def receipt(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        """80 mm wide, as long as it needs to be."""
        return receipt(invoice, stamp, self.places)

    def ubl(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        """UBL 2.1 XML; BadInput for an unfinished invoice."""
        return UblWriter(self.places).ubl(invoice, stamp)

    def qr_png(self, stamp: Stamp) -> bytes:
        """The stamp's QR code as a picture."""
        return qr.png(stamp.text)
