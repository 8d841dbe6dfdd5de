"""A dead-letter queue in the operator's hands: count it, send its messages back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10
"""What SQS hands out in one call."""
HIDDEN = 60
"""Seconds a message is ours after it was received; it comes back by itself if we die in between."""


class DeadLetters:
    """One queue."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs, self._url = sqs, url

    def count(self) -> int:
        """About how many messages there are, as SQS tells."""
        with verdicts("count dead letters"):
            found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    def redrive(self, target: str, *, most: int) -> int:
        """Receives, sends, then deletes: a death in between doubles a message and never loses one."""
        moved = 0
        while moved < most:
            with verdicts("redrive"):
                page = self._sqs.receive_message(
                    QueueUrl=self._url, MaxNumberOfMessages=min(AT_ONCE, most - moved), VisibilityTimeout=HIDDEN
                ).get("Messages", [])
                for message in page:
                    self._sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            moved += len(page)
            if not page:
                break
        return moved
