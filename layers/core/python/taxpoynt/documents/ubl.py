"""The invoice as UBL 2.1 XML, for whoever books or archives it: valid against the OASIS schema.

Where NRS and UBL say things differently: document types are swapped back (ubl_codes.py), the IRN is the document's UUID
beside the invoice number, the stamp is an attached document. No profile (Peppol, EN 16931) is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass

from taxpoynt.documents import ubl_amounts as amounts
from taxpoynt.documents.amounts import money, percent
from taxpoynt.documents.places import Places
from taxpoynt.documents.ubl_codes import is_credit, ubl_type
from taxpoynt.documents.ubl_lines import credit_line, invoice_line
from taxpoynt.documents.ubl_parties import customer, supplier
from taxpoynt.documents.xml_tree import Part, document, group, value
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.errors import BadInput
from taxpoynt.ports import Stamp

STAMP_TYPE = "NRS cryptographic stamp"


@dataclass(frozen=True, slots=True)
class UblWriter:
    """Writes invoices as UBL; `places` names states and local government areas."""

    places: Places

    def ubl(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        """The document; BadInput for one without number, with an unknown tax, or of a type that is no invoice."""
        if not invoice.number:
            raise BadInput("an invoice without a number has no UBL form")
        code = ubl_type(invoice.type_code)
        return self._credit_note(invoice, code, stamp) if is_credit(code) else self._invoice(invoice, code, stamp)

    def _invoice(self, invoice: Invoice, code: str, stamp: Stamp | None) -> bytes:
        return document(
            "Invoice",
            *_identity(invoice),
            value("DueDate", invoice.due_date.isoformat()),
            value("InvoiceTypeCode", code, listID="UNCL1001"),
            *_notes(invoice),
            value("TaxPointDate", invoice.tax_point_date.isoformat()),
            *_references(invoice, stamp),
            supplier(invoice.seller, self.places),
            customer(invoice.buyer, self.places),
            *amounts.payment_means(invoice),
            group("PaymentTerms", value("Note", _terms(invoice))),
            *(amounts.document_charge(one, invoice) for one in invoice.charges),
            amounts.tax_total(invoice),
            *amounts.withholding(invoice),
            amounts.monetary_total(invoice),
            *(invoice_line(place, line, invoice.currency) for place, line in enumerate(invoice.lines, start=1)),
        )

    def _credit_note(self, invoice: Invoice, code: str, stamp: Stamp | None) -> bytes:
        """UBL 2.1's credit note has no due date, no withholding and another order."""
        return document(
            "CreditNote",
            *_identity(invoice),
            value("TaxPointDate", invoice.tax_point_date.isoformat()),
            value("CreditNoteTypeCode", code, listID="UNCL1001"),
            *_notes(invoice),
            *_references(invoice, stamp),
            supplier(invoice.seller, self.places),
            customer(invoice.buyer, self.places),
            *amounts.payment_means(invoice),
            *(amounts.document_charge(one, invoice) for one in invoice.charges),
            amounts.tax_total(invoice),
            amounts.monetary_total(invoice),
            *(credit_line(place, line, invoice.currency) for place, line in enumerate(invoice.lines, start=1)),
        )


def _identity(invoice: Invoice) -> list[Part]:
    """The time is Africa/Lagos, which is one hour ahead of UTC all year."""
    return [
        value("UBLVersionID", "2.1"),
        value("ID", invoice.number),
        value("UUID", invoice.irn, schemeID="IRN", schemeAgencyName="Nigeria Revenue Service"),
        value("IssueDate", invoice.issue_date.isoformat()),
        value("IssueTime", f"{invoice.issue_time:%H:%M:%S}+01:00"),
    ]


def _notes(invoice: Invoice) -> list[Part]:
    """The note, and what UBL has no other place for."""
    held_back = [
        f"{one.name} {percent(one.rate_percent) if one.rate_percent else ''}".strip()
        + f" to be withheld: {money(one.amount, invoice.currency)}"
        for one in invoice.withholding
        if invoice.type_code in amounts.CREDITS
    ]
    draft = None if invoice.irn else "Draft: not registered with NRS"
    return [value("Note", note) for note in (invoice.note, draft, *held_back)]


def _references(invoice: Invoice, stamp: Stamp | None) -> list[Part]:
    lines = len(invoice.lines)
    return [
        value("DocumentCurrencyCode", invoice.currency, listID="ISO4217"),
        value("TaxCurrencyCode", invoice.tax_currency, listID="ISO4217"),
        value("LineCountNumeric", str(lines)),
        value("BuyerReference", invoice.buyer_reference),
        *(group("BillingReference", _corrected(one)) for one in invoice.refers_to),
        _attached(stamp) if stamp else None,
    ]


def _corrected(one: Reference) -> Part:
    """The number is the IRN's first part; the IRN itself is the unique name."""
    return group(
        "InvoiceDocumentReference",
        value("ID", one.irn.split("-")[0]),
        value("UUID", one.irn, schemeID="IRN"),
        value("IssueDate", one.issue_date.isoformat()),
    )


def _attached(stamp: Stamp) -> Part:
    """The stamp's base64 text as it stands in the QR code; decoded, it is the ciphertext NRS reads."""
    file = value(
        "EmbeddedDocumentBinaryObject",
        stamp.text,
        mimeCode="application/octet-stream",
        encodingCode="Base64",
        filename="stamp.bin",
    )
    return group(
        "AdditionalDocumentReference",
        value("ID", "CSID"),
        value("IssueDate", stamp.made_at.date().isoformat()),
        value("DocumentType", STAMP_TYPE),
        group("Attachment", file),
    )


def _terms(invoice: Invoice) -> str | None:
    days = (invoice.due_date - invoice.issue_date).days
    return f"Net {days} days" if days > 0 else None
