"""A platform says that the merchant removed our app: stop, forget the tokens, close the webhook."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from taxpoynt.errors import BadInput, SignatureMismatch
from taxpoynt.ports import ConnectionStore, JobQueue, PlatformAuthoriser


@dataclass(frozen=True, slots=True)
class ReceiveUninstall:
    """Verifies the signal and queues the disconnect; the one role that holds tokens carries it out."""

    connections: ConnectionStore
    queue: JobQueue
    authoriser: Callable[[str], PlatformAuthoriser]

    def __call__(self, connector: str, authorization: str | None, body: bytes) -> int:
        """HTTP status: 401 for a signal the platform did not send, else 200, also for an account we do not know."""
        try:
            account_id = self.authoriser(connector).read_uninstall(authorization=authorization, body=body)
        except (SignatureMismatch, BadInput):
            return 401
        holder = self.connections.find_account(connector, account_id)
        if holder:
            merchant, connection = holder
            job = {"v": 1, "job": "disconnect", "id": str(uuid.uuid4()), "connector": connector}
            self.queue.send("bulk", {**job, "merchant": merchant, "connection": connection})
        return 200
