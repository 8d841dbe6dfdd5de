"""What every use case may need around it: time, blobs, queues, workflows, secrets, alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def put_new(self, key: str, data: bytes, *, content_type: str) -> bool:
        """Writes unless something is there; True for the one caller whose bytes it holds from now on."""
        ...

    def get(self, key: str) -> bytes: ...
    def newest(self, prefix: str, *, limit: int) -> list[str]:
        """Keys that begin so, the last written first. Of very many only a part is looked at."""
        ...

    def mark(self, keys: Sequence[str], data_class: str) -> int:
        """Gives each object another retention class (taxpoynt.retention), and says how many of them are there."""
        ...


class JobQueue(Protocol):
    """Jobs for run_sync_job."""

    def send(self, queue: QueueName, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None: ...


class BatchJobQueue(JobQueue, Protocol):
    """A queue that takes many small jobs in few calls."""

    def send_many(self, queue: QueueName, jobs: Sequence[Mapping[str, Any]]) -> None:
        """After an error some may have been sent."""
        ...


class WorkflowStarter(Protocol):
    """Starts state machines; an execution of that name already there counts as started."""

    def start_conversion(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None: ...
    def start_recovery(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None: ...
    def start_delivery(self, merchant: str, connector: str, sale_id: str, run: str) -> None:
        """`run` tells the runs of one sale apart: the attempt, or what a notice said."""
        ...


class SecretStore(Protocol):
    """Named secrets as JSON objects; cached; never logged."""

    def get(self, name: str) -> Mapping[str, str]: ...


class Alerts(Protocol):
    """What a person must see: subject and text without secrets or buyer data."""

    def send(self, subject: str, text: str) -> None: ...
