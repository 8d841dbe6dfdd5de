"""The promises after everything has come to rest: reckoned from what the platform, NRS and the stores hold."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from loadtests.simulation.source import CANARY, payable
from loadtests.simulation.world import CONNECTOR, World
from taxpoynt.domain.keys import event_key, sale_key
from taxpoynt.domain.ledger import chain_faults, from_bytes
from taxpoynt.domain.source import read_json
from taxpoynt.domain.status import AT_NRS, SaleState, may_follow
from taxpoynt.ports import SaleRecord
from taxpoynt.storage import history


def broken(world: World) -> list[str]:
    """What went wrong, each with its promise; empty when nothing did."""
    return [
        *_one_invoice(world),
        *unrest(world),
        *_right_amounts(world),
        *_explained(world),
        *world.crossed,
        *world.nrs.problems,
    ]


def _one_invoice(world: World) -> list[str]:
    """P1: what NRS holds of us and what we call accepted are the same documents, byte for byte, one a sale."""
    wrong = []
    ours = {irn: one for irn, one in world.nrs.held.items() if not one.foreign}
    accepted = [one for one in world.sales.sales.values() if one.state in AT_NRS]
    for record in accepted:
        held = ours.pop(str(record.irn), None)
        if held is None or held.merchant != record.merchant:
            wrong.append(f"P1: {_name(record)} is accepted and NRS does not hold {record.irn}")
        elif hashlib.sha256(held.body).hexdigest() != record.body_sha256:
            wrong.append(f"P1: {_name(record)}: NRS holds other bytes under {record.irn}")
    wrong += [f"P1: NRS holds {irn} and no sale of {held.merchant} is accepted with it" for irn, held in ours.items()]
    return wrong


def unrest(world: World) -> list[str]:
    """P2 and P8: every event has an end, every eligible sale its invoice or a person who was told."""
    wrong = [
        f"P2: event {merchant} {event_id} has no end"
        for merchant, event_id in world.acked
        if _open(world, merchant, event_id)
    ]
    for (merchant, deal), record in world.platform.records.items():
        if record["kind"] == "deal":
            wrong += _deal(world, merchant, deal, record)
    for sale in world.sales.sales.values():
        if sale.state not in AT_NRS and not _with_a_person(world, sale):
            wrong.append(f"P8: {_name(sale)} rests in {sale.state.value}")
        if sale.in_doubt and sale.state in AT_NRS:
            wrong.append(f"P1: {_name(sale)} is accepted and in doubt")
    return wrong


def _open(world: World, merchant: str, event_id: str) -> bool:
    """Without an end, and not because the sale it is about waits for the operator (NRS holds other content)."""
    event = world.events.events.get(event_key(merchant, CONNECTOR, event_id))
    if event is not None and "outcome" in event:
        return False
    deal = event_id.removeprefix("poll:").partition(".")[0].partition(":")[0]
    sale = world.sales.sales.get(sale_key(merchant, CONNECTOR, deal))
    return sale is None or sale.state in AT_NRS or not _with_a_person(world, sale)


def _deal(world: World, merchant: str, deal: str, now: dict[str, Any]) -> list[str]:
    stored = world.sales.sales.get(sale_key(merchant, CONNECTOR, deal))
    if now["status"] == "won" and stored is None:
        return [f"P2: {merchant} {deal} is won and was never taken"]
    return []


def _with_a_person(world: World, record: SaleRecord) -> bool:
    """Somebody must act: faults in the portal, or NRS holds other content and the operator was told."""
    if record.state is SaleState.NEEDS_ATTENTION:
        return bool(record.faults) and _unmended(world, record)
    if record.state is SaleState.WITHDRAWN:
        return True
    if record.state is SaleState.WAITING:
        original = world.sales.sales.get(sale_key(record.merchant, CONNECTOR, record.corrects or ""))
        return original is None or original.state not in AT_NRS
    foreign = world.nrs.held.get(str(record.irn))
    return bool(foreign and foreign.foreign and any("ContentConflict" in subject for subject, _ in world.alerts.sent))


def _unmended(world: World, record: SaleRecord) -> bool:
    """Is there still something to mend? A sale that is held though all is well is stuck."""
    deal = world.platform.records.get((record.merchant, record.sale_id.partition(":")[0].strip("rab")))
    codes = {fault.code for fault in record.faults}
    if all(code.startswith(("CHANGE-", "CREDIT-", "REF-")) for code in codes):
        return True
    return bool(deal and (deal["tin"] is None or deal["status"] != "won"))


def _right_amounts(world: World) -> list[str]:
    """P3: the first invoice comes to what some version of its deal came to, and all documents to what it says now."""
    wrong = _credit_limits(world)
    for (merchant, deal), now in world.platform.records.items():
        family = [one for one in world.sales.sales.values() if one.merchant == merchant and _root(one) == deal]
        first = next((one for one in family if one.sale_id == deal and one.state in AT_NRS), None)
        if now["kind"] != "deal" or first is None:
            continue
        name, versions = _name(first), world.platform.versions[merchant, deal]
        if _told(world, first) not in {payable(one) for one in versions}:
            wrong.append(f"P3: {name} was accepted with {_told(world, first)}, never what the deal said")
        owed = payable(now) if now["status"] == "won" else Decimal(0)
        if _told_in_all(world, family) != owed and not _asked(world, family):
            wrong.append(
                f"P3: {name} comes to {_told_in_all(world, family)} in all, its deal to {owed}, and nobody is asked"
            )
    return wrong


def _credit_limits(world: World) -> list[str]:
    """P1: by NRS's own books, no invoice is credited with more than it was."""
    credited: dict[tuple[str, str], Decimal] = {}
    for held in world.nrs.held.values():
        whole = read_json(held.body)
        if held.foreign or whole["invoice_type_code"] != CREDIT_NOTE:
            continue
        for reference in whole.get("billing_reference") or ():
            key = (held.merchant, str(reference["irn"]))
            credited[key] = credited.get(key, Decimal(0)) + Decimal(whole["legal_monetary_total"]["payable_amount"])
    wrong = []
    for (merchant, irn), amount in credited.items():
        invoice = world.nrs.held.get(irn)
        if invoice is None or invoice.merchant != merchant:
            wrong.append(f"P1: {merchant} credits {irn}, which NRS does not hold for it")
        elif amount > Decimal(read_json(invoice.body)["legal_monetary_total"]["payable_amount"]):
            wrong.append(f"P1: {merchant} credits {irn} with {amount}, more than it was")
    return wrong


