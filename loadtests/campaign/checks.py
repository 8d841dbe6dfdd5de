"""The promises, asked from the outside: at NRS, in the tables, in the ledger. Each check gives what violates it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra_cdk.local.nrs_sandbox import signed_invoices
from loadtests.campaign import ledger
from loadtests.campaign.plan import Planned
from loadtests.campaign.watch import Watch, unfinished
from taxpoynt.conversion.list_copy import key_of
from taxpoynt.domain.keys import sale_key
from taxpoynt.domain.status import AT_NRS, SaleState
from taxpoynt.ports import HistoryEntry, SaleRecord
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.history import unbroken
from taxpoynt.storage.sales import DynamoSaleStore
from tests.e2e.harness import Slice

Json = dict[str, Any]
SHOWN = 20
MOMENTS, MAX_SEALS = 5, 50


@dataclass(frozen=True)
class Checked:
    """One promise: how many things were looked at, and what violates it."""

    name: str
    looked_at: int
    violations: list[str]


@dataclass
class World:
    """Everything the checks look at, read once after the drain."""

    planned: Sequence[Planned]
    sales: Mapping[str, SaleRecord]
    corrections: Mapping[str, list[SaleRecord]]
    at_nrs: Mapping[str, Json]
    events: Sequence[Json]
    dead: int
    stage: Slice

    def own(self, one: Planned) -> SaleRecord | None:
        """The sale of a planned deal."""
        return self.sales.get(str(one.deal))


def look(stage: Slice, watch: Watch, planned: Sequence[Planned]) -> World:
    """Reads the stage and NRS."""
    records = watch.sales()
    corrections: dict[str, list[SaleRecord]] = defaultdict(list)
    for one in records:
        if one.corrects:
            corrections[one.corrects].append(one)
    own = {one.sale_id: one for one in records if not one.corrects}
    at_nrs = {one["irn"]: one for one in signed_invoices(stage.nrs.url)}
    return World(planned, own, corrections, at_nrs, watch.events(), watch.dead(), stage)


def run_checks(world: World) -> list[Checked]:
    """All of them, worst news included."""
    return [
        _check(world, "every eligible sale has exactly one accepted invoice", _one_irn),
        _check(world, "amounts at NRS equal the independent calculation", _amounts),
        _check(world, "nothing else is registered at NRS", _nothing_else),
        _check(world, "no outcome is unknown and nothing is left half-way", _settled),
        _check(world, "what must be held is held with its code, and nothing else is", _held),
        _check(world, "edits after acceptance became questions, not edits", _questions),
        _check(world, "every event ended in one of the three ways", _events),
        _check(world, "no message ended in a dead-letter queue", _dead),
        _check(world, "every sale's chain of history is whole", _chains),
        _check(world, "the merchant's ledger is whole and holds every entry once", _ledger),
        _check(world, "every invoice names lists that are kept", _lists),
    ]


Violations = tuple[int, list[str]]


def _check(world: World, name: str, ask: Callable[[World], Violations]) -> Checked:
    looked_at, violations = ask(world)
    return Checked(name, looked_at, violations)


def _one_irn(world: World) -> Violations:
    bad = []
    wanted = [one for one in world.planned if one.story.fate == "accepted"]
    irns = Counter(sale.irn for sale in world.sales.values() if sale.state in AT_NRS)
    for one in wanted:
        sale = world.own(one)
        if sale is None:
            bad.append(f"{_name(one)}: no sale was ever claimed")
        elif sale.state not in AT_NRS or sale.irn not in world.at_nrs:
            codes = ",".join(fault.code for fault in sale.faults)
            bad.append(f"{_name(one)}: {sale.state.value} {codes} irn {sale.irn}, at NRS: {sale.irn in world.at_nrs}")
        elif irns[sale.irn] != 1:
            bad.append(f"{_name(one)}: shares its IRN")
    return len(wanted), bad


def _amounts(world: World) -> Violations:
    bad, looked_at = [], 0
    for one in world.planned:
        sale = world.own(one)
        if sale is None or sale.irn not in world.at_nrs:
            continue
        looked_at += 1
        held = payable_of(world.at_nrs[sale.irn or ""])
        if held not in one.amounts or held != Decimal(sale.total or 0):
            bad.append(f"{_name(one)}: NRS holds {held}, we say {sale.total}, calculated {one.amounts}")
    return looked_at, bad


def payable_of(signed: Json) -> Decimal:
    """The payable amount in the bytes as NRS got them."""
    body = json.loads(signed["body_text"], parse_float=Decimal, parse_int=Decimal)
    return Decimal(body["legal_monetary_total"]["payable_amount"])


def _nothing_else(world: World) -> Violations:
    ours = {sale.irn for sale in world.sales.values() if sale.irn}
    allowed = {str(one.deal) for one in world.planned if one.story.fate == "accepted"}
    bad = [f"{irn}: nobody of ours" for irn in world.at_nrs if irn not in ours]
    bad += [
        f"sale {sale.sale_id}: must not be at NRS"
        for sale in world.sales.values()
        if sale.irn in world.at_nrs and sale.sale_id not in allowed
    ]
    return len(world.at_nrs), bad


def _settled(world: World) -> Violations:
    known = everyone(world)
    bad = [f"sale {one.sale_id}: {one.state.value} {one.delivery or ''}" for one in known if unfinished(one)]
    bad += [f"sale {one.sale_id}: still in doubt" for one in known if one.in_doubt and one.state in AT_NRS]
    return len(known), bad


def _held(world: World) -> Violations:
    bad = []
    for one in world.planned:
        sale = world.own(one)
        held = sale is not None and sale.state is SaleState.NEEDS_ATTENTION
        codes = tuple(sorted({fault.code for fault in sale.faults})) if sale else ()
        if one.story.fate == "held" and (not held or codes != one.story.codes):
            bad.append(f"{_name(one)}: {sale.state.value if sale else 'unknown'} {codes}, wanted {one.story.codes}")
        if one.story.fate != "held" and held:
            bad.append(f"{_name(one)}: held with {codes}")
    return len(world.planned), bad


def _questions(world: World) -> Violations:
    """An invoice of the old lines stands as it is, and what changed waits as a correction with a question."""
    edited = [one for one in world.planned if one.edited and one.story.fate == "accepted"]
    bad = []
    for one in edited:
        sale = world.own(one)
        if sale is None or sale.irn not in world.at_nrs:
            continue
        current = payable_of(world.at_nrs[sale.irn or ""]) == one.amounts[-1]
        asked = [c for c in world.corrections.get(sale.sale_id, []) if c.state is SaleState.NEEDS_ATTENTION]
        if current and world.corrections.get(sale.sale_id):
            bad.append(f"{_name(one)}: up to date at NRS, and corrected all the same")
        if not current and not asked:
            bad.append(f"{_name(one)}: changed after acceptance, and nobody is asked")
    stray = set(world.corrections) - {str(one.deal) for one in edited}
    return len(edited), bad + [f"sale {sale}: corrected without a reason" for sale in sorted(stray)]


def _events(world: World) -> Violations:
    return len(world.events), [f"{one['pk']}: no outcome" for one in world.events if not one["outcome"]]


def _dead(world: World) -> Violations:
    return world.dead, [f"{world.dead} message(s)"] if world.dead else []


def _chains(world: World) -> Violations:
    outputs, dynamodb = world.stage.deployed.outputs, world.stage.aws("dynamodb")
    store = DynamoSaleStore(dynamodb, outputs["InvoicesTable"], SystemClock())
    bad, entries = [], 0
    for sale in everyone(world):
        version, history = _history(store, sale)
        entries += len(history)
        if not unbroken(sale_key(sale.merchant, sale.connector, sale.sale_id), history):
            bad.append(f"sale {sale.sale_id}: an entry is missing or was changed")
        if history[-1].sequence != version or version < sale.version:
            bad.append(f"sale {sale.sale_id}: {history[-1].sequence} entries for version {version}")
    return entries, bad


def _history(store: DynamoSaleStore, sale: SaleRecord) -> tuple[int, list[HistoryEntry]]:
    """The version and the entries of one moment: what waits for a buyer's access point is still followed meanwhile."""
    ids = (sale.merchant, sale.connector, sale.sale_id)
    for _ in range(MOMENTS):
        version, history = store.get(*ids).version, store.history(*ids)
        if store.get(*ids).version == version:
            break
    return version, history


