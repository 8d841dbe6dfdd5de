"""The obvious wrong versions. Each must be caught by the same run that finds nothing wrong with the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from loadtests.simulation.memo import body_once
from loadtests.simulation.world import Parts, World
from taxpoynt.domain.identity import SameKey
from taxpoynt.domain.keys import sale_key
from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import SaleState, may_follow
from taxpoynt.errors import NrsRefused
from taxpoynt.nrs.json_text import encode
from taxpoynt.ports import Credit, SaleRecord
from taxpoynt.services.final_invoice import numbered
from taxpoynt.services.sale_files import body_of, digest, invoice_of, put_body
from taxpoynt.services.steps import write
from taxpoynt.services.submission import Submission
from tests.fakes.stores import FakeSaleStore


class SendsAgainWithoutAsking(Submission):
    """Whoever finds a sale in flight sends again and believes what comes back, "duplicate" included."""

    def drive(self, record: SaleRecord) -> SaleRecord:
        """No look-up."""
        body = body_of(self.stores.blobs, record)
        return self._send(self.nrs(record.merchant), self._keys(record), record, body)


class NewNumberOnRetry(Submission):
    """An unknown outcome is "got round" with a fresh IRN."""

    def drive(self, record: SaleRecord) -> SaleRecord:
        """The retry is another invoice to NRS."""
        if record.state is SaleState.UNKNOWN:
            whole = dict(read_json(body_of(self.stores.blobs, record)))
            number, service_id, day = str(record.irn).split("-")
            whole["irn"] = f"{number}R{record.tries}-{service_id}-{day}"
            body = encode(whole).encode()
            key = put_body(self.stores.blobs, record.merchant, whole["irn"], body)
            fresh = replace(record, irn=whole["irn"], body_key=key, body_sha256=digest(body), tries=0, in_doubt=False)
            record = write(self.stores, record, replace(fresh, state=SaleState.SUBMITTING), "renumbered")
            return self._send(self.nrs(record.merchant), self._keys(record), record, body)
        return super().drive(record)


class ForgetsTheDoubt(Submission):
    """A refusal after an unknown outcome is believed: the IRN is given free though NRS may still register it."""

    def _settled(self, before: SaleRecord) -> bool:
        return True

    def _not_sent(self, before: SaleRecord, record: SaleRecord, call: str, error: Any) -> None:
        if isinstance(error, NrsRefused):
            before = replace(before, in_doubt=False, tries=0)
        super()._not_sent(before, record, call, error)


class TakesNoForAnAnswer(Submission):
    """A time-out is taken for a no: the sale goes back to the start and nothing is in doubt."""

    def _unknown(self, record: SaleRecord, kept: Mapping[str, str]) -> None:
        self._note(replace(record, state=SaleState.UNKNOWN, in_doubt=False, tries=0), "not_sent", **kept)

    def drive(self, record: SaleRecord) -> SaleRecord:
        """Without doubt nobody is asked."""
        body = body_of(self.stores.blobs, record)
        return self._send(self.nrs(record.merchant), self._keys(record), replace(record, tries=0), body)


class SubmitsBeforeItReserves(Parts):
    """The reservation is written after the bytes have gone out: a crash in between leaves no trace of them."""

    @staticmethod
    def amend(world: World) -> None:
        """Signs in the step that should only reserve."""
        stores, reserve = world.stores, world.cloud.steps["reserve_invoice"]

        def early(merchant: str, connector: str, sale_id: str) -> Mapping[str, Any]:
            record = stores.sales.get(merchant, connector, sale_id)
            if record.state is SaleState.CLAIMED and record.checked_key:
                invoice = numbered(record, invoice_of(stores.blobs, record))
                world._desk(merchant).sign(body_once(invoice))  # noqa: SLF001 - a twin may reach anywhere
            return reserve(merchant, connector, sale_id)

        world.cloud.steps["reserve_invoice"] = early


class WritesWithoutCondition(FakeSaleStore):
    """Read, look at the version, write: with time for others in between and no condition on the write."""

    def change(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> SaleRecord:
        """The last writer wins."""
        before = self.get(record.merchant, record.connector, record.sale_id)
        if before.version == record.version and may_follow(before.state, record.state):
            hub = self._clock._hub  # type: ignore[attr-defined]  # noqa: SLF001 - SkewedClock has one
            hub.give_way(hub.random.random() * 20)
            pk = sale_key(record.merchant, record.connector, record.sale_id)
            self.sales[pk], self.entries[pk] = before, self.entries[pk][: before.version]
        return super().change(record, action=action, detail=detail, same=same)


class ClaimsWithoutCondition(FakeSaleStore):
    """The claim is written without asking whether it is there."""

    def claim(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> Any:
        """Every caller is the first."""
        self.sales.pop(f"M#{record.merchant}#S#{record.connector}#{record.sale_id}", None)
        return super().claim(record, action=action, detail=detail, same=same)


class CreditsWithoutLimit(FakeSaleStore):
    """Each credit note looks at what is left when it is converted, and nobody looks when it is reserved."""

    def reserve(
        self, record: SaleRecord, *, action: str, credit: Credit | None = None, same: Sequence[SameKey] = ()
    ) -> SaleRecord:
        """The limit stays out of the transaction."""
        return super().reserve(record, action=action, same=same)


def _parts(**put: Any) -> type[Parts]:
    return type("Broken", (Parts,), put)


TWINS: Mapping[str, type[Parts]] = {
    "resend without lookup": _parts(submission=SendsAgainWithoutAsking),
    "new IRN on retry": _parts(submission=NewNumberOnRetry),
    "forgets the doubt": _parts(submission=ForgetsTheDoubt),
    "no for an answer": _parts(submission=TakesNoForAnAnswer),
    "submits before it reserves": SubmitsBeforeItReserves,
    "no conditional write": _parts(sales=WritesWithoutCondition),
    "no credit limit": _parts(sales=CreditsWithoutLimit),
    "claim without condition": _parts(sales=ClaimsWithoutCondition),
}
