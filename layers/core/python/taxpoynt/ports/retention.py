"""What is past its period, what is held, whom to forget (promise P9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from taxpoynt.ports.sales import SaleRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a person ordered for a merchant: a legal hold, an erasure. `who` and `why` as they were given.

    cursor: how far an erasure has come in the merchant's list of sales; erased, kept: how many went and stayed so far.
    """

    merchant: str
    who: str
    why: str
    at: datetime
    cursor: str | None = None
    erased: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDay:
    """A merchant's sales of one legal issue date."""

    merchant: str
    day: date


class RetentionStore(Protocol):
    """Never scans: the markers of days with sales are an index of their own, oldest first over all merchants."""

    def hold(self, merchant: str) -> Act | None:
        """The legal hold on a merchant's data, as it is now."""
        ...

    def put_hold(self, hold: Act) -> None: ...
    def lift_hold(self, merchant: str) -> None: ...
    def ask_erasure(self, erasure: Act) -> None:
        """Noted until it is done, with how far it has come; asked again, it begins again, which harms nothing."""
        ...

    def erasure(self, merchant: str) -> Act | None: ...
    def erasures(self, *, limit: int) -> list[Act]:
        """Those that are not done."""
        ...

    def erased(self, merchant: str) -> None: ...
    def days_before(self, day: date, *, limit: int, cursor: str | None) -> tuple[list[SaleDay], str | None]:
        """Days with sales before `day`, oldest first, and where to go on."""
        ...

    def sales_of(self, day: SaleDay, *, limit: int) -> list[SaleRecord]: ...
    def forget_sale(self, record: SaleRecord) -> None:
        """Everything the tables know of it, its state item last: repeated until done. StoreConflict when it changed."""
        ...

    def forget_day(self, day: SaleDay) -> None: ...
    def ledger_from(self, merchant: str) -> int:
        """The number of the oldest ledger block that is kept; 1 before the first purge."""
        ...

    def set_ledger_from(self, merchant: str, number: int) -> None: ...
