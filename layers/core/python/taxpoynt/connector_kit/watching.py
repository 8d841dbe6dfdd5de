"""When does silence of a sender mean that events are lost, and when is a gap closed? Pure (docs/decisions/0028)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.gap import Gap, GapCause, Missed, PollReason, Watch

GRACE = timedelta(minutes=5)
"""How much later than a poll a webhook may tell the same: its own queue and its first repeats."""
USUAL_BAN = timedelta(minutes=30)
"""How long a silence may last where the template knows no ban."""
CLOSING, WARY = timedelta(minutes=1), timedelta(minutes=5)
"""The longest pause between polls until a gap is fetched, and until its sender is heard again."""
AWAY = timedelta(minutes=15)
"""No poll for two pauses and this: we were away, and senders may be repeating what we did not answer."""


def ban_of(template: Template) -> timedelta:
    """How long this platform is silent after a ban, as far as its documents say."""
    ban = template.webhooks.ban if template.webhooks else None
    return timedelta(minutes=ban.minutes) if ban else USUAL_BAN


def reason_of(watch: Watch, polled_at: datetime | None, pause: timedelta, now: datetime) -> PollReason:
    """What news of the poll of `now` would prove. polled_at: when the last round ended.

    Until a round has read all that went before the mending, no webhook is expected to tell it.
    """
    if watch.open and (polled_at is None or polled_at < watch.open.mended_at):
        return "gap"
    if polled_at is None or now - polled_at > 2 * pause + AWAY:
        return "catch_up"
    return "poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """settled: what is counted in `watch`; waiting: some may still be told; noticed: a gap was; remake: subscribe."""

    watch: Watch
    settled: Sequence[Missed]
    waiting: bool
    noticed: bool = False
    remake: bool = False


def judged(watch: Watch, missed: Sequence[Missed], now: datetime, ban: timedelta) -> Judged:
    """What the records that polling told first say of the sender.

    One that was heard after such a record was found lives, and lost a single event.
    """
    settled = [one for one in missed if one.in_gap or now - one.found_at >= GRACE]
    stray = [one for one in settled if not one.in_gap and watch.heard_at is not None and watch.heard_at > one.found_at]
    untold = [one for one in settled if one not in stray]
    noticed = watch.open is None and any(_is_fresh(one, watch.gap) for one in untold)
    gap = _silence(watch, now) if noticed else watch.gap
    if gap is not None and untold:
        last = max(one.found_at for one in untold)
        gap = replace(gap, found=gap.found + len(untold), found_at=max(gap.found_at or last, last))
    after = replace(watch, missed=watch.missed + len(stray), gap=gap)
    return Judged(
        watch=after,
        settled=settled,
        waiting=len(settled) < len(missed),
        noticed=noticed,
        remake=bool(untold) and _hopes(after.open, now, ban),
    )


def _is_fresh(one: Missed, gap: Gap | None) -> bool:
    """Does it say that the sender is silent now? What was found before the last mending belongs to that gap."""
    return not one.in_gap and (gap is None or one.found_at > gap.mended_at)


def _silence(watch: Watch, now: datetime) -> Gap:
    """It remembers when we last subscribed anew: that is tried once in a ban."""
    remade_at = watch.gap.remade_at if watch.gap else None
    return Gap(cause="silent", since=watch.heard_at, noticed_at=now, remade_at=remade_at)


def _hopes(gap: Gap | None, now: datetime, ban: timedelta) -> bool:
    """May a new subscription end the silence? Not a second one within the time of one ban."""
    if gap is None or gap.cause != "silent":
        return False
    return gap.remade_at is None or now - gap.remade_at >= ban


def lost(watch: Watch, cause: GapCause, now: datetime) -> Watch:
    """The platform shows that a subscription is gone or off. That names a silence, unless we took it away ourselves."""
    if watch.open and watch.open.remade_at is not None and watch.open.remade_at >= watch.open.noticed_at:
        return watch
    if watch.open:
        return replace(watch, gap=replace(watch.open, cause=cause))
    return replace(watch, gap=Gap(cause=cause, since=watch.heard_at, noticed_at=now))


def remade(watch: Watch, now: datetime) -> Watch:
    """We subscribed anew."""
    return replace(watch, gap=replace(watch.open, remade_at=now)) if watch.open else watch


def rounded(watch: Watch, last: datetime | None, now: datetime, ban: timedelta) -> Watch:
    """A round of polling ended at `now`, the one before at `last`: is the gap closed by it?

    A round that began after the mending has read all that went before. After a silence the sender must be heard
    again as well, or be quiet for as long as a ban lasts with nothing missed.
    """
    gap = watch.open
    if gap is None or last is None or last < gap.mended_at:
        return watch
    if gap.cause == "silent":
        heard = watch.heard_at is not None and watch.heard_at > gap.mended_at
        quiet_from = max(gap.mended_at, gap.found_at or gap.mended_at)
        if not heard and now - quiet_from < ban:
            return watch
    return replace(watch, gap=replace(gap, closed_at=now))


def pace(watch: Watch, last: datetime | None, pause: timedelta) -> timedelta:
    """How long until the next round, which is `pause` when all is well."""
    gap = watch.open
    if gap is None:
        return pause
    return min(pause, WARY if last is not None and last >= gap.mended_at else CLOSING)
