"""Stores in memory with the same promises as the real ones: every method is one atomic step."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from taxpoynt.domain.connection import Connection, ConnectionStatus, Endpoint, Event, TokenSet
from taxpoynt.domain.identity import Member, SameKey
from taxpoynt.domain.keys import event_key, key, root_of, sale_key
from taxpoynt.domain.money import plain
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.status import AT_NRS, EventOutcome, SaleState, may_follow
from taxpoynt.errors import Busy, CircuitOpen, ContentConflict, CreditTooLarge, NotFound, Rejected, StoreConflict
from taxpoynt.ports import Clock, Credit, EventClaim, HistoryEntry, Lease, LegalWatch, SaleRecord, StoredMerchant
from taxpoynt.storage import families, history
from taxpoynt.storage.legal_index import is_undecided
from taxpoynt.storage.same_keys import newest

Outbox = dict[tuple[str, int], tuple[str, dict[str, Any]]]
"""(chain, sequence) of an entry that waits to be sealed: its merchant, the entry."""


class FakeConnectionStore:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.merchants: dict[str, StoredMerchant] = {}
        self.connections: dict[tuple[str, str], Connection] = {}
        self.accounts: dict[tuple[str, str], tuple[str, str]] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.once: dict[tuple[str, str], tuple[dict[str, str], datetime]] = {}

    def get_merchant(self, merchant: str) -> StoredMerchant:
        if merchant not in self.merchants:
            raise NotFound("no such merchant")
        return self.merchants[merchant]

    def put_merchant(self, merchant: str, profile: Merchant, *, expected_version: int) -> StoredMerchant:
        with self._lock:
            known = self.merchants.get(merchant)
            if (known.version if known else 0) != expected_version:
                raise StoreConflict("somebody else wrote first")
            stored = StoredMerchant(merchant=merchant, profile=profile, version=expected_version + 1)
            self.merchants[merchant] = stored
            return stored

    def list_merchants(self, *, limit: int, cursor: str | None) -> tuple[list[StoredMerchant], str | None]:
        after = [self.merchants[name] for name in sorted(self.merchants) if name > (cursor or "")]
        page = after[:limit]
        return page, page[-1].merchant if len(after) > limit else None

    def get_connection(self, merchant: str, connection: str) -> Connection:
        if (merchant, connection) not in self.connections:
            raise NotFound("no such connection")
        return self.connections[merchant, connection]

    def list_connections(self, merchant: str) -> list[Connection]:
        return [one for (owner, _), one in sorted(self.connections.items()) if owner == merchant]

    def save_connection(self, connection: Connection) -> Connection:
        with self._lock:
            known = self.connections.get((connection.merchant, connection.connection))
            if (known.version if known else 0) != connection.version:
                raise StoreConflict("somebody else wrote first")
            stored = replace(connection, version=connection.version + 1)
            self.connections[connection.merchant, connection.connection] = stored
            return stored

    def due_connections(self, now: datetime, *, limit: int) -> list[Connection]:
        due = []
        for one in self.connections.values():
            times = [moment for moment in (one.next_poll_at, one.next_refresh_at, one.next_sync_at) if moment]
            if one.status is ConnectionStatus.ACTIVE and times and min(times) <= now:
                due.append((min(times), one.connection, one))
        return [one for _, _, one in sorted(due, key=lambda entry: entry[:2])[:limit]]

    def claim_account(self, connector: str, account_id: str, merchant: str, connection: str) -> bool:
        with self._lock:
            return self.accounts.setdefault((connector, account_id), (merchant, connection)) == (merchant, connection)

    def release_account(self, connector: str, account_id: str, merchant: str, connection: str) -> None:
        with self._lock:
            if self.accounts.get((connector, account_id)) == (merchant, connection):
                del self.accounts[connector, account_id]

    def find_account(self, connector: str, account_id: str) -> tuple[str, str] | None:
        return self.accounts.get((connector, account_id))

    def put_endpoint(self, endpoint: Endpoint) -> Endpoint:
        with self._lock:
            known = self.endpoints.get(endpoint.endpoint)
            if (known.version if known else 0) != endpoint.version:
                raise StoreConflict("somebody else wrote first")
            stored = replace(endpoint, version=endpoint.version + 1)
            self.endpoints[endpoint.endpoint] = stored
            return stored

    def get_endpoint(self, endpoint: str) -> Endpoint | None:
        return self.endpoints.get(endpoint)

    def put_once(self, kind: str, secret: str, data: Mapping[str, str], expires_at: datetime) -> None:
        with self._lock:
            if (kind, secret) in self.once:
                raise StoreConflict("in use")
            self.once[kind, secret] = (dict(data), expires_at)

    def take_once(self, kind: str, secret: str, now: datetime) -> dict[str, str] | None:
        with self._lock:
            data, until = self.once.pop((kind, secret), ({}, now))
            return data if until > now else None

    def peek(self, kind: str, secret: str, now: datetime) -> dict[str, str] | None:
        data, until = self.once.get((kind, secret), ({}, now))
        return data if until > now else None

    def forget(self, kind: str, secret: str) -> None:
        self.once.pop((kind, secret), None)


class FakeTokenStore:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.tokens: dict[tuple[str, str], TokenSet] = {}
        self.leases: dict[tuple[str, str], Lease] = {}
        self.tried: dict[tuple[str, str], int] = {}

    def save(
        self, merchant: str, connection: str, connector: str, tokens: TokenSet, *, expected_generation: int
    ) -> TokenSet:
        with self._lock:
            known = self.tokens.get((merchant, connection))
            if (known.generation if known else 0) != expected_generation:
                raise StoreConflict("somebody was faster")
            stored = replace(tokens, generation=expected_generation + 1)
            self.tokens[merchant, connection] = stored
            return stored

    def load(self, merchant: str, connection: str, connector: str) -> TokenSet:
        if (merchant, connection) not in self.tokens:
            raise NotFound("no tokens")
        return self.tokens[merchant, connection]

    def lease(self, merchant: str, connection: str, *, owner: str, now: datetime, seconds: int) -> Lease:
        with self._lock:
            held = self.leases.get((merchant, connection))
            if held and held.owner != owner and held.until > now:
                raise Busy("held")
            known = self.tokens.get((merchant, connection))
            lease = Lease(
                merchant=merchant,
                connection=connection,
                owner=owner,
                until=now + timedelta(seconds=seconds),
                generation=known.generation if known else 0,
            )
            self.leases[merchant, connection] = lease
            return lease

    def trying(self, lease: Lease, generation: int) -> bool:
        with self._lock:
            held = self.leases.get((lease.merchant, lease.connection))
            if not held or (held.owner, held.until) != (lease.owner, lease.until):
                raise Busy("not ours any more")
            before, self.tried[lease.merchant, lease.connection] = (
                self.tried.get((lease.merchant, lease.connection)),
                generation,
            )
            return before == generation

    def release(self, lease: Lease) -> None:
        with self._lock:
            held = self.leases.get((lease.merchant, lease.connection))
            if held and (held.owner, held.until) == (lease.owner, lease.until):
                del self.leases[lease.merchant, lease.connection]

    def delete(self, merchant: str, connection: str) -> None:
        self.tokens.pop((merchant, connection), None)
        self.leases.pop((merchant, connection), None)


class FakeEventStore:
    def __init__(self, clock: Clock) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self.events: dict[str, dict[str, Any]] = {}

    def claim(
        self, merchant: str, connector: str, event: Event, *, owner: str, now: datetime, lease_seconds: int
    ) -> EventClaim:
        with self._lock:
            pk = event_key(merchant, connector, event.id)
            known = self.events.get(pk)
            if known and "outcome" in known:
                return EventClaim(won=False, outcome=EventOutcome(known["outcome"]))
            if known and known["owner"] != owner and known["until"] > now:
                return EventClaim(won=False)
            until = now + timedelta(seconds=lease_seconds)
            about = {"merchant": merchant, "event_id": event.id, "type": event.type}
            self.events[pk] = {**about, "owner": owner, "until": until, "received_at": now}
            return EventClaim(won=True)

    def settle(
        self,
        merchant: str,
        connector: str,
        event_id: str,
        outcome: EventOutcome,
        why: str,
        *,
        sale_id: str | None = None,
    ) -> None:
        known = self.events.get(event_key(merchant, connector, event_id))
        if known is not None and "outcome" not in known:
            known |= {"outcome": outcome.value, "why": why, "sale_id": sale_id or ""}

    def park(self, merchant: str, connector: str, event_id: str, why: str, body_key: str | None) -> None:
        with self._lock:
            pk = event_key(merchant, connector, event_id)
            known = self.events.setdefault(
                pk, {"merchant": merchant, "event_id": event_id, "received_at": self._clock.now()}
            )
            if "outcome" not in known:
                known |= {"outcome": "parked", "why": why, "body_key": body_key}

    def list_events(self, merchant: str, *, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        mine = [one for one in self.events.values() if one["merchant"] == merchant]
        mine.sort(key=lambda one: (one["received_at"], one["event_id"]), reverse=True)
        begin = int(cursor or 0)
        more = str(begin + limit) if begin + limit < len(mine) else None
        hidden = ("merchant", "owner", "until")
        return [{k: v for k, v in one.items() if k not in hidden} for one in mine[begin : begin + limit]], more


class FakeCircuits:
    """Opens after `row` failures in a row; one probe when the pause is over."""

    def __init__(self, row: int = 8, pause: timedelta = timedelta(seconds=30)) -> None:
        self.row, self.pause = row, pause
        self.failures: dict[str, int] = {}
        self.until: dict[str, datetime] = {}
        self.probed: dict[str, datetime] = {}
        self.refusals: list[str] = []

    def permit(self, name: str, now: datetime) -> bool:
        if name in self.until:
            if now < self.until[name]:
                raise CircuitOpen(name, retry_after=(self.until[name] - now).total_seconds())
            self.probed[name] = self.until[name]
            self.until[name] = now + self.pause  # the others wait for this probe
        return name in self.until or name in self.failures

    def released(self, name: str) -> None:
        if name in self.until and name in self.probed:
            self.until[name] = self.probed.pop(name)

    def failed(self, name: str, now: datetime) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1
        if self.failures[name] >= self.row:
            self.until[name] = now + self.pause
            self.probed.pop(name, None)

    def refused(self, name: str, now: datetime) -> None:
        self.refusals.append(name)
        self.until[name] = now + self.pause * 10

    def succeeded(self, name: str) -> None:
        self.failures.pop(name, None)
        self.until.pop(name, None)
        self.probed.pop(name, None)


class FakeSaleStore:
    def __init__(self, clock: Clock) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self.sales: dict[str, SaleRecord] = {}
        self.entries: dict[str, list[HistoryEntry]] = {}
        self.reserved: dict[str, str] = {}
        self.credits: dict[str, dict[str, str]] = {}
        self.met: dict[tuple[str, str], tuple[tuple[Member, ...], int]] = {}
        self.outbox: Outbox = {}

    def claim(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> tuple[SaleRecord, bool]:
        with self._lock:
            pk = _pk(record)
            if pk in self.sales:
                return self.sales[pk], False
            self._meet(record, same)
            now = self._clock.now()
            new = replace(record, version=1, created_at=now, updated_at=now)
            self.sales[pk] = new
            self._note(None, new, action, {"attempt": str(new.attempt), **(detail or {})})
            return new, True

    def get(self, merchant: str, connector: str, sale_id: str) -> SaleRecord:
        pk = sale_key(merchant, connector, sale_id)
        if pk not in self.sales:
            raise NotFound("no such sale")
        return self.sales[pk]

    def same_keys(self, merchant: str, keys: Sequence[SameKey]) -> list[SameKey]:
        with self._lock:
            return [self._filled(merchant, one) for one in keys]

    def _filled(self, merchant: str, one: SameKey) -> SameKey:
        members, version = self.met.get((merchant, one.key), ((), 0))
        return replace(one, members=members, version=version)

    def _meet(self, record: SaleRecord, same: Sequence[SameKey]) -> None:
        """All of them or none, like the conditions of one transaction."""
        if any(self._filled(record.merchant, one).version != one.version for one in same):
            raise StoreConflict("somebody else came to this key")
        for one in same:
            self.met[record.merchant, one.key] = (newest(one.members), one.version + 1)

    def change(
        self,
        record: SaleRecord,
        *,
        action: str,
        detail: Mapping[str, str] | None = None,
        same: Sequence[SameKey] = (),
    ) -> SaleRecord:
        with self._lock:
            before = self.get(record.merchant, record.connector, record.sale_id)
            if before.version != record.version:
                raise StoreConflict("changed meanwhile")
            if not may_follow(before.state, record.state):
                raise Rejected(f"not from {before.state} to {record.state}")
            self._meet(record, same)
            new = replace(record, version=record.version + 1, updated_at=self._clock.now())
            self.sales[_pk(new)] = new
            if families.gives_back(before, new):
                self.credits.get(sale_key(new.merchant, new.connector, str(new.corrects)), {}).pop(new.sale_id, None)
            self._note(before, new, action, detail or {})
            return new

    def reserve(
        self, record: SaleRecord, *, action: str, credit: Credit | None = None, same: Sequence[SameKey] = ()
    ) -> SaleRecord:
        with self._lock:
            if not record.irn or not record.number:
                raise Rejected("nothing to reserve")
            notes = (
                dict(self.credits.get(sale_key(record.merchant, record.connector, credit.sale_id), {}))
                if credit
                else {}
            )
            if credit:
                notes[record.sale_id] = plain(credit.amount)
                if families.exceeds(notes, credit):
                    raise CreditTooLarge("too much")
            keys = [key("M", record.merchant, "IRN", record.irn), key("M", record.merchant, "N", record.number)]
            if any(self.reserved.get(one, _pk(record)) != _pk(record) for one in keys):
                raise ContentConflict("taken")
            new = self.change(record, action=action, detail={"irn": record.irn, "number": record.number}, same=same)
            self.reserved |= dict.fromkeys(keys, _pk(record))
            if credit:
                self.credits[sale_key(record.merchant, record.connector, credit.sale_id)] = notes
            return new

    def family(self, merchant: str, connector: str, sale_id: str) -> list[SaleRecord]:
        head = root_of(sale_id)
        mine = [one for one in self.sales.values() if (one.merchant, one.connector) == (merchant, connector)]
        return sorted((one for one in mine if families.head_of(one) == head), key=families.by_age)

    def find_by_irn(self, merchant: str, irn: str) -> SaleRecord:
        pk = self.reserved.get(key("M", merchant, "IRN", irn))
        if pk is None:
            raise NotFound("no such IRN")
        return self.sales[pk]

    def held_by(self, merchant: str, connector: str, ref: RecordRef) -> list[str]:
        return [
            one.sale_id
            for one in self.sales.values()
            if (one.merchant, one.connector, one.state) == (merchant, connector, SaleState.NEEDS_ATTENTION)
            and ref in one.depends_on
        ]

    def due(self, now: datetime, *, limit: int) -> list[SaleRecord]:
        due = [one for one in self.sales.values() if one.next_action_at and one.next_action_at <= now]
        return sorted(due, key=lambda one: (one.clock.due_at, _pk(one)))[:limit]

    def legal_watch(self, now: datetime) -> LegalWatch:
        gone = AT_NRS | {SaleState.WITHDRAWN}
        open_ones = [one for one in self.sales.values() if one.state not in gone and not is_undecided(one)]
        law = [one.clock.due_at for one in open_ones if one.kind not in ("B2B", "B2G")]
        target = [one.clock.due_at for one in open_ones if one.kind in ("B2B", "B2G")]
        late = now + timedelta(hours=4)
        return LegalWatch(
            earliest=min(law, default=None),
            late=sum(due <= late for due in law),
            late_targets=sum(due <= late for due in target),
        )

    def list_sales(
        self, merchant: str, *, limit: int, cursor: str | None, state: SaleState | None = None
    ) -> tuple[list[SaleRecord], str | None]:
        mine = [one for one in self.sales.values() if one.merchant == merchant and _listed(one, state)]
        mine.sort(key=lambda one: (one.clock.issue_date, one.clock.issue_time, _pk(one)), reverse=True)
        begin = int(cursor or 0)
        return mine[begin : begin + limit], str(begin + limit) if begin + limit < len(mine) else None

    def history(self, merchant: str, connector: str, sale_id: str) -> list[HistoryEntry]:
        pk = sale_key(merchant, connector, sale_id)
        if pk not in self.entries:
            raise NotFound("no such sale")
        return list(self.entries[pk])

    def _note(self, before: SaleRecord | None, new: SaleRecord, action: str, detail: Mapping[str, str]) -> None:
        chain = self.entries.setdefault(_pk(new), [])
        chain.append(
            history.entry(
                _pk(new),
                sequence=new.version,
                at=self._clock.now(),
                before=before.state if before else None,
                after=new.state,
                action=action,
                detail={**history.produced(before, new), **detail},
                previous_hash=chain[-1].hash if chain else history.FIRST,
            )
        )
        self.outbox[_pk(new), new.version] = (new.merchant, history.ledger_entry(_pk(new), chain[-1]))


def _listed(record: SaleRecord, state: SaleState | None) -> bool:
    stamp_waits = state is SaleState.NEEDS_ATTENTION and record.state in AT_NRS and bool(record.faults)
    return state in (None, record.state) or stamp_waits


def _pk(record: SaleRecord) -> str:
    return sale_key(record.merchant, record.connector, record.sale_id)
