"""What a person must see, as a message on the alerts topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

MAX_SUBJECT = 100
"""Characters; what SNS allows, printable ASCII only."""


class SnsAlerts:
    """ports.Alerts on one topic."""

    def __init__(self, sns: SNSClient, topic_arn: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn

    def send(self, subject: str, text: str) -> None:
        """Publishes; `subject` is cut and made ASCII because SNS refuses anything else."""
        plain = "".join(c if c.isascii() and c.isprintable() else "?" for c in subject)[:MAX_SUBJECT]
        with verdicts("alert"):
            self._sns.publish(TopicArn=self._topic_arn, Subject=plain or "TaxPoynt", Message=text)
