"""Forgetting on request: a merchant who leaves, a buyer who asks. What tax law requires stays, and we say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from taxpoynt import retention
from taxpoynt.domain.connection import ConnectionStatus
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.rules import RuleVersion, code_table, identity_rules, merchant_mapping
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import StoreConflict
from taxpoynt.ports import BlobStore, Clock, ConnectionStore, HistoryEntry, JobQueue, RuleStore, SaleRecord, SaleStore
from taxpoynt.ports.ledger import Ledger
from taxpoynt.ports.retention import Act, RetentionStore
from taxpoynt.services import jobs
from taxpoynt.services.erase_copies import EraseCopies
from taxpoynt.services.evidence import of_kin, places
from taxpoynt.services.legal_hold import act
from taxpoynt.services.same_sale import SameSale

CACHED = frozenset({SaleState.CLAIMED, SaleState.NEEDS_ATTENTION, SaleState.WAITING, SaleState.WITHDRAWN})
"""No invoice: NRS was sent nothing, or refused it clearly. Cached data of the platform, but for `SENT`."""
SENT = frozenset({"submissions", "answers"})
"""Classes of objects that prove what NRS was sent and what it answered: they stay until their legal period ends."""
PAGE = 100
MOST_VERSIONS = 10_000
PAGES = 50
"""Pages of sales looked at in one go; a larger merchant's erasure goes on the next day."""

Report = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Erasing:
    """What forgetting one sale needs. `sale_years`: the period of evidence, from the stage's settings.

    copies: what is kept of customers and items beside the sales.
    """

    sales: SaleStore
    blobs: BlobStore
    ledger: Ledger
    clock: Clock
    sale_years: int
    copies: EraseCopies | None = None

    def forget(self, record: SaleRecord, why: str) -> bool:
        """Takes a sale back that is not on an invoice, and its content away. False when it is at work right now.

        The bare state item stays as the audit trail: ids and hashes, no content. So do the bytes that NRS was sent
        and refused, and its answers: our proof of that is evidence like any other.
        """
        if record.state not in CACHED:
            return False
        if record.state in (SaleState.CLAIMED, SaleState.NEEDS_ATTENTION, SaleState.WAITING) or record.faults:
            bare = replace(record, state=SaleState.WITHDRAWN, faults=(), next_action_at=None, kind=None, total=None)
            leaving = SameSale(self.sales, self.clock).leaving(record)
            with suppress(StoreConflict):
                self.sales.change(bare, action="erased", detail={"why": why}, same=leaving)
        if self.sales.get(record.merchant, record.connector, record.sale_id).state is not SaleState.WITHDRAWN:
            return False
        history = self.sales.history(record.merchant, record.connector, record.sale_id)
        needed = of_kin(self.sales, record, lambda one: one.state not in CACHED)
        kept = needed | (_proof(places(record, history)) if was_sent(history) else frozenset())
        self.blobs.mark([place for place in places(record, history) if place not in kept], retention.EXPIRED)
        return True

    def after(self, record: SaleRecord) -> str:
        """What a buyer is told of a sale that was forgotten."""
        if not was_sent(self.sales.history(record.merchant, record.connector, record.sale_id)):
            return "the sale is not on an invoice"
        until = retention.last_day(record.clock.issue_date, self.sale_years)
        proof = f"what was sent and NRS's answers are kept until {until.isoformat()} ({retention.TAX_LAW})"
        return f"the sale is not on an invoice: NRS did not accept it; {proof}"

    def reason_to_keep(self, record: SaleRecord) -> str:
        """Why what is on an invoice stays, and until when."""
        until = retention.last_day(record.clock.issue_date, self.sale_years)
        return f"on tax invoice {record.number}: kept until {until.isoformat()} ({retention.TAX_LAW})"


def was_sent(history: Sequence[HistoryEntry]) -> bool:
    """Did bytes of this sale ever leave for NRS?"""
    return any(entry.action == "sending" for entry in history)


def _proof(kept: Sequence[str]) -> frozenset[str]:
    return frozenset(place for place in kept if place.partition("/")[2].partition("/")[0] in SENT)


