"""The three tables. Keys and partitions: docs/decisions/0003."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


class Tables(Construct):
    """connections, events, invoices: string keys pk and sk, `ttl`, recovery to any second of 35 days."""

    def __init__(self, scope: Construct, *, key: kms.IKey, keep: bool) -> None:
        super().__init__(scope, "Tables")
        self._key, self._keep = key, keep
        self.connections = self._table("Connections", "by_task")
        self.events = self._table("Events")
        self.invoices = self._table("Invoices", "by_due", "by_day")

    def _table(self, id_: str, *indexes: str) -> dynamodb.Table:
        table = dynamodb.Table(
            self,
            id_,
            partition_key=_string("pk"),
            sort_key=_string("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self._key,
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=self._keep,
            removal_policy=RemovalPolicy.RETAIN if self._keep else RemovalPolicy.DESTROY,
        )
        for name in indexes:  # `by_due` has the keys due_pk and due_sk; items without them are not in it
            prefix = name.removeprefix("by_")
            table.add_global_secondary_index(
                index_name=name,
                partition_key=_string(f"{prefix}_pk"),
                sort_key=_string(f"{prefix}_sk"),
                # whole items: a page of a list is one query, not one query and fifty reads
                projection_type=dynamodb.ProjectionType.ALL,
            )
        return table
