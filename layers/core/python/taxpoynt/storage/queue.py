"""Jobs for run_sync_job on SQS."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from taxpoynt.errors import Retryable
from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from taxpoynt.ports import QueueName

MAX_DELAY = 900
"""Seconds; what SQS allows."""
BATCH = 10
"""Messages in one call; what SQS allows, of a megabyte in all."""


class SqsJobQueue:
    """ports.JobQueue; a function gets the URLs only of the queues it may send to."""

    def __init__(self, sqs: SQSClient, urls: Mapping[str, str]) -> None:
        self._sqs = sqs
        self._urls = urls

    def send(self, queue: QueueName, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        """Durable once this returns; Retryable when it may not be."""
        with verdicts(f"send to {queue}"):
            self._sqs.send_message(
                QueueUrl=self._urls[queue],
                MessageBody=_written(job),
                DelaySeconds=max(0, min(MAX_DELAY, delay_seconds)),
            )

    def send_many(self, queue: QueueName, jobs: Sequence[Mapping[str, Any]]) -> None:
        """A tenth of the calls; Retryable when any of them may not be durable, and then all may come again."""
        for begin in range(0, len(jobs), BATCH):
            entries: Any = [
                {"Id": str(number), "MessageBody": _written(job)}
                for number, job in enumerate(jobs[begin : begin + BATCH])
            ]
            with verdicts(f"send to {queue}"):
                answer = self._sqs.send_message_batch(QueueUrl=self._urls[queue], Entries=entries)
            if answer.get("Failed"):
                raise Retryable(f"send to {queue}: {len(answer['Failed'])} messages were not taken")


def _written(job: Mapping[str, Any]) -> str:
    """ASCII: SQS refuses some characters."""
    return json.dumps(job, separators=(",", ":"))