@dataclass(frozen=True, slots=True)
class EraseBuyer:
    """A buyer asks to be forgotten: one sale."""

    erasing: Erasing
    connections: ConnectionStore

    def __call__(self, merchant: str, connector: str, sale_id: str, *, who: str, why: str) -> Report:
        """`erased` or `kept`, and why.

        NotFound for a sale that is not the merchant's; StoreConflict while it is at work.
        """
        order = act(self.erasing.clock, self.connections, merchant, who, why)
        record = self.erasing.sales.get(merchant, connector, sale_id)
        erased = self.erasing.forget(record, "asked")
        if not erased and record.state in CACHED:
            raise StoreConflict("this sale is being worked on this moment: ask again")
        if self.erasing.copies:  # the invoice needs no copy of the customer, so that goes whatever becomes of the sale
            self.erasing.copies.of_sale(record)
        why_kept = "" if erased else self.erasing.reason_to_keep(record)
        outcome = "erased" if erased else "kept"
        detail = {"why": order.why, "kept_because": why_kept}
        self.erasing.ledger.note(merchant, f"buyer_{outcome}", f"{connector}:{sale_id}", detail, order.who)
        return {"outcome": outcome, "why": why_kept or self.erasing.after(record)}


@dataclass(frozen=True, slots=True)
class EraseMerchant:
    """A merchant leaves: ordered once, carried out by the daily purge until nothing is left to do."""

    erasing: Erasing
    connections: ConnectionStore
    retention: RetentionStore
    queue: JobQueue
    rules: RuleStore

    def ask(self, merchant: str, *, who: str, why: str) -> Act:
        """Notes the order and ends the connections, so that nothing new comes in."""
        order = act(self.erasing.clock, self.connections, merchant, who, why)
        self.erasing.ledger.note(merchant, "erasure_asked", "merchant", {"why": order.why}, order.who)
        self.retention.ask_erasure(order)
        for one in self.connections.list_connections(merchant):
            if one.status is not ConnectionStatus.DISCONNECTED:
                self.queue.send("bulk", jobs.make("disconnect", merchant, one.connection, one.connector))
        return order

    def go_on(self, order: Act) -> bool:
        """One day's part, from where the last one ended; True when all is done.

        Invoices under way are finished first, because they need the profile: until then a day does its part again.
        """
        merchant = order.merchant
        ended = self.connections.list_connections(merchant)
        if any(one.status is not ConnectionStatus.DISCONNECTED for one in ended):
            return False
        copies = self.erasing.copies
        if copies and not copies.of_merchant(merchant, [one.connection for one in ended]):
            return False
        erased, kept, busy, cursor = order.erased, order.kept, 0, order.cursor
        for _ in range(PAGES):
            page, cursor = self.erasing.sales.list_sales(merchant, limit=PAGE, cursor=cursor)
            for record in page:
                gone = self.erasing.forget(record, "merchant left")
                erased += gone
                kept += record.state is SaleState.COMPLETED
                busy += not gone and record.state is not SaleState.COMPLETED
            if cursor is None:
                break
        if busy:
            return False
        if cursor is not None:
            self.retention.ask_erasure(replace(order, cursor=cursor, erased=erased, kept=kept))
            return False
        self._profile(order, {"erased": str(erased), "kept": str(kept), "kept_because": retention.TAX_LAW})
        return True

    def _profile(self, order: Act, counts: Mapping[str, str]) -> None:
        """The profile goes, and what platforms told of the accounts; the invoices stay until their period ends."""
        merchant = order.merchant
        self.erasing.ledger.note(merchant, "erased", "merchant", {**counts, "why": order.why}, order.who)
        for one in self.connections.list_connections(merchant):
            bare = replace(one, account={}, cursor=None, next_poll_at=None, next_refresh_at=None, next_sync_at=None)
            self.connections.save_connection(bare)
            self.rules.erase(merchant_mapping(merchant, one.connection))
        for scope in (code_table(merchant), identity_rules(merchant)):
            self._expire(self.rules.versions(scope, limit=MOST_VERSIONS))
            self.rules.erase(scope)
        stored = self.connections.get_merchant(merchant)
        self.connections.put_merchant(merchant, Merchant(), expected_version=stored.version)
        self.retention.erased(merchant)

    def _expire(self, versions: Sequence[RuleVersion]) -> None:
        """The files a product table was made of."""
        for one in versions:
            named = [one.body[name] for name in ("original",) if name in one.body]
            self.erasing.blobs.mark([*named, *one.body.get("pieces", ())], retention.EXPIRED)
