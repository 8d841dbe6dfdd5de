"""Circuits: who was seen failing is left alone for a while, by everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Circuits(Protocol):
    """One circuit a name: a host (`nrs`), or a key pair (`key:<name of its secret>`)."""

    def permit(self, name: str, now: datetime) -> bool:
        """CircuitOpen while it is open; once its pause is over exactly one caller passes, to probe.

        True: failures are noted, so `succeeded` has something to say if the call works.
        """
        ...

    def released(self, name: str) -> None:
        """Gives back the right to probe, from a caller who learned nothing: the next one may."""
        ...

    def failed(self, name: str, now: datetime) -> None:
        """Notes one failure; the last of a row within the window, or that of a probe, opens."""
        ...

    def refused(self, name: str, now: datetime) -> None:
        """Opens at once: trying again cannot help until somebody acts."""
        ...

    def succeeded(self, name: str) -> None:
        """Closes it and forgets what was noted."""
        ...
