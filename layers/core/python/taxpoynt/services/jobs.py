"""Messages of the three queues: what run_sync_job reads and what others send it. Version 1; unknown keys are kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.sale import RecordRef
from taxpoynt.errors import BadInput
from taxpoynt.ports import SaleRecord

VERSIONS = (1, 2)
"""The version we write, and the next one: during a deploy both are under way."""


@dataclass(frozen=True, slots=True)
class Job:
    """One message; `raw` is all of it, for sending it again."""

    raw: Mapping[str, Any]
    job: str
    id: str
    merchant: str
    connection: str
    connector: str

    def text(self, name: str) -> str:
        """A text the job must have; BadInput otherwise."""
        value = self.raw.get(name)
        if not isinstance(value, str) or not value:
            raise BadInput(f"a {self.job} job needs {name}")
        return value

    @property
    def tries(self) -> int:
        """How often it was sent again."""
        tries = self.raw.get("tries", 0)
        return tries if isinstance(tries, int) else 0


def read(raw: Mapping[str, Any]) -> Job:
    """The job in a message; BadInput when it is none of ours.

    A delivery that came to the application's own address names no merchant: both are empty then.
    """
    if raw.get("v") not in VERSIONS:
        raise BadInput("a queue message of an unknown version")
    names = ("job", "id", "merchant", "connection", "connector")
    unplaced = raw.get("job") == "webhook" and not {"merchant", "connection"} & raw.keys()
    needed = ("job", "id", "connector") if unplaced else names
    if not all(isinstance(raw.get(name), str) and raw[name] for name in needed):
        raise BadInput("a queue message lacks job, id, merchant, connection or connector")
    values = [raw.get(name, "") for name in names]
    return Job(raw, *(str(value) for value in values))


def make(job: str, merchant: str, connection: str, connector: str, **more: str) -> dict[str, Any]:
    """A new message."""
    ids = {"id": str(uuid.uuid4()), "merchant": merchant, "connection": connection, "connector": connector}
    return {"v": 1, "job": job, **ids, **more}


def due(connection: Connection) -> str:
    """What a poll that is under way carries: the next time that stood on the connection when it was sent."""
    return connection.next_poll_at.isoformat() if connection.next_poll_at else ""


def overtaken(sent_due: str, connection: Connection) -> bool:
    """Did another poll set a later time since?

    An earlier one stands there still when the queue was quicker than the scheduler, which sends before it saves.
    """
    stands = connection.next_poll_at
    return stands is not None and bool(sent_due) and stands > datetime.fromisoformat(sent_due)


def fetch(record: SaleRecord, *, event_id: str, reason: str) -> dict[str, Any]:
    """Look at a sale's source record again."""
    ref = source_of(record)
    return make(
        "fetch",
        record.merchant,
        record.connection,
        record.connector,
        resource=ref.resource,
        resource_id=ref.id,
        event_id=event_id,
        reason=reason,
    )


def source_of(record: SaleRecord) -> RecordRef:
    """The source record of a sale, from where it is kept: `<merchant>/records/<connector>/<resource>/<id>/…`."""
    resource, number = record.record_key.split("/")[3:5]
    return RecordRef(resource=resource, id=number)
