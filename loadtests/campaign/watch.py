"""What the stage holds, read as root: its own API is part of what is tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from taxpoynt.domain.status import FINAL, SaleState
from taxpoynt.ports import SaleRecord
from taxpoynt.services.exchange import FAILED, TRANSMITTED
from taxpoynt.storage.circuits import SK as CIRCUIT
from taxpoynt.storage.items import from_item, iso
from taxpoynt.storage.sale_items import STATE, pk_of, record_of
from tests.e2e.harness import Slice

Json = dict[str, Any]
SETTLED = FINAL | {SaleState.NEEDS_ATTENTION, SaleState.DELIVERING}
RESTING = timedelta(seconds=20)
"""A sale that nobody has written for so long is not being worked on."""


class Watch:
    """Scans of the tables, which keep the local AWS busy for a second: one a round, handed on."""

    def __init__(self, stage: Slice) -> None:
        self._stage = stage
        self._dynamodb = stage.aws("dynamodb")

    def sales(self) -> list[SaleRecord]:
        """Every sale as it is now."""
        return [record_of(item) for item in self._scan("InvoicesTable", STATE)]

    def events(self) -> list[Json]:
        """Every event with its outcome, None while it has none."""
        rows = self._scan("EventsTable", "EVENT")
        return [{"outcome": row.get("outcome"), "why": row.get("why", ""), "pk": row["pk"]} for row in rows]

    def waiting(self) -> int:
        """Messages in the work queues, being worked on or not."""
        return self._stage.depth("QueueUrl")

    def running(self) -> int:
        """Conversions at work. Recoveries and deliveries mostly wait, and a wait costs nothing."""
        machine = self._stage.deployed.outputs["InvoiceConversionArn"]
        found = self._stage.aws("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="RUNNING")
        return len(found["executions"])

    def dead(self) -> int:
        """Messages in the dead-letter queues."""
        return self._stage.depth("DeadLetterUrl")

    def hurry(self, sales: Iterable[SaleRecord], *, held: bool) -> int:
        """Lets the time pass that the sweeper waits before it looks at a resting sale; `held`: those too."""
        now = datetime.now(UTC)
        late = [one for one in sales if _rests(one, now, held=held)]
        for one in late:
            self._due_at(pk_of(one), now)
        return len(late)

    def hurry_circuits(self) -> int:
        """Ends the pauses of open circuits: minutes on AWS, seconds here."""
        table, now = self._stage.deployed.outputs["ConnectionsTable"], iso(datetime.now(UTC))
        waiting = [item for item in self._scan("ConnectionsTable", CIRCUIT) if item.get("open_until", "") > now]
        for item in waiting:
            self._set(table, (item["pk"], CIRCUIT), "SET open_until = :now", "open_until", {":now": now})
        return len(waiting)

    def _due_at(self, pk: str, moment: datetime) -> None:
        """Time alone is moved: neither the record's version nor its history is touched."""
        table, due = self._stage.deployed.outputs["InvoicesTable"], f"{iso(moment)}#{pk}"
        values = {":at": iso(moment), ":due": due}
        self._set(table, (pk, STATE), "SET next_action_at = :at, due_sk = :due", "due_sk", values)

    def _set(self, table: str, key: tuple[str, str], change: str, only_with: str, values: dict[str, str]) -> None:
        """Unless the attribute has gone meanwhile: then somebody was faster, and there is nothing to hurry."""
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            self._dynamodb.update_item(
                TableName=table,
                Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}},
                UpdateExpression=change,
                ConditionExpression=f"attribute_exists({only_with})",
                ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
            )

    def _scan(self, table: str, sk: str) -> Iterator[Json]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._stage.deployed.outputs[table],
            FilterExpression="sk = :sk",
            ExpressionAttributeValues={":sk": {"S": sk}},
        )
        for page in pages:
            yield from (from_item(item) for item in page["Items"])


def unfinished(one: SaleRecord) -> bool:
    """Is there something left for us to do? Not while only the buyer's access point can go on, or has failed."""
    if one.state is SaleState.DELIVERING:
        return one.delivery not in (TRANSMITTED, FAILED)
    return one.state not in SETTLED


def _rests(one: SaleRecord, now: datetime, *, held: bool) -> bool:
    waits = one.next_action_at is not None and one.next_action_at > now
    idle = one.updated_at is not None and now - one.updated_at > RESTING
    return waits and idle and (unfinished(one) or (held and one.state is SaleState.NEEDS_ATTENTION))
