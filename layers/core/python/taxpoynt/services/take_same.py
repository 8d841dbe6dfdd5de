"""What becomes of a record that meets another platform's sale when it is taken: it goes on, ends, or is asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from taxpoynt.domain.sale import Sale
from taxpoynt.domain.status import EventOutcome, SaleState
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import SaleRecord
from taxpoynt.services.families import OPEN
from taxpoynt.services.read_record import Look
from taxpoynt.services.same_sale import Met, SameSale, union
from taxpoynt.services.same_words import MAYBE, TAKEN_BACK, maybe, name_of
from taxpoynt.services.steps import HELD, codes_of
from taxpoynt.services.taken import HELD_SALE, Taken

NEWER = "the sale was written while we fetched it: fetch again, so that the newest wins"
_CONTENT = ("record_key", "sale_key", "inputs_key", "document", "corrects", "depends_on")


@dataclass(frozen=True, slots=True)
class TakeSame:
    """`wanted` is the claim of the record as it was seen now."""

    same: SameSale
    event: str

    def meet(self, wanted: SaleRecord, sale: Sale, look: Look, known: SaleRecord | None = None) -> Met | None:
        """The record at its keys, those of before too."""
        rules = look.reading.identity if look.reading else None
        return self.same.meet(replace(wanted, identity=known.identity if known else ()), sale, rules)

    def first(self, wanted: SaleRecord, met: Met | None) -> tuple[SaleRecord, bool]:
        """Claims it as it stands to the others: open, ended, or asked about. As SaleStore.claim."""
        if met is None:
            return self.same.sales.claim(wanted, action="claimed", detail={"event": self.event})
        wanted = replace(wanted, identity=met.identity)
        detail = {"event": self.event, **({"as": met.verdict.to.name} if met.verdict.to else {})}
        if met.verdict.word == "lost":
            ended = replace(wanted, state=SaleState.WITHDRAWN, same_as=_to(met), next_action_at=None)
            writes = met.writes("lost", _to(met))
            return self.same.sales.claim(ended, action="same_sale", detail=detail, same=writes)
        if met.verdict.word == "ask":
            asked = self._asked(wanted, met)
            return self.same.sales.claim(asked, action="same_sale_asked", detail=detail, same=met.writes("open"))
        return self.same.sales.claim(wanted, action="claimed", detail=detail, same=met.writes("open"))

    def told(self, record: SaleRecord, met: Met) -> Taken:
        """How the look ended, for a record that does not go on."""
        if met.verdict.word == "lost":
            why = f"the same sale as {_to(met)}, which is invoiced instead"
            return Taken(EventOutcome.SKIPPED, why, record.sale_id)
        return Taken(EventOutcome.PARKED, f"{HELD_SALE}: {codes_of(record.faults) or MAYBE}", record.sale_id)

    def again(self, record: SaleRecord, wanted: SaleRecord, met: Met, asked_at: datetime) -> Taken | None:
        """For a record that was claimed before and is not being sent; None: nobody stands against it, it goes on."""
        if record.state not in (*OPEN, SaleState.WITHDRAWN):
            return None
        unchanged = record.sale_key == wanted.sale_key
        if not unchanged and record.updated_at and record.updated_at > asked_at:
            raise StoreConflict(NEWER)
        if met.verdict.word == "lost":
            if not (unchanged and record.state is SaleState.WITHDRAWN and record.same_as == _to(met)):
                self.same.end(_with_content(record, wanted), met)
            return self.told(record, met)
        if record.state is SaleState.WITHDRAWN and (other := met.ended_still) is not None:
            return Taken(EventOutcome.SKIPPED, f"ended as the same sale as {record.same_as or other}", record.sale_id)
        if met.verdict.word == "ask" or self._still_asked(record, met, unchanged=unchanged):
            return self._keep_asking(record, wanted, met, unchanged=unchanged)
        return None

    def _still_asked(self, record: SaleRecord, met: Met, *, unchanged: bool) -> bool:
        """A question stays until a person answers it, or until nothing is left to ask."""
        if record.state is SaleState.WITHDRAWN:
            return met.was_ended and self.same.find(record.merchant, record.same_as or "") is not None
        codes = {fault.code for fault in record.faults}
        if TAKEN_BACK in codes:
            return True
        rival = self.same.find(record.merchant, record.same_as or "") if MAYBE in codes and unchanged else None
        return rival is not None and rival.state is not SaleState.WITHDRAWN

    def _keep_asking(self, record: SaleRecord, wanted: SaleRecord, met: Met, *, unchanged: bool) -> Taken:
        if record.state is SaleState.WITHDRAWN and met.verdict.word == "go":
            winner = self.same.find(record.merchant, record.same_as or "")
            if winner is not None:
                self.same.losers_back(winner)
                return Taken(EventOutcome.PARKED, f"{HELD_SALE}: {TAKEN_BACK}", record.sale_id)
        asked = _with_content(record, wanted)
        if met.verdict.word == "ask":
            asked = self._asked(replace(asked, identity=union(record.identity, met.identity)), met)
        if not unchanged or asked.faults != record.faults or asked.state is not record.state:
            self.same.sales.change(
                asked, action="same_sale_asked", detail={"event": self.event}, same=met.writes("open")
            )
        return Taken(EventOutcome.PARKED, f"{HELD_SALE}: {codes_of(asked.faults)}", record.sale_id)

    def _asked(self, record: SaleRecord, met: Met) -> SaleRecord:
        to = met.verdict.to
        rival = self.same.find(record.merchant, to.name) if to else None
        return replace(
            record,
            state=SaleState.NEEDS_ATTENTION,
            faults=(maybe(to, rival),) if to else (),
            same_as=to.name if to else None,
            next_action_at=self.same.clock.now() + HELD,
        )


def replaced(record: SaleRecord, same: SameSale) -> Taken | None:
    """For a record that NRS has: was another sale put in its place? Then it makes no document any more."""
    if not record.identity or same.standing(record):
        return None
    return Taken(EventOutcome.SKIPPED, f"another sale was invoiced in the place of {name_of(record)}", record.sale_id)


def _with_content(record: SaleRecord, wanted: SaleRecord) -> SaleRecord:
    return replace(record, **{name: getattr(wanted, name) for name in _CONTENT})


def _to(met: Met) -> str:
    return met.verdict.to.name if met.verdict.to else ""