def _ledger(world: World) -> Violations:
    """Every entry of `look`; what came afterwards may wait for the next seal."""
    seal(world.stage)
    entries, bad = ledger.read_ledger(world.stage, world.stage.merchant)
    bad += ledger.broken_chains(entries)
    sealed = ledger.lengths(entries)
    for sale in everyone(world):
        chain = sale_key(sale.merchant, sale.connector, sale.sale_id)
        if sealed.get(chain, 0) < sale.version:
            bad.append(f"sale {sale.sale_id}: {sealed.get(chain, 0)} of {sale.version} entries are sealed")
    return len(entries), bad


def seal(stage: Slice) -> None:
    """Until a run of the sealer finds nothing; bounded, for entries may go on coming."""
    for _ in range(MAX_SEALS):
        if not stage.call("SealLedger").get("entries"):
            return


def _lists(world: World) -> Violations:
    outputs, store = world.stage.deployed.outputs, world.stage.aws("s3")
    listed = store.list_objects_v2(Bucket=outputs["RawBucket"], Prefix="shared/lists/").get("Contents", [])
    kept = {found["Key"] for found in listed}
    invoiced = [sale for sale in everyone(world) if sale.irn]
    bad = [
        f"sale {one.sale_id}: {one.lists_version}" for one in invoiced if key_of(one.lists_version or "") not in kept
    ]
    return len(invoiced), bad


def everyone(world: World) -> list[SaleRecord]:
    """Sales and their corrections."""
    return [*world.sales.values(), *(one for some in world.corrections.values() for one in some)]


def _name(one: Planned) -> str:
    return f"deal {one.deal} ({one.story.name}{', webhooks lost' if one.lost else ''})"
