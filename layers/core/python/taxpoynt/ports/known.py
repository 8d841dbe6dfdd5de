"""Rows of a connection's catalogue for a sale: what stands in for a record that is not, or cannot be, fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from taxpoynt.domain.catalogue import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """A row for a sale: the platform's object as it was kept, its revision, and as of when it is known to be so."""

    id: str
    revision: str
    as_of: datetime
    record: bytes = field(repr=False)


class KnownRecords(Protocol):
    """What a sale may be made from when its records are not, or cannot be, fetched: one connection's catalogue."""

    def find(self, kind: Kind, ids: Sequence[str], *, within: timedelta | None) -> Mapping[str, KnownRecord]:
        """Rows by id, gone ones left out.

        within: only when the whole kind was known to be current so recently; None: whatever is there, with its time.
        """
        ...
