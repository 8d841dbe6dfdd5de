"""What NRS says of every claim that is open here: after a restore, and whenever an operator wants to know.

Reads only. The pipeline itself asks NRS before it sends anything again, and adopts what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import NotFound, TaxPoyntError
from taxpoynt.ports import BlobStore, ConnectionStore, LedgerStore, NrsDesk, SaleRecord, SaleStore
from taxpoynt.services.seal_ledger import place

OPEN = (SaleState.RESERVED, SaleState.SUBMITTING, SaleState.UNKNOWN)
PAGE = 100
MOST_BLOCKS = 10_000


@dataclass(frozen=True, slots=True)
class ReconcileClaims:
    """One merchant at a time."""

    connections: ConnectionStore
    sales: SaleStore
    ledger: LedgerStore
    blobs: BlobStore
    nrs: NrsDesk

    def __call__(self, merchant: str) -> dict[str, Any]:
        """Open claims with what NRS holds, and how many sealed blocks the tables do not know of (lost by a restore)."""
        business = self.connections.get_merchant(merchant).profile.business_id or ""
        rows = [self._row(record, business) for record in self._open(merchant)]
        return {"merchant": merchant, "claims": rows, "blocks_ahead": self._blocks_ahead(merchant)}

    def _open(self, merchant: str) -> Iterator[SaleRecord]:
        for state in OPEN:
            cursor = None
            while True:
                page, cursor = self.sales.list_sales(merchant, limit=PAGE, cursor=cursor, state=state)
                yield from page
                if cursor is None:
                    break

    def _row(self, record: SaleRecord, business: str) -> dict[str, Any]:
        about = {
            "connector": record.connector,
            "sale_id": record.sale_id,
            "irn": record.irn,
            "state": record.state.value,
            "tries": record.tries,
        }
        try:
            found = self.nrs(record.merchant, record.nrs_identity).look_up(str(record.irn), business).found
        except TaxPoyntError as error:
            return {**about, "nrs": "no answer", "why": f"{type(error).__name__}: {error}"}
        return {**about, "nrs": "holds it" if found else "does not know it"}

    def _blocks_ahead(self, merchant: str) -> int:
        """Blocks after the head of the tables; the next sealing settles them one by one."""
        head, ahead = self.ledger.head(merchant), 0
        while ahead < MOST_BLOCKS:
            try:
                self.blobs.get(place(merchant, head.number + ahead + 1))
            except NotFound:
                break
            ahead += 1
        return ahead
