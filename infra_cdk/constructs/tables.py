"""The four tables. Keys and partitions: docs/decisions/0003, and 0025 for the catalogue."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra_cdk.findings import accept


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


class Tables(Construct):
    """connections, events, invoices, catalogue: string keys pk and sk, `ttl`, recovery to any second of 35 days.

    But for catalogue: it is a copy of what platforms have and is read again, and a backup would keep what was erased.
    """

    def __init__(self, scope: Construct, *, key: kms.IKey, keep: bool) -> None:
        super().__init__(scope, "Tables")
        self._key, self._keep = key, keep
        self.connections = self._table("Connections")
        self.events = self._table("Events")
        self.invoices = self._table("Invoices")
        self.catalogue = self._table("Catalogue", recovery=False)
        # whole items where a page of a list is one query; keys and the legal date where the sweeper only ranks
        _index(self.connections, "by_task")
        _index(self.events, "by_day")
        _index(self.invoices, "by_day")
        _index(self.invoices, "by_due", "legal_due_at")
        _index(self.invoices, "by_legal", keys_only=True)
        _index(self.catalogue, "by_sku", keys_only=True)

    def _table(self, id_: str, *, recovery: bool = True) -> dynamodb.Table:
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
                point_in_time_recovery_enabled=recovery
            ),
            deletion_protection=self._keep,
            removal_policy=RemovalPolicy.RETAIN if self._keep else RemovalPolicy.DESTROY,
        )
        if not recovery:
            reason = "A copy of what platforms have: read again when it is lost, and no backup keeps what was erased."
            accept(table, reason, "AwsSolutions-DDB3")
        return table


def _index(table: dynamodb.Table, name: str, *attributes: str, keys_only: bool = False) -> None:
    """Index `by_due` has the keys due_pk and due_sk; items without them are not in it. No attributes: all of them.

    keys_only: a write that leaves the keys alone costs the index nothing.
    """
    some = dynamodb.ProjectionType.INCLUDE if attributes else dynamodb.ProjectionType.ALL
    prefix = name.removeprefix("by_")
    table.add_global_secondary_index(
        index_name=name,
        partition_key=_string(f"{prefix}_pk"),
        sort_key=_string(f"{prefix}_sk"),
        projection_type=dynamodb.ProjectionType.KEYS_ONLY if keys_only else some,
        non_key_attributes=list(attributes) or None,
    )
