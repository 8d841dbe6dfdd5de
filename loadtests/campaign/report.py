"""The report, for people (Markdown) and programs (JSON)."""

from __future__ import annotations

import json
import platform
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.campaign.checks import SHOWN, Checked, World
from loadtests.campaign.plan import counts
from loadtests.campaign.run import Found

REPORTS = Path(__file__).parents[1] / "reports"
PARTS = (50, 90, 95, 99)


def write(found: Found, world: World, checks: Sequence[Checked], folder: Path = REPORTS) -> Path:
    """campaign.json and campaign.md; the latter's path."""
    data = _data(found, world, checks)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campaign.json").write_text(json.dumps(data, indent=1, default=str) + "\n", encoding="utf-8")
    path = folder / "campaign.md"
    path.write_text(_text(data), encoding="utf-8")
    return path


def _data(found: Found, world: World, checks: Sequence[Checked]) -> dict[str, Any]:
    wishes = found.wishes
    states = Counter(sale.state.value for sale in world.sales.values())
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "ok": found.drained and not any(check.violations for check in checks),
        "sales": wishes.sales,
        "seed": wishes.seed,
        "nrs_fails": wishes.nrs_fails,
        "drained": found.drained,
        "seconds": found.seconds,
        "stories": counts(list(world.planned)),
        "states": dict(sorted(states.items())),
        "at_nrs": len(world.at_nrs),
        "nrs": {name: found.chaos.get(name) for name in ("calls", "hit", "counts")},
        "outages": found.outages,
        "circuits_opened": found.circuits,
        "webhooks": dict(sorted(found.webhooks.items())),
        "webhooks_all_lost": sum(one.lost for one in world.planned),
        "kills": dict(sorted(found.kills.items())),
        "sign_attempts": _attempts(world),
        "seconds_to_registration": _percentiles(found, world),
        "events": dict(Counter(str(one["outcome"]) for one in world.events)),
        "lists_refreshed": found.lists,
        "lists_versions": sorted({sale.lists_version for sale in world.sales.values() if sale.lists_version}),
        "checks": [
            {"name": check.name, "looked_at": check.looked_at, "violations": check.violations} for check in checks
        ],
    }


def _attempts(world: World) -> dict[str, int]:
    found = Counter(min(one["sign_attempts"], 5) for one in world.at_nrs.values())
    return {f"{tries}{' or more' if tries == 5 else ''}": found[tries] for tries in sorted(found)}


def _percentiles(found: Found, world: World) -> dict[str, float]:
    """From the moment the deal was won to NRS's own time of registration."""
    seconds = []
    for one in world.planned:
        sale = world.own(one)
        signed = world.at_nrs.get(sale.irn or "") if sale else None
        if signed and one.number in found.won_at:
            seconds.append((datetime.fromisoformat(signed["signed_at"]) - found.won_at[one.number]).total_seconds())
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"p{part}": round(cuts[part - 1], 1) for part in PARTS} | {"slowest": round(max(seconds), 1)}


def _text(data: Mapping[str, Any]) -> str:
    nrs = data["nrs"]
    share = nrs["hit"] / nrs["calls"] if nrs["calls"] else 0
    verdict = "all promises held" if data["ok"] else "**violations were found**"
    lines = [
        "# Campaign",
        "",
        f"{data['sales']:,} sales on the local stage, seed {data['seed']}: {verdict}.",
        f"({data['machine']}, {data['when']})",
        "",
        f"NRS was called {nrs['calls']:,} times while it failed; {nrs['hit']:,} calls failed ({share:.0%}),",
        f"its port was closed {data['outages']} times, and {sum(data['kills'].values())} function processes died.",
        f"Our circuits opened {data['circuits_opened']} times.",
        "",
        f"Repeat it: `make campaign SALES={data['sales']} SEED={data['seed']} NRS_FAILS={data['nrs_fails']}`",
        "",
        "## Promises",
        "",
        "| promise | looked at | violations |",
        "|---|--:|--:|",
        *(f"| {one['name']} | {one['looked_at']:,} | {len(one['violations'])} |" for one in data["checks"]),
        f"| everything was done within the bound | | {0 if data['drained'] else 1} |",
    ]
    for one in data["checks"]:
        if one["violations"]:
            lines += ["", f"### {one['name']}", ""]
            lines += [f"- {text}" for text in one["violations"][:SHOWN]]
            lines += [f"- … and {len(one['violations']) - SHOWN} more"] if len(one["violations"]) > SHOWN else []
    lines += _table("What was sold", "story", data["stories"])
    lines += _table("What became of it", "state", data["states"])
    lines += _table("How NRS failed", "kind (docs/local-stage.md)", nrs["counts"] or {})
    lines += _table("What happened to Pipedrive's webhooks", "kind", data["webhooks"])
    lines += _table("Killed processes", "function", data["kills"])
    lines += _table("Sign calls for one invoice", "calls", data["sign_attempts"])
    lines += _table("How events ended", "outcome", data["events"])
    lines += _table("Seconds from won to registered", "share", data["seconds_to_registration"])
    lines += _table("Seconds", "part", data["seconds"])
    return "\n".join(lines) + "\n"


def _table(title: str, what: str, rows: Mapping[str, Any]) -> list[str]:
    return [
        "",
        f"## {title}",
        "",
        f"| {what} | |",
        "|---|--:|",
        *(f"| {name} | {number} |" for name, number in rows.items()),
    ]
