"""`taxpoynt ops`: what an operator asks of a running stage. Reads, but for `evidence`, which first seals what waits."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxpoynt.cli.answer import Answer, Usage
from taxpoynt.cli.stage import open_stage
from taxpoynt.errors import TaxPoyntError

if TYPE_CHECKING:
    from taxpoynt.bootstrap.ops import Ops
    from taxpoynt.domain.connection import Connection
    from taxpoynt.domain.gap import Watch
    from taxpoynt.services.read_catalogue import Progress

LOOKED_AT = 50
"""Newest events in which the last one of a platform is looked for."""
SEALINGS = 200
"""Blocks sealed before an export at most; what is left is noted by the pack's script."""


def explain(arguments: argparse.Namespace) -> Answer:
    """An invoice made again from what was kept; exit 1 when it does not come out as it was sent."""
    ops = open_stage(arguments.stage)
    merchant = arguments.merchant or ops.owner_of(arguments.irn)
    told = ops.explain(merchant, arguments.irn, unmasked=arguments.unmasked)
    same = told["rebuilt"]["same"]
    words = "the same bytes come out" if same else "NOT the same bytes: see rebuilt"
    hidden = () if arguments.unmasked else ("personal data are masked; --unmasked shows them",)
    return Answer(
        0 if same else 1, told, (f"{arguments.irn}: {words}; {len(told['fields'])} fields explained", *hidden)
    )


def evidence(arguments: argparse.Namespace) -> Answer:
    """The evidence of a period as a zip."""
    first, last = _day("--from", arguments.begin), _day("--to", arguments.end)
    ops = open_stage(arguments.stage)
    merchant = ops.connections.get_merchant(arguments.merchant).merchant
    if arguments.dry_run:
        with tempfile.TemporaryFile() as nowhere:
            return Answer(0, ops.export(merchant, first, last, nowhere), ("nothing was sealed or written",))
    sealed = _seal(ops, merchant)
    target = Path(arguments.out or f"evidence-{merchant}-{first}-{last}.zip")
    part = target.with_name(target.name + ".part")
    with part.open("w+b") as out:
        manifest = ops.export(merchant, first, last, out)
    part.replace(target)
    head = manifest["ledger"]
    words = (
        f"{target}: {manifest['documents']} documents, {manifest['files']} files; {sealed} entries sealed just now",
        f"check it anywhere: python3 -I verify.py {target.name}",
        f"keep this apart from the pack: block {head['last_block']} {head['head']}",
    )
    return Answer(1 if manifest["missing"] else 0, {**manifest, "file": str(target)}, words)


def _seal(ops: Ops, merchant: str) -> int:
    sealed = 0
    for _ in range(SEALINGS):
        made = ops.seal.seal(merchant)
        sealed += made
        if not made:
            break
    return sealed


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage(f"{option} {text}: give a date such as 2026-05-15") from None


def connections(arguments: argparse.Namespace) -> Answer:
    """Every connection of a merchant, or of all of them, and how each is; `--check` has the platforms asked anew."""
    ops = open_stage(arguments.stage)
    merchants = [arguments.merchant] if arguments.merchant else [merchant for merchant, _ in ops.merchants()]
    found = [one for merchant in merchants for one in ops.connections.list_connections(merchant)]
    if not arguments.check:
        return Answer(0, {"connections": [_connection(ops, one) for one in found]})
    from taxpoynt.services import jobs

    asked = [one for one in found if one.status.value == "active"]
    for one in asked:
        ops.queue.send("bulk", jobs.make("keep_alive", one.merchant, one.connection, one.connector))
    words = f"{len(asked)} connections are asked now: look again in a minute"
    return Answer(0, {"connections": [_connection(ops, one) for one in found]}, (words,))


def _connection(ops: Ops, one: Connection) -> dict[str, Any]:
    """health: what the last daily look found. last_event: the newest the platform sent, among the merchant's newest."""
    newest, _ = ops.events.list_events(one.merchant, limit=LOOKED_AT, cursor=None)
    sent = (each for each in newest if each.get("connector") == one.connector and each.get("type") != "fetch")
    event = next(sent, None)
    return {
        "merchant": one.merchant,
        "connection": one.connection,
        "connector": one.connector,
        "status": one.status.value,
        "account": one.account_id,
        "health": dict(one.health) or None,
        "telling": _telling(ops.watches.get(one.merchant, one.connection)),
        "polled_at": _iso(one.polled_at),
        "found_at": _iso(one.found_at),
        "last_event": event,
        "next_poll_at": _iso(one.next_poll_at),
        "catalogue": [_catalogue(kind) for kind in ops.catalogue.progress_of(one)],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _telling(watch: Watch) -> dict[str, Any]:
    """Whether webhooks tell of what polling finds; gap: the newest one."""
    known = asdict(watch.gap).items() if watch.gap else ()
    gap = {name: _iso(value) if isinstance(value, datetime) else value for name, value in known}
    return {"heard_at": _iso(watch.heard_at), "missed": watch.missed, "gap": gap or None}


def _catalogue(going: Progress) -> dict[str, Any]:
    state, drift = going.state, going.state.drift
    return {
        "kind": going.kind,
        "phase": state.phase,
        "rows": going.rows,
        "expected": going.expected,
        "current_at": state.current_at.isoformat() if state.current_at else None,
        "checked_at": state.checked_at.isoformat() if state.checked_at else None,
        "drift": {**drift.model_dump(mode="json"), "found": drift.found} if drift else None,
        "problem": state.problem,
    }


def events(arguments: argparse.Namespace) -> Answer:
    """The newest events of a merchant and how each ended."""
    ops = open_stage(arguments.stage)
    found, cursor = ops.events.list_events(arguments.merchant, limit=arguments.limit, cursor=arguments.cursor)
    return Answer(0, {"events": found, "cursor": cursor})


def doctor(arguments: argparse.Namespace) -> Answer:
    """Can every store be read, and does each ledger end where its head says? Exit 1 when one answer is no."""
    ops = open_stage(arguments.stage)
    checks: dict[str, Callable[[], Any]] = {
        "catalogue table": lambda: ops.catalogue.store.states("m_doctor", "c_doctor"),
        "connections table": lambda: ops.connections.list_merchants(limit=1, cursor=None),
        "invoices table": lambda: ops.ledger.waiting_merchants(limit=1),
        "events table": lambda: ops.events.list_events("m_doctor", limit=1, cursor=None),
    }
    rows = [_looked(name, check) for name, check in checks.items()]
    if all(row["ok"] for row in rows):
        rows += [_looked(f"ledger of {merchant}", _ledger_check(ops, merchant)) for merchant, _ in ops.merchants()]
    well = all(row["ok"] for row in rows)
    return Answer(0 if well else 1, {"ok": well, "checks": rows}, ("all well" if well else "something is wrong",))


def _ledger_check(ops: Ops, merchant: str) -> Callable[[], Any]:
    return lambda: ops.last_block_fault(merchant)


def _looked(name: str, check: Callable[[], Any]) -> dict[str, Any]:
    """One check: an answer in words is what is wrong."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = check()
    except (TaxPoyntError, BotoCoreError, ClientError) as problem:
        return {"check": name, "ok": False, "why": f"{type(problem).__name__}: {problem}"}
    return {"check": name, "ok": False, "why": found} if isinstance(found, str) else {"check": name, "ok": True}
