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
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.errors import Fault
from taxpoynt.ports import SaleRecord
from taxpoynt.storage.items import iso, moment_of
from taxpoynt.storage.legal_index import legal_keys
from taxpoynt.storage.table import shard

STATE = "STATE"
DUE_SHARDS = 16
DAYS = "DAYS"
"""Partition of index by_due that holds the markers of days with sales, by date: the oldest of all merchants first."""
MAX_WATCHED = 60
"""Watch items written with one change; a transaction takes 100 parts. A sale depends on a handful of records."""

_TEXTS = (
    *("merchant", "connector", "sale_id", "connection", "account_id", "record_key", "sale_key", "number", "irn"),
    *("invoice_key", "checked_key", "body_key", "body_sha256", "kind", "currency", "total"),
    *("document", "corrects", "delivery", "payment_status", "payment_wanted", "payment_amount"),
    *("inputs_key", "supplied_key", "lists_version", "paid", "nrs_identity", "same_as"),
)
_NUMBERS = ("attempt", "version", "tries")


def pk_of(record: SaleRecord) -> str:
    """The sale's own partition: its claim key."""
    return sale_key(record.merchant, record.connector, record.sale_id)


def state_item(record: SaleRecord, *, history_hash: str) -> dict[str, Any]:
    """The state item with its index keys: by_day always, by_due and by_legal only while something is due or open."""
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
        "in_doubt": record.in_doubt,
        "sent_at": record.sent_at,
        "put_offs": record.put_offs,
        "payment_in_doubt": record.payment_in_doubt,
        "look_again": record.look_again,
        "identity": list(record.identity) or None,
        "next_action_at": record.next_action_at,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "history_hash": history_hash,
        "day_pk": day_pk(record.merchant, record.clock.issue_date),
        "day_sk": day_sk(record),
    }
    item |= legal_keys(record, item["pk"])
    if record.next_action_at:
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
        **_texts(item),
        **{name: item[name] for name in _NUMBERS},
        state=SaleState(item["sale_state"]),
        clock=clock,
        faults=tuple(Fault(**fault) for fault in json.loads(item["faults"])),
        depends_on=tuple(RecordRef(**ref) for ref in json.loads(item["depends_on"])),
        documents=json.loads(item["documents"]),
        in_doubt=item.get("in_doubt", False),
        sent_at=moment_of(item.get("sent_at")),
        put_offs=item.get("put_offs", 0),
        payment_in_doubt=item.get("payment_in_doubt", False),
        look_again=item.get("look_again", False),
        identity=tuple(json.loads(item.get("identity", "[]"))),
        next_action_at=moment_of(item.get("next_action_at")),
        created_at=moment_of(item.get("created_at")),
        updated_at=moment_of(item.get("updated_at")),
    )


def _texts(item: Mapping[str, Any]) -> dict[str, Any]:
    """Required ones are always written; an item of an older version lacks `document`, which then is an invoice."""
    return {"document": "invoice", **{name: item[name] for name in _TEXTS if name in item}}


def due_pk(number: int) -> str:
    """One shard of what is due."""
    return f"DUE#{number:02}"


def day_pk(merchant: str, day: date) -> str:
    """A merchant's sales of one legal issue date."""
    return key("M", merchant, day.isoformat())


def days_pk(merchant: str) -> str:
    """The days on which a merchant has sales."""
    return key("M", merchant, "DAYS")


def day_marker(merchant: str, day: date) -> dict[str, Any]:
    """One such day. Its index keys let the purge find the oldest days of all merchants (storage/retention.py)."""
    pk, sk = days_pk(merchant), day.isoformat()
    return {"pk": pk, "sk": sk, "due_pk": DAYS, "due_sk": f"{sk}#{pk}"}


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


def is_held(record: SaleRecord) -> bool:
    """Does somebody have to look: held, or accepted and without its stamp?"""
    return record.state is SaleState.NEEDS_ATTENTION or (record.state in AT_NRS and bool(record.faults))


def held_items(record: SaleRecord) -> list[dict[str, Any]]:
    """Its place among what is held, and a watch for each record that may mend it."""
    held = {"pk": held_pk(record.merchant), "sk": held_sk(record), "sale": pk_of(record)}
    watched = list(dict.fromkeys((ref.resource, ref.id) for ref in record.depends_on))[:MAX_WATCHED]
    watches = [
        {
            "pk": watch_pk(record.merchant, record.connector, RecordRef(resource=resource, id=number)),
            "sk": key("SALE", record.sale_id),
            "sale_id": record.sale_id,
        }
        for resource, number in watched
    ]
    return [held, *watches]
