"""A work queue with its dead-letter queue, both encrypted and closed to plain HTTP."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.findings import accept

# A job fetches over a network and may be cut off: then only its own message comes back, not nine others.
BATCH = 1
RECEIVES = 5


def dead_letter_queue(scope: Construct, id_: str, key: kms.IKey) -> sqs.Queue:
    """Keeps what failed for 14 days, the longest SQS has; an alarm rings at the first message (alarms.py)."""
    queue = sqs.Queue(
        scope,
        id_,
        retention_period=Duration.days(14),
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=key,
        enforce_ssl=True,
    )
    reason = "It is a dead-letter queue; its alarm tells a person."
    accept(queue, reason, "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")
    return queue


class WorkQueue(Construct):
    """`pos`, `crm` or `bulk`. Visibility is six times the consumer's limit plus its batch window, as AWS advises."""

    def __init__(self, scope: Construct, name: str, *, key: kms.IKey, consumer_timeout: int, batch_window: int) -> None:
        super().__init__(scope, f"{name.capitalize()}Queue")
        self.name = name
        self.batch_window = batch_window
        self.dead_letters = dead_letter_queue(self, "DeadLetters", key)
        self.queue = sqs.Queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(6 * consumer_timeout + batch_window),
            # a message keeps its age when it moves: a week here leaves a week there
            retention_period=Duration.days(7),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=RECEIVES, queue=self.dead_letters),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
        )

    def feed(self, function: lambda_.Function, *, concurrency: int) -> None:
        """Lets `function` consume; it answers which messages of a batch failed."""
        mapping = lambda_.EventSourceMapping(
            self,
            "Consumer",
            target=function,
            event_source_arn=self.queue.queue_arn,
            batch_size=BATCH,
            max_batching_window=Duration.seconds(self.batch_window),
            report_batch_item_failures=True,
            max_concurrency=concurrency,
        )
        reason = "A queue has no failure destination; what fails goes to its dead-letter queue."
        accept(mapping, reason, "Serverless-LambdaEventSourceMappingDestination")
