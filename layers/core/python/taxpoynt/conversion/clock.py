"""The legal clock: dates an invoice bears and until when the law wants it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from taxpoynt.domain.connection import LegalClock
from taxpoynt.errors import BadInput

LAGOS = timezone(timedelta(hours=1), "Africa/Lagos")
"""UTC+1 all year: Nigeria has had no daylight saving since it took this offset in 1960.

A fixed offset, not zoneinfo: that would read tzdata files, which slim images lack, and this package does no I/O.
"""

REPORTING_WINDOW = timedelta(hours=24)


def lagos_date(moment: datetime) -> date:
    """The date in Nigeria at `moment` (aware)."""
    return _utc(moment).astimezone(LAGOS).date()


def legal_clock(completed_at: datetime, kind: str | None = None, now: datetime | None = None) -> LegalClock:
    """Issue date and time in Africa/Lagos and the due time (UTC) of a sale completed at `completed_at`.

    B2C must be reported within 24 hours of the sale (reference, sections 1 and 14). B2B and B2G must be cleared
    before the invoice goes to the buyer; no hour is set, so the same 24 hours are our own target, and `kind`, which is
    known only after conversion, changes nothing. A completion in the future of `now` (a platform's clock running
    ahead) is taken as `now`, because NRS may refuse a future issue date. BadInput for times without a zone.
    """
    del kind
    moment = _utc(completed_at)
    if now is not None:
        moment = min(moment, _utc(now))
    local = moment.astimezone(LAGOS)
    return LegalClock(issue_date=local.date(), issue_time=f"{local:%H:%M:%S}", due_at=moment + REPORTING_WINDOW)


def _utc(moment: datetime) -> datetime:
    """In UTC, because adding hours to a local time counts the hands of a clock and not the hours that pass."""
    if moment.utcoffset() is None:
        raise BadInput("a time without a zone cannot be placed")
    return moment.astimezone(UTC)
