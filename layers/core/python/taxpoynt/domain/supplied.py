"""A value somebody supplied for one sale, because its source record did not have it (or had one that cannot be right).

It is no change of the source record: it is kept beside it, with who and why, and the record still has the last word.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from taxpoynt.domain.model import Model


class SuppliedValue(Model):
    """`value` for `path` of the sale (`buyer.tin`, `lines[0].unit`), by `who`, for the reason `why`.

    instead_of: what the source said at `path` then, None for nothing; while it says nothing, or that again, the value
    stands. about: facts by which the source showed whom or what the value is about (the buyer, the product of a line);
    a value about somebody or something else is left out. Rules: docs/decisions/0015.
    """

    path: str
    value: str
    who: str
    why: str
    at: datetime
    instead_of: str | None = None
    about: dict[str, str] = Field(default_factory=dict)


class SuppliedValues(Model):
    """All values supplied for one sale, one for each path."""

    values: tuple[SuppliedValue, ...] = ()

    def with_those(self, newer: tuple[SuppliedValue, ...]) -> SuppliedValues:
        """These and `newer`, which replace values of the same path."""
        paths = {one.path for one in newer}
        return SuppliedValues(values=(*(one for one in self.values if one.path not in paths), *newer))
