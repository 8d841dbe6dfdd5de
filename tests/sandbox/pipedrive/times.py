"""Pipedrive's ways of writing a time."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def v2_time(moment: datetime) -> str:
    """`2026-05-15T21:30:00Z`: API v2 and webhook data."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event_time(moment: datetime) -> str:
    """`2022-11-24T13:18:56.089Z`: `meta.timestamp` of a webhook v2."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def v1_time(text: str | None) -> str | None:
    """`2018-07-10 15:04:54`: the same time as v1 writes it."""
    return text.replace("T", " ").removesuffix("Z") if text else text


def local_date(text: str | None, timezone: str) -> str | None:
    """Date of a v2 time in the company's zone."""
    return parse(text).astimezone(ZoneInfo(timezone)).date().isoformat() if text else None


def parse(text: str) -> datetime:
    """Aware time of a v2 time."""
    return datetime.fromisoformat(text)


def parse_seconds(text: str) -> datetime | None:
    """RFC 3339 in whole seconds, or None: a fraction is refused by the service."""
    if not _SECONDS.fullmatch(text):
        return None
    try:
        return parse(text)
    except ValueError:
        return None
