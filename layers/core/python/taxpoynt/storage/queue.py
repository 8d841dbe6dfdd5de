"""Jobs for run_sync_job on SQS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from taxpoynt.ports import QueueName

MAX_DELAY = 900
"""Seconds; what SQS allows."""


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
                MessageBody=json.dumps(job, separators=(",", ":")),  # ASCII: SQS refuses some characters
                DelaySeconds=max(0, min(MAX_DELAY, delay_seconds)),
            )
