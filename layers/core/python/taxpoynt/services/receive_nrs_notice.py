"""NRS tells that something happened to a document. Nobody signs these notices, so they only make us look.

Whatever comes is taken without a word (reference, section 12; cases 53 to 55): what is not about a document of this
merchant has no effect, and what is starts a look at NRS, once for each (IRN, message).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import AT_NRS
from taxpoynt.errors import BadInput, Rejected, Retryable
from taxpoynt.ports import SaleRecord, WorkflowStarter
from taxpoynt.services.exchange import OPEN

MAX_BYTES = 4096
MESSAGES = frozenset({"TRANSMITTING", "TRANSMITTED", "ACKNOWLEDGED", "FAILED"})


class FindsSales(Protocol):
    """The one lookup of this path."""

    def find_by_irn(self, merchant: str, irn: str) -> SaleRecord:
        """The sale an IRN was reserved for."""
        ...


@dataclass(frozen=True, slots=True)
class ReceiveNrsNotice:
    """`merchant_of` tells whose token it is, None for one nobody made."""

    merchant_of: Callable[[str], str | None]
    sales: FindsSales
    starter: WorkflowStarter

    def __call__(self, token: str, body: bytes) -> str:
        """What became of it, for our log; the sender learns nothing. A look that cannot start is left to the poll."""
        notice = _read(body)
        if notice is None:
            return "ignored"
        irn, message = notice
        try:
            return self._look(token, irn, message)
        except Rejected:
            return "ignored"
        except Retryable:
            return "left to the poll"

    def _look(self, token: str, irn: str, message: str) -> str:
        merchant = self.merchant_of(token)
        if merchant is None:
            return "ignored"
        record = self.sales.find_by_irn(merchant, irn)
        if record.state not in AT_NRS or record.delivery not in OPEN:
            return "ignored"
        run = f"n-{hashlib.sha256(f'{irn} {message}'.encode()).hexdigest()[:16]}"
        self.starter.start_delivery(record.merchant, record.connector, record.sale_id, run)
        return "looked at"


def _read(body: bytes) -> tuple[str, str] | None:
    if len(body) > MAX_BYTES:
        return None
    try:
        told: Any = read_json(body)
    except BadInput:
        return None
    if not isinstance(told, dict):
        return None
    irn, message = told.get("irn"), told.get("message")
    if not isinstance(irn, str) or not isinstance(message, str):
        return None
    return (irn, message.upper()) if message.upper() in MESSAGES and 0 < len(irn) <= 64 else None
