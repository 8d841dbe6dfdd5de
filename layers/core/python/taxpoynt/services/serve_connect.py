"""What a merchant does alone in the browser: confirm a connection, keep the NRS identity, see what is held."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from taxpoynt.domain.connection import Connection, ConnectionStatus
from taxpoynt.domain.gap import Watch
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, Rejected
from taxpoynt.ports import (
    BlobStore,
    Clock,
    ConnectionStore,
    JobQueue,
    SaleRecord,
    SaleStore,
    StoredMerchant,
    WatchStore,
)
from taxpoynt.services.recheck_held import recheck_job

PAGE = 50


@dataclass(frozen=True, slots=True)
class ServeConnect:
    """Every call takes the merchant first; ids of others are NotFound. `notice_token`: made when first asked for."""

    connections: ConnectionStore
    sales: SaleStore
    blobs: BlobStore
    queue: JobQueue
    clock: Clock
    notice_token: Callable[[str], str]
    watches: WatchStore

    def merchant(self, merchant: str) -> StoredMerchant:
        """The profile as stored."""
        return self.connections.get_merchant(merchant)

    def notices(self, merchant: str) -> str:
        """The token of the address at which NRS tells of this merchant's documents; NotFound for no merchant."""
        return self.notice_token(self.connections.get_merchant(merchant).merchant)

    def links(self, merchant: str) -> list[Connection]:
        """The merchant's connections, the disconnected ones left out."""
        every = self.connections.list_connections(merchant)
        return [one for one in every if one.status is not ConnectionStatus.DISCONNECTED]

    def watch(self, merchant: str, connection: str) -> Watch:
        """Whether the platform tells by itself, and what it did not tell."""
        return self.watches.get(merchant, self.connections.get_connection(merchant, connection).connection)

    def save_profile(self, merchant: str, fields: Mapping[str, Any], *, version: int) -> StoredMerchant:
        """Stores the profile and looks again at everything held; BadInput names what does not fit."""
        try:
            profile = Merchant.model_validate(fields)
        except ValidationError as problem:
            where = ", ".join(sorted({".".join(str(part) for part in error["loc"]) for error in problem.errors()}))
            raise BadInput(f"check these fields: {where}") from None
        stored = self.connections.put_merchant(merchant, profile, expected_version=version)
        self.recheck(merchant)
        return stored

    def recheck(self, merchant: str) -> None:
        """Everything held is looked at again, because the merchant's data changed."""
        self.queue.send("bulk", recheck_job(merchant))

    def confirm(self, merchant: str, connection: str) -> Connection:
        """Activates a connection; Rejected when the account belongs to somebody else. Repeating it is harmless."""
        found = self.connections.get_connection(merchant, connection)
        if found.status is ConnectionStatus.DISCONNECTED:
            raise Rejected("this connection was ended; connect again")
        if any(one.connector == found.connector and one.connection != connection for one in self._in_use(merchant)):
            raise Rejected("one account of each platform at a time: disconnect the other one first")
        if not self.connections.claim_account(found.connector, found.account_id, merchant, connection):
            raise Rejected("this account is already connected to another business")
        now = self.clock.now()
        active = replace(found, status=ConnectionStatus.ACTIVE, next_poll_at=now, next_refresh_at=now, next_sync_at=now)
        stored = found if found.status is ConnectionStatus.ACTIVE else self.connections.save_connection(active)
        self.queue.send("bulk", _job("subscribe", stored))
        return stored

    def _in_use(self, merchant: str) -> list[Connection]:
        """Record ids are an account's own, so two accounts of one platform would meet at the same claims."""
        used = (ConnectionStatus.ACTIVE, ConnectionStatus.NEEDS_REAUTH)
        return [one for one in self.links(merchant) if one.status in used]

    def disconnect(self, merchant: str, connection: str) -> None:
        """Queues the end of a connection: revoke, delete tokens, close the webhook."""
        self.queue.send("bulk", _job("disconnect", self.connections.get_connection(merchant, connection)))

    def invoices(
        self, merchant: str, *, limit: int = PAGE, cursor: str | None = None, state: SaleState | None = None
    ) -> tuple[list[SaleRecord], str | None]:
        """Newest first."""
        return self.sales.list_sales(merchant, limit=limit, cursor=cursor, state=state)

    def document(self, merchant: str, connector: str, sale_id: str, kind: str) -> bytes:
        """A rendered document (`pdf`, `qr`); Rejected until it exists."""
        key = self.sales.get(merchant, connector, sale_id).documents.get(kind)
        if key is None:
            raise Rejected("this document is not ready yet")
        return self.blobs.get(key)


def _job(job: str, connection: Connection) -> dict[str, Any]:
    return {
        "v": 1,
        "job": job,
        "id": str(uuid.uuid4()),
        "merchant": connection.merchant,
        "connection": connection.connection,
        "connector": connection.connector,
    }
