"""What the pages and the API need to try things on older records, as Protocols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.look_back import LookBack


class PastDesk(Protocol):
    """Fetching what was sold before (services.look_back.LookBacks)."""

    def shown(self, merchant: str, connection: str) -> LookBack | None:
        """The last one."""
        ...

    def possible(self, connection: Connection) -> str:
        """Why it cannot be asked for; empty where it can."""
        ...

    def ask(self, merchant: str, connection: str, records: int) -> LookBack:
        """Begins one, or answers the one that does."""
        ...


class TablePreview(Protocol):
    """What a version of the product table would make of the last records (services.preview_rules.PreviewRules)."""

    def __call__(self, merchant: str, number: int, *, records: int = 50) -> Mapping[str, Any]:
        """NotFound for a version that is none."""
        ...
