"""loadtests/reports/catalogue.md: what was run, what it cost, and what did not come out right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from loadtests.catalogue.run import PARTS, Found, Phase

REPORT = Path(__file__).resolve().parents[1] / "reports" / "catalogue.md"


def write(found: list[Found], command: str) -> Path:
    """Writes it and says where."""
    lines = ["# Catalogue: a large account, first load to checked", "", f"`{command}`", "", _NOTES, ""]
    for one in found:
        lines += _platform(one)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return REPORT


def _platform(found: Found) -> list[str]:
    rows = ", ".join(f"{number:,} {kind}" for kind, number in found.rows.items())
    changes = ", ".join(f"{number:,} {name}" for name, number in found.changes.items())
    lines = [f"## {found.connector}", "", f"At the end: {rows}. Changed before the third run: {changes}.", ""]
    lines += [
        "| run | requests | refused (429) | held back by us | rows read | rows written | killed | virtual | real |"
    ]
    lines += ["|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    lines += [_row(phase) for phase in found.phases]
    first = found.phases[0].memory
    fifths = " · ".join(f"{first[part]:.0f}" for part in sorted(first))
    largest = max(size for phase in found.phases for size in phase.memory.values())
    lines += [
        "",
        f"Largest memory of a worker in each fifth of the first load (MB): {fifths}; of all runs: {largest:.0f}.",
        "",
    ]
    lines += [f"- check of {kind}: {_drift(told)}" for kind, told in found.drift.items()]
    lines += [f"- rows that differ from a second reader's, of {sum(found.rows.values()):,}: {len(found.wrong)}", ""]
    lines += [f"  - {text}" for text in found.wrong[:10]]
    return lines


def _row(phase: Phase) -> str:
    names = ("requests", "refused_429", "held_back", "rows_told", "rows_written")
    told = " | ".join(f"{phase.counted.get(name, 0):,}" for name in names)
    virtual = str(timedelta(seconds=round(phase.virtual_seconds)))
    return f"| {phase.name} | {told} | {phase.kills} | {virtual} | {phase.seconds:.0f} s |"


def _drift(told: dict[str, object]) -> str:
    found = f"missing {told['missing']}, extra {told['extra']}, different {told['different']}"
    return f"by {told['by']}, {told['there']:,} there; {found}"


def flat(found: Found) -> bool:
    """Is the largest memory of the last fifth of the first load near that of the first?"""
    memory = found.phases[0].memory
    return max(memory.values()) < 1.25 * memory[min(memory)] + 20 if len(memory) >= PARTS - 1 else bool(memory)


_NOTES = """The sandbox is a process of its own and refuses what the platform would refuse. Its clock and the
worker's are one virtual clock: real time, and every wait that a rate limit or a queue asks for is added to both instead
of being slept. So the limits are obeyed as they stand, in virtual time. The budget and its low priority are the
product's (`connector_kit/pacing.py`), which leaves the sales their share. A worker is killed by SIGKILL at a random
moment; its message is seen again 720 virtual seconds later. Store, queue and budget are a SQLite file
(`loadtests/catalogue/store.py` says why). Memory is the worker's resident size, looked at four times a second."""
