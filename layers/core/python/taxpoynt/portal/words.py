"""What machines note, in the words of the person who reads it."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

_ACTIONS = {
    "claimed": "We saw this sale",
    "converted": "Turned into an invoice",
    "checked": "Checked, nothing wrong",
    "faults_found": "Checked, and something is missing",
    "held": "Put on hold: something is missing",
    "resumed": "Taken up again with the newest record",
    "value_supplied": "A value was supplied here",
    "answered": "The question was answered",
    "change_undone": "The change was undone in the record",
    "withdrawn": "Taken back before anything was sent",
    "waits_for_invoice": "Waits until its invoice is accepted",
    "invoice_accepted": "Its invoice was accepted",
    "reserved": "Number and IRN given",
    "submitting": "On its way to NRS",
    "sending": "On its way to NRS",
    "signed": "NRS accepted it",
    "found": "NRS accepted it",
    "accepted": "NRS accepted it",
    "refused": "NRS refused it",
    "not_sent": "Not sent yet, we try again",
    "put_off": "NRS is busy, we try again",
    "outcome_unknown": "NRS did not answer clearly, we ask again",
    "recovering": "We ask NRS again",
    "not_settled": "NRS still does not say, we ask again",
    "settled": "NRS's answer is clear now",
    "operator_told": "Our operators were told",
    "waits_for_operator": "Waits for our operators",
    "source_changed": "The record changed; we look at it again when NRS has the invoice",
    "looked_again": "The changed record is looked at again",
    "stamp_waits": "Accepted; the stamp waits for your key file",
    "delivering": "Stamp, QR code and PDF made",
    "completed": "Finished",
    "transmitting": "On its way to the buyer",
    "transmitted": "Handed to the buyer through NRS",
    "acknowledged": "Received by the buyer",
    "by_merchant": "You give it to the buyer yourself",
    "delivery_failed": "Could not be handed to the buyer through NRS",
    "delivery_given_up": "Could not be handed to the buyer through NRS",
    "payment_changed": "The payment changed in the record",
    "payment_sending": "NRS is being told of the payment",
    "payment_not_sent": "NRS could not be told of the payment yet",
    "payment_not_found": "NRS does not show the payment yet",
    "payment_told": "NRS knows of the payment",
    "payment_closed": "NRS had closed the invoice already",
    "payment_refused": "NRS refused the payment",
    "swept": "Looked at again by itself",
    "same_sale": "Ended: another platform's record of the same sale is invoiced",
    "same_sale_asked": "It may be another platform's sale: you are asked",
    "same_sale_back": "The other record was taken back: you are asked about this one",
    "due_again": "Looked at again, because your business details changed",
    "erased": "The buyer's data was erased",
}
_ROUTINE = frozenset(
    {"converted", "checked", "faults_found", "resumed", "swept", "due_again", "recovering", "following", "followed"}
)
_PATHS = {
    "buyer.name": "Buyer's name",
    "buyer.tin": "Buyer's tax number (TIN)",
    "buyer.email": "Buyer's e-mail",
    "buyer.telephone": "Buyer's telephone",
    "buyer.kind": "Kind of buyer",
    "buyer.address.street": "Buyer's street",
    "buyer.address.city": "Buyer's city",
    "buyer.address.postal_code": "Buyer's postcode",
    "buyer.address.state": "Buyer's state",
    "buyer.address.lga": "Buyer's local government area",
    "buyer.address.country": "Buyer's country",
}
_LINES = {
    "classification.hsn_code": "goods code (HS)",
    "classification.product_category": "goods category in words",
    "classification.isic_code": "service code (ISIC)",
    "classification.service_category": "service category in words",
    "unit": "unit",
    "taxes": "tax",
    "tax_reason": "reason for zero or no tax",
}
_DOCUMENTS = {"invoice": "Invoice", "credit_note": "Credit note", "debit_note": "Debit note"}
_KINDS = {
    "pdf": "Invoice (PDF)",
    "receipt": "Receipt (80 mm)",
    "qr": "QR code",
    "ubl": "For accounting software (UBL)",
    "stamp": "Stamp text",
}
_DELIVERY = {
    "due": "will be handed to the buyer through NRS",
    "transmitting": "is being handed to the buyer through NRS",
    "transmitted": "was handed to the buyer through NRS",
    "acknowledged": "was received by the buyer",
    "failed": "could not be handed over through NRS",
    "by_merchant": "you give it to the buyer yourself; the buyer is not on NRS's exchange",
}
_PAYMENTS = {"PENDING": "not paid yet", "PAID": "paid", "PARTIAL": "partly paid", "REJECTED": "payment rejected"}


def action(name: str) -> str:
    """What happened, as a sentence."""
    return _ACTIONS.get(name, name.replace("_", " ").capitalize())


def routine(name: str) -> bool:
    """Is it a step that tells a merchant nothing? An operator's page shows it."""
    return name in _ROUTINE


def field(path: str) -> str:
    """A path of the sale as a label: `Line 2: unit`."""
    found = re.fullmatch(r"lines\[(\d+)\]\.(.+)", path)
    if found:
        return f"Line {int(found[1]) + 1}: {_LINES.get(found[2], found[2])}"
    return _PATHS.get(path, path)


def document(name: str) -> str:
    """`credit_note` as `Credit note`."""
    return _DOCUMENTS.get(name, name)


def kind_of_file(name: str) -> str:
    """`ubl` as what it is good for."""
    return _KINDS.get(name, name)


def delivery(state: str) -> str:
    """How the exchange with the buyer stands."""
    return _DELIVERY.get(state, state)


def payment(status: str) -> str:
    """NRS's payment status in words."""
    return _PAYMENTS.get(status, status.lower())


def until(at: datetime, now: datetime) -> str:
    """`in 3 hours`, `in 2 days`, `now`, `5 hours late`."""
    minutes = int((at - now).total_seconds() // 60)
    size = abs(minutes)
    if size < 1:
        return "now"
    if size < 60:
        amount = f"{size} minute{'' if size == 1 else 's'}"
    elif size < 48 * 60:
        amount = f"{size // 60} hour{'' if size // 60 == 1 else 's'}"
    else:
        amount = f"{size // 1440} days"
    return f"in {amount}" if minutes > 0 else f"{amount} late"


def kind_of_rows(kind: str) -> str:
    """What a merchant calls them."""
    return {"stock": "Stock levels"}.get(kind, kind.capitalize())


def quantity(number: Decimal) -> str:
    """`2`, `1.5`, `1,200`: no zeros that say nothing."""
    text = f"{number.normalize():,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
