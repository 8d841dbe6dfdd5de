"""One submission: its frozen bytes at NRS, exactly once whatever happens on the way (promise P1).

"In flight" is stored before the first byte leaves, and with it the doubt: from then until an answer settles it, NRS may
hold this IRN. In doubt NRS is asked before anything is sent, the same bytes are sent under the same IRN (which NRS
registers once), and a refusal settles nothing until the last open call is long over. docs/decisions/0012 has the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import (
    ContentConflict,
    NrsRefused,
    NrsUnavailable,
    OutcomeUnknown,
    Rejected,
    Retryable,
    TaxPoyntError,
)
from taxpoynt.ports import NrsDesk, NrsGateway, NrsInvoiceStatus, SaleRecord
from taxpoynt.services.sale_files import body_of
from taxpoynt.services.same_content import differences, read_copy, same_in_full
from taxpoynt.services.steps import UNDER_WAY, Stores, codes_of, write
from taxpoynt.services.what_nrs_said import keep_answer, keep_error

SETTLING = timedelta(hours=6)
"""How long after an open call NRS might still register what it got. A refusal before that settles nothing."""

IRN_REFUSED = frozenset({"NRS-111", "NRS-112"})
"""NRS's own refusal of the IRN or of the business it was made for: what it refuses so it does not hold."""


