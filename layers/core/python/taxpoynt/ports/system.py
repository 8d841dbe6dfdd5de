"""What every use case may need around it: time, blobs, queues, workflows, secrets, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

QueueName = Literal["pos", "crm", "bulk"]


class Clock(Protocol):
    """The time; aware, UTC."""

    def now(self) -> datetime: ...


class BlobStore(Protocol):
    """The raw bucket: content addressed, written once."""

    def put(self, key: str, data: bytes, *, content_type: str) -> str:
        """Writes unless it is there; returns the key."""
        ...

    def get(self, key: str) -> bytes: ...


class JobQueue(Protocol):
    """Jobs for run_sync_job."""

    def send(self, queue: QueueName, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None: ...


class WorkflowStarter(Protocol):
    """Starts state machines; an execution of that name already there counts as started."""

    def start_conversion(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None: ...
    def start_recovery(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None: ...


class SecretStore(Protocol):
    """Named secrets as JSON objects; cached; never logged."""

    def get(self, name: str) -> Mapping[str, str]: ...


class Alerts(Protocol):
    """What a person must see: subject and text without secrets or buyer data."""

    def send(self, subject: str, text: str) -> None: ...
