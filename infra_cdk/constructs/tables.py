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
        self.connections = self._table("Connections")
        self.events = self._table("Events")
        self.invoices = self._table("Invoices")
        # whole items where a page of a list is one query; keys and the legal date where the sweeper only ranks
        _index(self.connections, "by_task")
        _index(self.events, "by_day")
        _index(self.invoices, "by_day")
        _index(self.invoices, "by_due", "legal_due_at")

    def _table(self, id_: str) -> dynamodb.Table:
        return dynamodb.Table(
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


def _index(table: dynamodb.Table, name: str, *attributes: str) -> None:
    """Index `by_due` has the keys due_pk and due_sk; items without them are not in it. No attributes: all of them."""
    prefix = name.removeprefix("by_")
    table.add_global_secondary_index(
        index_name=name,
        partition_key=_string(f"{prefix}_pk"),
        sort_key=_string(f"{prefix}_sk"),
        projection_type=dynamodb.ProjectionType.INCLUDE if attributes else dynamodb.ProjectionType.ALL,
        non_key_attributes=list(attributes) or None,
    )