CREDIT_NOTE = "380"  # in NRS's list, which swaps it with the invoice's code against UBL


def _told(world: World, record: SaleRecord) -> Decimal:
    return Decimal(read_json(world.nrs.held[str(record.irn)].body)["legal_monetary_total"]["payable_amount"])


def _told_in_all(world: World, family: list[SaleRecord]) -> Decimal:
    """Invoices and debit notes less the credit notes made of the deal's own changes; refunds are another matter."""
    own = [one for one in family if one.state in AT_NRS and not one.sale_id.startswith("r")]
    return sum((-_told(world, one) if one.document == "credit_note" else _told(world, one) for one in own), Decimal(0))


def _asked(world: World, family: list[SaleRecord]) -> bool:
    """Somebody is asked about it, said to let it be, or has taken back by refunds what a change would take back."""
    if any(one.sale_id.startswith("r") and one.state in AT_NRS for one in family):
        return True
    return any(
        one.state is SaleState.NEEDS_ATTENTION
        or (
            any(entry.action == "answered" for entry in world.sales.history(one.merchant, one.connector, one.sale_id))
            and one.state is SaleState.WITHDRAWN
        )
        for one in family
    )


def _root(record: SaleRecord) -> str:
    return (record.corrects or record.sale_id).partition(":")[0]


def _explained(world: World) -> list[str]:
    """P7: chains whole, one entry a change, allowed steps only, nothing secret; the sealed ledger holds every entry."""
    wrong = []
    for pk, record in world.sales.sales.items():
        entries = world.sales.entries[pk]
        if not history.unbroken(pk, entries) or len(entries) != record.version:
            wrong.append(f"P7: the history of {_name(record)} is broken")
        if any(e.before and not may_follow(e.before, e.after) for e in entries):
            wrong.append(f"P7: {_name(record)} took a step that may not be")
        if any(CANARY in json.dumps(dict(e.detail)) for e in entries):
            wrong.append(f"P7: the buyer stands in the history of {_name(record)}")
    for merchant in world.plan.merchants:
        prefix = f"{merchant}/ledger/"
        blocks = [(from_bytes(data), data) for key, data in sorted(world.blobs.blobs.items()) if key.startswith(prefix)]
        wrong += [
            f"P7: ledger of {merchant}: {fault}"
            for fault in chain_faults(blocks, merchant=merchant, head=world.ledger.head(merchant))
        ]
        sealed = [entry["hash"] for block, _ in blocks for entry in block.entries]
        waits = {entry["hash"] for owner, entry in world.ledger.waits.values() if owner == merchant}
        mine = {
            history.ledger_entry(pk, e)["hash"]
            for pk, es in world.sales.entries.items()
            for e in es
            if world.sales.sales[pk].merchant == merchant
        }
        if len(sealed) != len(set(sealed)) or set(sealed) | waits != mine:
            wrong.append(f"P7: ledger of {merchant} holds {len(sealed)} entries of {len(mine)}")
    if any(CANARY in subject + text for subject, text in world.alerts.sent):
        wrong.append("P7: the buyer stands in an alert")
    return wrong


def _name(record: SaleRecord) -> str:
    return f"{record.merchant} {record.sale_id}"
