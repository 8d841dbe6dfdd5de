"""A platform says that the merchant removed our app: stop, forget the tokens, close the webhook."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from taxpoynt.errors import BadInput, SignatureMismatch
from taxpoynt.ports import ConnectionStore, JobQueue, PlatformAuthoriser, UninstallSignal


@dataclass(frozen=True, slots=True)
class ReceiveUninstall:
    """Verifies the signal and queues the disconnect; the one role that holds tokens carries it out."""

    connections: ConnectionStore
    queue: JobQueue
    authoriser: Callable[[str], PlatformAuthoriser]

    def __call__(self, connector: str, authorization: str | None, body: bytes) -> int:
        """HTTP status: 401 for a signal the platform did not send, else 200, also where there is nothing to end."""
        try:
            signal = self.authoriser(connector).read_uninstall(authorization=authorization, body=body)
        except SignatureMismatch:
            return 401
        except BadInput:
            return 200  # genuine, and names nobody; the platform does not repeat it
        holder = self.connections.find_account(connector, signal.account_id)
        if holder and self._ours(*holder, signal):
            merchant, connection = holder
            job = {"v": 1, "job": "disconnect", "id": str(uuid.uuid4()), "connector": connector}
            self.queue.send("bulk", {**job, "merchant": merchant, "connection": connection})
        return 200

    def _ours(self, merchant: str, connection: str, signal: UninstallSignal) -> bool:
        """Another user of the same account may remove the app for himself; our grant is its own user's."""
        user = self.connections.get_connection(merchant, connection).account.get("user_id")
        return user is None or signal.user_id is None or str(user) == signal.user_id
