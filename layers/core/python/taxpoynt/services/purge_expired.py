"""Once a day: what is past its legal period goes, and what somebody asked us to forget (promise P9).

Objects are marked `expired` and the bucket's lifecycle deletes them: no role of ours can. Each step may be repeated,
and a day's marker goes last, so a run that was killed is taken up by the next one where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from taxpoynt import retention
from taxpoynt.conversion.clock import lagos_date
from taxpoynt.domain.ledger import from_bytes
from taxpoynt.errors import NotFound, StoreConflict
from taxpoynt.ports import BlobStore, Clock, SaleRecord, SaleStore
from taxpoynt.ports.ledger import Ledger
from taxpoynt.ports.retention import RetentionStore, SaleDay
from taxpoynt.services.erase import EraseMerchant
from taxpoynt.services.evidence import of_kin, places

PER_RUN = 2000
"""Sales a run: some 50 ms each, well inside the function's time. A backlog drains at this pace, oldest first."""
PAGE = 100
ERASURES_PER_RUN = 20


@dataclass(frozen=True, slots=True)
class PurgeExpired:
    """`sale_years`: the period of evidence, from the stage's settings."""

    sales: SaleStore
    blobs: BlobStore
    retention: RetentionStore
    ledger: Ledger
    erase: EraseMerchant
    clock: Clock
    sale_years: int
    per_run: int = PER_RUN

    def __call__(self) -> Mapping[str, int]:
        """How many erasures went on, how many days and sales went, and whether the run stopped at its bound."""
        erasures = self.retention.erasures(limit=ERASURES_PER_RUN)
        for asked in erasures:
            self.erase.go_on(asked)
        first_kept = retention.first_kept(lagos_date(self.clock.now()), self.sale_years)
        days = sales = 0
        for day in self._due_days(first_kept):
            gone, whole = self._day(day, self.per_run - sales, first_kept)
            sales += gone
            days += whole
            if whole:
                self._ledger(day.merchant, first_kept)
            if sales >= self.per_run:
                break
        return {"erasures": len(erasures), "days": days, "sales": sales, "stopped": int(sales >= self.per_run)}

    def _due_days(self, first_kept: date) -> list[SaleDay]:
        """Oldest first; days of held merchants are passed over, however many there are."""
        due: list[SaleDay] = []
        cursor: str | None = None
        while len(due) < PAGE:
            page, cursor = self.retention.days_before(first_kept, limit=PAGE, cursor=cursor)
            due += [day for day in page if day.day < first_kept and not self.retention.hold(day.merchant)]
            if cursor is None:
                break
        return due

    def _day(self, day: SaleDay, most: int, first_kept: date) -> tuple[int, bool]:
        """Deletes at most `most` sales of a day, and its marker when nothing is left: how many, and whether it is."""
        gone = 0
        while records := self.retention.sales_of(day, limit=PAGE):
            for record in records:
                if gone >= most or self.retention.hold(day.merchant):  # a hold may be ordered while we are at work
                    return gone, False
                self._sale(record, first_kept)
                gone += 1
        self.ledger.note(day.merchant, "purged", day.day.isoformat(), {"sales": str(gone)}, "system")
        self.retention.forget_day(day)
        return gone, True

    def _sale(self, record: SaleRecord, first_kept: date) -> None:
        """What a correction of a later year is made from too stays until that one goes."""
        with suppress(NotFound):
            history = self.sales.history(record.merchant, record.connector, record.sale_id)
            needed = of_kin(self.sales, record, lambda one: one.clock.issue_date >= first_kept)
            self.blobs.mark([place for place in places(record, history) if place not in needed], retention.EXPIRED)
        with suppress(StoreConflict):  # somebody is at work on it after all these years: tomorrow
            self.retention.forget_sale(record)

    def _ledger(self, merchant: str, first_kept: date) -> None:
        """Blocks sealed before the year before the oldest to keep; what is left names the hash of the one before.

        A sale of January, or a question answered in it, may have begun in the year before: its entries are there.
        """
        oldest = date(first_kept.year - 1, 1, 1)
        number = first = self.retention.ledger_from(merchant)
        while number - first < PAGE:
            place = f"{merchant}/ledger/{number:08}.json"
            try:
                sealed_at = from_bytes(self.blobs.get(place)).sealed_at
            except NotFound:
                break
            if date.fromisoformat(sealed_at[:10]) >= oldest:
                break
            self.blobs.mark([place], retention.EXPIRED)
            number += 1
        if number > first:
            self.retention.set_ledger_from(merchant, number)
