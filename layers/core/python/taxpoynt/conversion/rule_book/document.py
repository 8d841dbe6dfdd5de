"""Rules for the head of a document: identity, references, IRN and dates."""

from __future__ import annotations

from collections.abc import Iterator

from taxpoynt.conversion.rule_book.rule import REFERENCE, Rule


def document_rules() -> Iterator[Rule]:
    """Identity, kinds, currencies, references and the IRN."""
    s = f"{REFERENCE} 7.1"
    yield Rule(
        "DOC-001", "", "This is not an invoice: a JSON object is expected.", "Send one invoice as a JSON object.", s
    )
    yield Rule(
        "DOC-002",
        "business_id",
        "The seller's NRS business id is missing or is not a UUID.",
        "Copy the business id from the NRS portal into the merchant's profile.",
        s,
        (12,),
    )
    yield Rule(
        "DOC-003",
        "invoice_type_code",
        "The invoice type must be text of three digits.",
        'Send "381" for an invoice and "380" for a credit note, in quotes.',
        f"{REFERENCE} 8.1",
        (2,),
    )
    yield Rule(
        "DOC-004",
        "invoice_type_code",
        "NRS has no invoice type {value}.",
        'Use "381" for an invoice, "380" for a credit note, "384" for a debit note.',
        f"{REFERENCE} 8.1",
        (2,),
    )
    yield Rule(
        "DOC-005",
        "invoice_kind",
        "The kind of invoice must be B2B, B2C or B2G, in capitals.",
        "Say whether the buyer is a business (B2B), a consumer (B2C) or the government (B2G).",
        s,
        (3,),
    )
    yield Rule(
        "DOC-006",
        "payment_status",
        "The payment status must be PENDING, PAID, PARTIAL or REJECTED.",
        "Use PENDING for an unpaid invoice.",
        f"{REFERENCE} 8.4",
        (46,),
    )
    yield Rule(
        "DOC-007",
        "document_currency_code",
        "The currency {value} is not in NRS's list.",
        "Use a three-letter currency code such as NGN, and check its spelling in the source record.",
        f"{REFERENCE} 7.1",
        (43,),
    )
    yield Rule(
        "DOC-008",
        "tax_currency_code",
        "The tax currency is missing or not in NRS's list.",
        "Send NGN.",
        f"{REFERENCE} 7.1",
        (44,),
    )
    yield Rule(
        "DOC-009",
        "note",
        "This must be text.",
        "Send it in quotes, or leave it out.",
        f"{REFERENCE} 7.1",
    )
    yield Rule(
        "DOC-010",
        "type_code",
        "NRS's type {value} does not fit what the source record is.",
        "An invoice may be 381, 385, 386, 392, 394 or 397, a credit note 380 or 393, a debit note 384.",
        f"{REFERENCE} 8.1",
    )
    yield Rule(
        "REF-001",
        "billing_reference",
        "A credit or debit note must name the invoice it corrects.",
        "Add the earlier invoice's IRN and date; for a normal sale use type 381.",
        f"{REFERENCE} 7.1",
        (1,),
    )
    yield Rule(
        "REF-002",
        "billing_reference",
        "A reference needs a valid IRN and an issue date.",
        "Give irn and issue_date of the earlier invoice.",
        f"{REFERENCE} 7.1",
    )
    yield Rule(
        "REF-003",
        "billing_reference[n]",
        "The document names itself as the one it corrects.",
        "Name the earlier invoice; a credit or debit note has an IRN of its own.",
        f"{REFERENCE} 6a",
    )
    yield Rule(
        "REF-004",
        "billing_reference[n]",
        "The document that is corrected is dated after the correction.",
        "Give the issue date of the earlier invoice, or correct the date of this document.",
        f"{REFERENCE} 7.1",
    )
    yield Rule(
        "IRN-001",
        "irn",
        "The IRN must be letters and digits, a hyphen, the 8-character service id, a hyphen and the date.",
        "Remove punctuation from the invoice number and write it in capitals; take the service id from the IRN "
        "template in the NRS portal.",
        f"{REFERENCE} 6a",
        (4,),
    )
    yield Rule(
        "IRN-002",
        "irn",
        "The IRN ends in {day}, which is not a calendar date.",
        "Use the issue date as YYYYMMDD.",
        f"{REFERENCE} 6a",
        (7,),
    )
    yield Rule(
        "IRN-003",
        "irn",
        "The IRN's date {day} differs from the issue date {issued}.",
        "Use the issue date in the IRN.",
        f"{REFERENCE} 6a",
        (6,),
    )
    yield Rule(
        "IRN-004",
        "irn",
        "The IRN has {length} characters; 50 are allowed.",
        "Use a shorter invoice number.",
        f"{REFERENCE} 6a",
        (8,),
    )
    yield Rule(
        "IRN-005",
        "irn",
        "The IRN does not hold this merchant's service id.",
        "Take the service id from the IRN template in the NRS portal.",
        f"{REFERENCE} 6a",
    )
    yield Rule(
        "IRN-006",
        "irn",
        "The IRN is in small letters, or its service id does not have 8 characters.",
        "Write the IRN in capitals and take the service id from the IRN template in the NRS portal.",
        f"{REFERENCE} 6a",
        (5,),
    )


def date_rules() -> Iterator[Rule]:
    """Dates and times."""
    s = f"{REFERENCE} 7.1"
    yield Rule(
        "DATE-001",
        "issue_date",
        "The issue date is missing or not a date written YYYY-MM-DD.",
        "Write it like 2026-09-15.",
        s,
        (13,),
    )
    yield Rule(
        "DATE-002",
        "issue_date",
        "The issue date {value} is in the future.",
        "Use the day of the sale in Nigeria; check the clock of the system that made it.",
        s,
        (13,),
    )
    yield Rule(
        "DATE-003",
        "issue_time",
        "The issue time is missing or not written HH:MM:SS.",
        "Write it like 10:42:31.",
        s,
        (15,),
    )
    yield Rule(
        "DATE-004",
        "due_date",
        "The due date is missing or not a date written YYYY-MM-DD.",
        "Write it like 2026-09-15; a till sale is due the same day.",
        s,
    )
    yield Rule(
        "DATE-005", "due_date", "The due date is before the issue date.", "Make it the issue date or later.", s, (16,)
    )
    yield Rule(
        "DATE-006",
        "tax_point_date",
        "The tax point date is missing or not a date written YYYY-MM-DD.",
        "Use the issue date unless tax became due on another day.",
        s,
        (14,),
    )
    yield Rule(
        "DATE-007", "actual_delivery_date", "This is not a date written YYYY-MM-DD.", "Write it like 2026-09-15.", s
    )
    yield Rule(
        "DATE-008",
        "invoice_delivery_period",
        "The delivery period needs a start and an end not before it.",
        "Give start_date and end_date as YYYY-MM-DD, or leave the period out.",
        s,
    )
