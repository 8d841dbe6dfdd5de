"""The real time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """ports.Clock: aware, UTC."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)
