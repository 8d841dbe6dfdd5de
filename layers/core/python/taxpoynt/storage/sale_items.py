"""SaleRecord as an item of the invoices table and back. Money is text, times ISO UTC, legal dates as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from taxpoynt.domain.connection import LegalClock
from taxpoynt.domain.keys import key, sale_key
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import FINAL, SaleState
from taxpoynt.errors import Fault
from taxpoynt.ports import SaleRecord
from taxpoynt.storage.items import iso, moment_of
from taxpoynt.storage.table import shard

STATE = "STATE"
DUE_SHARDS = 16

_TEXTS = (
    *("merchant", "connector", "sale_id", "connection", "account_id", "record_key", "sale_key", "number", "irn"),
    *("invoice_key", "checked_key", "body_key", "body_sha256", "kind", "currency", "total"),
)
_NUMBERS = ("attempt", "version", "tries")


def pk_of(record: SaleRecord) -> str:
    """The sale's own partition: its claim key."""
    return sale_key(record.merchant, record.connector, record.sale_id)


def state_item(record: SaleRecord, *, history_hash: str) -> dict[str, Any]:
    """The state item with its index keys: by_due only while not final and something is due, by_day always."""
    item: dict[str, Any] = {name: getattr(record, name) for name in (*_TEXTS, *_NUMBERS)}
    item |= {
        "pk": pk_of(record),
        "sk": STATE,
        "sale_state": record.state.value,
        "issue_date": record.clock.issue_date.isoformat(),
        "issue_time": record.clock.issue_time,
        "legal_due_at": record.clock.due_at,
        "faults": [asdict(fault) for fault in record.faults],
        "depends_on": [ref.model_dump() for ref in record.depends_on],
        "documents": dict(record.documents),
        "next_action_at": record.next_action_at,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "history_hash": history_hash,
        "day_pk": day_pk(record.merchant, record.clock.issue_date),
        "day_sk": day_sk(record),
    }
    if record.state not in FINAL and record.next_action_at:
        item["due_pk"] = due_pk(shard(item["pk"], DUE_SHARDS))
        item["due_sk"] = f"{iso(record.next_action_at)}#{item['pk']}"
    return item


def record_of(item: Mapping[str, Any]) -> SaleRecord:
    """What `state_item` wrote."""
    clock = LegalClock(
        issue_date=date.fromisoformat(item["issue_date"]),
        issue_time=item["issue_time"],
        due_at=datetime.fromisoformat(item["legal_due_at"]),
    )
    return SaleRecord(
        **{name: item.get(name) for name in _TEXTS},  # type: ignore[arg-type]  # required ones are always written
        **{name: item[name] for name in _NUMBERS},
        state=SaleState(item["sale_state"]),
        clock=clock,
        faults=tuple(Fault(**fault) for fault in json.loads(item["faults"])),
        depends_on=tuple(RecordRef(**ref) for ref in json.loads(item["depends_on"])),
        documents=json.loads(item["documents"]),
        next_action_at=moment_of(item.get("next_action_at")),
        created_at=moment_of(item.get("created_at")),
        updated_at=moment_of(item.get("updated_at")),
    )


def due_pk(number: int) -> str:
    """One shard of what is due."""
    return f"DUE#{number:02}"


def day_pk(merchant: str, day: date) -> str:
    """A merchant's sales of one legal issue date."""
    return key("M", merchant, day.isoformat())


def day_sk(record: SaleRecord) -> str:
    """Order within a day: by issue time, then by claim key."""
    return f"{record.clock.issue_time}#{pk_of(record)}"


def held_pk(merchant: str) -> str:
    """A merchant's sales that need attention."""
    return key("M", merchant, "HELD")


def held_sk(record: SaleRecord) -> str:
    """Order of what is held: by issue date; fixed, because the legal clock is frozen."""
    return f"{record.clock.issue_date.isoformat()}#{pk_of(record)}"


def watch_pk(merchant: str, connector: str, ref: RecordRef) -> str:
    """Who waits for a source record to change."""
    return key("M", merchant, "R", connector, ref.resource, ref.id)