@dataclass(frozen=True, slots=True)
class Submission:
    """`drive` takes a sale from reserved, submitting or unknown to accepted, or raises what stands in the way."""

    stores: Stores
    nrs: NrsDesk
    settling: timedelta = SETTLING

    def drive(self, record: SaleRecord) -> SaleRecord:
        """One attempt. NrsRefused (faults stored), OutcomeUnknown (stored), other Retryable, ContentConflict."""
        body = body_of(self.stores.blobs, record)
        keys, sent = self._keys(record), read_json(body)
        nrs = self.nrs(record.merchant, keys)
        if record.tries or record.in_doubt or record.state is not SaleState.RESERVED:
            status = self._look_up(nrs, record, sent)
            if status.found:
                compared = self._compared(nrs, record, sent, status)
                kept = keep_answer(self.stores, record, "confirm", status.answer)
                return self._accepted(replace(record, nrs_identity=keys), sent, "found", compared=compared, **kept)
            if record.in_doubt and record.faults:
                self._given_up(record)
        return self._send(nrs, keys, record, body)

    def _keys(self, record: SaleRecord) -> str:
        """Those the bytes went with; where none are open at NRS, today's."""
        profile = self.stores.connections.get_merchant(record.merchant).profile
        return record.nrs_identity or profile.nrs_keys

    def _look_up(self, nrs: NrsGateway, record: SaleRecord, sent: Mapping[str, Any]) -> NrsInvoiceStatus:
        """Does NRS hold this invoice? A refused question is no answer: nothing may be sent or given up on it."""
        try:
            return nrs.look_up(str(record.irn), str(sent["business_id"]))
        except NrsRefused as error:
            raise NrsUnavailable("NRS does not tell whether it holds this IRN") from error

    def _compared(self, nrs: NrsGateway, record: SaleRecord, sent: Mapping[str, Any], status: NrsInvoiceStatus) -> str:
        """Against what of NRS's our bytes were held: its `copy`, or the `head` where it gives no copies.

        The history keeps the word. Where other bytes went before, only a copy equal in full will do. ContentConflict
        when NRS holds something else.
        """
        told = {
            "issue_date": (status.issue_date or "")[:10] or None,
            "invoice_type_code": status.invoice_type_code,
            "document_currency_code": status.currency,
        }
        try:
            copy = nrs.download(str(record.irn))
        except NrsRefused:
            copy = None  # some accounts get no copies
        held = None if copy is None else read_copy(copy)
        differs = differences(sent, told) or (held and differences(sent, held))
        if differs or not (self._sent_once(record) or (held and same_in_full(sent, held))):
            raise ContentConflict("NRS holds other content under this IRN")
        return "copy" if held else "head"

    def _sent_once(self, record: SaleRecord) -> bool:
        """Did the same bytes go to sign every time? A settled refusal may have put others under the IRN.

        An attempt that ended at validate registered nothing (reference, section 5.1). The entry after its `sending` is
        its own, because each is written over the version before.
        """
        entries = self.stores.sales.history(record.merchant, record.connector, record.sale_id)
        ends = [entry.detail.get("call") for entry in entries[1:]]
        signed = {
            entry.detail.get("body_sha256")
            for entry, end in zip_longest(entries, ends)
            if entry and entry.action == "sending" and end != "validate"
        }
        return signed <= {record.body_sha256}

    def _send(self, nrs: NrsGateway, keys: str, before: SaleRecord, body: bytes) -> SaleRecord:
        now, tries = self.stores.clock.now(), before.tries + 1
        in_flight = replace(before, state=SaleState.SUBMITTING, tries=tries, faults=(), in_doubt=True, sent_at=now)
        in_flight = replace(in_flight, nrs_identity=keys, put_offs=0)
        record = write(self.stores, before, in_flight, "sending", body_sha256=str(before.body_sha256))
        try:
            nrs.validate(body)
        except (Retryable, Rejected) as error:
            self._not_sent(before, record, "validate", error)
            raise
        try:
            answer = nrs.sign(body)
        except OutcomeUnknown as error:
            self._untold(before, record, error)
            raise
        except (Retryable, Rejected) as error:
            self._not_sent(before, record, "sign", error)
            raise
        return self._accepted(record, read_json(body), "signed", **keep_answer(self.stores, record, "sign", answer))

    def _not_sent(self, before: SaleRecord, record: SaleRecord, call: str, error: TaxPoyntError) -> None:
        """This attempt certainly registered nothing; what was in doubt before it stays so, unless long settled.

        OutcomeUnknown instead of a refusal that settles nothing.
        """
        kept = keep_error(self.stores, record, call, error)
        sent_at = before.sent_at if before.in_doubt else None
        record = replace(record, in_doubt=before.in_doubt, sent_at=sent_at, nrs_identity=before.nrs_identity)
        if not isinstance(error, NrsRefused):
            state = SaleState.UNKNOWN if record.in_doubt else record.state
            self._note(replace(record, state=state), "not_sent", **kept)
            return
        kept["codes"] = codes_of(error.faults)
        if record.in_doubt and not self._settled(before):
            self._unknown(replace(record, sent_at=record.sent_at or self.stores.clock.now()), kept)
            raise OutcomeUnknown("refused while an earlier call is open", request_id=error.request_id)
        never_sent = not before.in_doubt and not before.tries
        free = never_sent or kept["codes"] in IRN_REFUSED
        refused = replace(record, faults=error.faults, in_doubt=False, sent_at=None)
        self._note(replace(refused, tries=0, nrs_identity=None) if free else refused, "refused", **kept)

    def _untold(self, before: SaleRecord, record: SaleRecord, error: OutcomeUnknown) -> None:
        """Sign did not tell. An answer in words leaves no call open, so it does not put off the end of a doubt.

        NRS's general sentence ("duplicate", or anything) after the settling time is noted as what it may be, a
        refusal, and taken for one if NRS still does not know the IRN when it is asked the next time.
        """
        kept = keep_error(self.stores, record, "sign", error)
        if error.answered and before.in_doubt:
            settled = error.faults and self._settled(before)
            record = replace(record, sent_at=before.sent_at or record.sent_at, faults=error.faults if settled else ())
        self._unknown(record, kept)

    def _given_up(self, record: SaleRecord) -> None:
        """NRS does not know it, an attempt after it said no in its general sentence and long after any open call.

        The IRN stays: the sentence may mean that somebody else's document has it. NrsRefused.
        """
        refused = replace(record, state=SaleState.SUBMITTING, in_doubt=False, sent_at=None)
        self._note(refused, "refused", call="sign", verdict="general", codes=codes_of(record.faults))
        raise NrsRefused("NRS refuses in its general sentence and does not know the IRN", record.faults)

    def _settled(self, before: SaleRecord) -> bool:
        """`before` is as it stood when NRS was asked for the IRN, and did not know it."""
        return before.sent_at is not None and self.stores.clock.now() - before.sent_at >= self.settling

    def _unknown(self, record: SaleRecord, kept: Mapping[str, str]) -> None:
        self._note(replace(record, state=SaleState.UNKNOWN), "outcome_unknown", **kept)

    def _note(self, after: SaleRecord, action: str, **detail: str) -> None:
        until = self.stores.clock.now() + UNDER_WAY
        self.stores.sales.change(replace(after, next_action_at=until), action=action, detail=detail)

    def _accepted(self, record: SaleRecord, sent: Mapping[str, Any], how: str, **detail: str) -> SaleRecord:
        accepted = replace(
            record,
            state=SaleState.ACCEPTED,
            faults=(),
            in_doubt=False,
            sent_at=None,
            payment_status=sent.get("payment_status"),
        )
        return write(self.stores, record, accepted, "accepted", how=how, **detail)
