"""One submission: its frozen bytes at NRS, exactly once whatever happens on the way (promise P1).

"In flight" is stored before the first byte leaves. Whoever finds a sale in flight asks NRS for the IRN before
sending anything; sending again always means the same bytes under the same IRN, which NRS registers once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, ContentConflict, NrsRefused, NrsUnavailable, OutcomeUnknown
from taxpoynt.ports import NrsGateway, NrsInvoiceStatus, SaleRecord
from taxpoynt.services.sale_files import body_of, put_answer
from taxpoynt.services.steps import Stores, codes_of, write


@dataclass(frozen=True, slots=True)
class Submission:
    """`drive` takes a sale from reserved, submitting or unknown to accepted, or raises what stands in the way."""

    stores: Stores
    nrs: NrsGateway

    def drive(self, record: SaleRecord) -> SaleRecord:
        """One attempt. NrsRefused (faults stored), OutcomeUnknown (stored), NrsUnavailable, ContentConflict."""
        body = body_of(self.stores.blobs, record)
        if (record.tries or record.state is not SaleState.RESERVED) and self._found(record, read_json(body)):
            return self._accepted(record, "found")
        return self._send(record, body)

    def _found(self, record: SaleRecord, sent: Mapping[str, Any]) -> bool:
        """Does NRS hold this invoice? A refused question is no answer: nothing may be sent or given up on it."""
        try:
            status = self.nrs.look_up(str(record.irn), str(sent["business_id"]))
        except NrsRefused as error:
            raise NrsUnavailable("NRS does not tell whether it holds this IRN") from error
        if status.found:
            self._must_be_ours(record, sent, status)
        return status.found

    def _send(self, record: SaleRecord, body: bytes) -> SaleRecord:
        in_flight = replace(record, state=SaleState.SUBMITTING, tries=record.tries + 1, faults=())
        record = write(self.stores, record, in_flight, "sending", body_sha256=str(record.body_sha256))
        try:
            self.nrs.validate(body)
            answer = self.nrs.sign(body)
        except OutcomeUnknown as error:
            unknown = replace(record, state=SaleState.UNKNOWN)
            write(self.stores, record, unknown, "outcome_unknown", request_id=error.request_id or "")
            raise
        except NrsRefused as error:
            # nothing is registered under this IRN: the next bytes start anew, with another IRN if need be
            refused = replace(record, faults=error.faults, tries=0)
            detail = {"codes": codes_of(error.faults), "request_id": error.request_id or ""}
            write(self.stores, record, refused, "refused", **detail)
            raise
        kept = put_answer(self.stores.blobs, record.merchant, str(record.irn), record.tries, answer.body)
        return self._accepted(record, "signed", answer_key=kept, request_id=answer.request_id or "")

    def _accepted(self, record: SaleRecord, how: str, **detail: str) -> SaleRecord:
        accepted = replace(record, state=SaleState.ACCEPTED, faults=())
        return write(self.stores, record, accepted, "accepted", how=how, **detail)

    def _must_be_ours(self, record: SaleRecord, sent: Mapping[str, Any], status: NrsInvoiceStatus) -> None:
        """ContentConflict when NRS holds other content under this IRN, as far as NRS lets us see it."""
        told = {
            "issue_date": (status.issue_date or "")[:10] or None,
            "invoice_type_code": status.invoice_type_code,
            "document_currency_code": status.currency,
        }
        try:
            copy = self.nrs.download(str(record.irn))
        except NrsRefused:
            copy = None  # some accounts get no copies
        if differences(sent, told) or (copy is not None and differences(sent, _read(copy))):
            raise ContentConflict("NRS holds other content under this IRN")


def differences(sent: Mapping[str, Any], held: Mapping[str, Any]) -> list[str]:
    """Names of what both sides have and have differently: header fields, totals, number of lines."""
    names = ("business_id", "irn", "issue_date", "invoice_type_code", "document_currency_code")
    unequal = [name for name in names if _differ(sent.get(name), held.get(name))]
    ours, theirs = sent.get("legal_monetary_total") or {}, held.get("legal_monetary_total") or {}
    unequal += [name for name in ours if _differ(ours[name], theirs.get(name))]
    lines, held_lines = sent.get("invoice_line") or [], held.get("invoice_line")
    if held_lines is not None and len(lines) != len(held_lines):
        unequal.append("invoice_line")
    return unequal


def _differ(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None:
        return False
    numbers = (int, Decimal)
    if isinstance(ours, numbers) and isinstance(theirs, numbers):
        return Decimal(ours) != Decimal(theirs)
    return str(ours).lower() != str(theirs).lower()


def _read(copy: bytes) -> Mapping[str, Any]:
    """NRS's copy, empty when it is not what we can compare: then the IRN and NRS's status fields must do."""
    try:
        whole = read_json(copy)
    except BadInput:
        return {}
    return whole if isinstance(whole, dict) else {}
