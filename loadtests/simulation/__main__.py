"""`make simulate`: many seeds on every core and each twin; `make simulate SEED=123`: one seed with its whole trace."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadtests.simulation.run import Result, run
from loadtests.simulation.twins import TWINS

REPORTS = Path(__file__).parents[1] / "reports"
CHUNK = 50
TWIN_SEEDS = 200


@dataclass
class Total:
    """What many seeds add up to."""

    seeds: int = 0
    steps: int = 0
    documents: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str, list[str]]] = field(default_factory=list)
    digest: int = 0
    processor: float = 0.0

    def add(self, result: Result) -> None:
        """One more."""
        self.seeds += 1
        self.steps += result.steps
        self.documents += result.documents
        self.kinds[result.kind] += 1
        self.faults += result.faults
        self.states += result.states
        if result.wrong:
            self.broken.append((result.seed, result.kind, result.wrong))

    def join(self, other: Total) -> None:
        """Those of another process."""
        for name in ("seeds", "steps", "documents", "kinds", "faults", "states", "broken", "processor"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def many(seeds: range) -> Total:
    """A chunk of seeds in this process."""
    total, begin = Total(), time.process_time()
    for seed in seeds:
        total.add(run(seed))
    total.processor = time.process_time() - begin
    return total


def first_caught(name: str) -> tuple[str, int | None, list[str]]:
    """The first seed that catches a twin, and what it says."""
    for seed in range(TWIN_SEEDS):
        if wrong := run(seed, parts=TWINS[name]).wrong:
            return name, seed, wrong
    return name, None, []


def show(seed: int, twin: str | None) -> int:
    """One seed with its trace."""
    result = run(seed, parts=TWINS[twin], trace=True) if twin else run(seed, trace=True)
    print("\n".join(result.trace))
    print(f"\nseed {seed} ({result.kind}): {result.steps} steps, {result.documents} documents at NRS")
    print("\n".join(result.wrong) or "every promise kept")
    return 1 if result.wrong else 0


def _progress(total: Total, count: int) -> None:
    """On a terminal one line that changes, in a log a line a tenth."""
    words = f"{total.seeds:,} of {count:,} seeds, {len(total.broken)} broken"
    if sys.stderr.isatty():
        print(f"\r{words} ", end="", file=sys.stderr, flush=True)
    elif total.seeds * 10 // count > (total.seeds - CHUNK) * 10 // count:
        print(words, file=sys.stderr, flush=True)


def simulate(count: int, start: int, processes: int) -> int:
    """All of it, and the report."""
    begin = time.perf_counter()
    total = Total()
    chunks = [range(first, min(first + CHUNK, start + count)) for first in range(start, start + count, CHUNK)]
    with ProcessPoolExecutor(processes) as pool:
        twins = pool.map(first_caught, sorted(TWINS))
        for part in pool.map(many, chunks):
            total.join(part)
            _progress(total, count)
        caught = list(twins)
    seconds = time.perf_counter() - begin
    report = {
        "seeds": {"from": start, "count": total.seeds},
        "violations": [{"seed": seed, "kind": kind, "wrong": wrong} for seed, kind, wrong in total.broken],
        "twins": {name: {"seed": seed, "wrong": wrong[:3]} for name, seed, wrong in caught},
        "seconds": round(seconds, 1),
        "processor_seconds": round(total.processor, 1),
        "processes": processes,
        "steps": total.steps,
        "documents_at_nrs": total.documents,
        "kinds": dict(sorted(total.kinds.items())),
        "faults": dict(total.faults.most_common()),
        "states": dict(total.states.most_common()),
    }
    REPORTS.mkdir(exist_ok=True)
    (REPORTS / "simulation.json").write_text(json.dumps(report, indent=1) + "\n")
    (REPORTS / "simulation.md").write_text(words(report))
    print(words(report))
    missed = [name for name, seed, _ in caught if seed is None]
    return 1 if total.broken or missed else 0


def words(report: dict[str, Any]) -> str:
    """The report to read."""
    seeds, wrong = report["seeds"]["count"], report["violations"]
    lines = [
        "# Simulation",
        "",
        f"{seeds} seeds, {report['steps']} steps, {report['documents_at_nrs']} documents at NRS.",
        f"{len(wrong)} seeds broke a promise.",
        f"{report['seconds']} s on {report['processes']} processes, {report['processor_seconds']} s of processor time.",
        "",
        "| broken twin | caught by seed | first words |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {one['seed']} | {(one['wrong'] or ['not caught'])[0]} |" for name, one in report["twins"].items()
    ]
    lines += [
        "",
        "| fault | times |",
        "|---|---|",
        *(f"| {name} | {times} |" for name, times in report["faults"].items()),
    ]
    lines += ["", "| document, state at rest | times |", "|---|---|"]
    lines += [f"| {name} | {times} |" for name, times in report["states"].items()]
    lines += ["", *(f"- seed {one['seed']} ({one['kind']}): {'; '.join(one['wrong'])}" for one in wrong[:50])]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Arguments as the Makefile gives them."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20_000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--twin", choices=sorted(TWINS))
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 8))
    given = parser.parse_args()
    if given.seed is not None:
        return show(given.seed, given.twin)
    return simulate(given.seeds, given.start, given.processes)


if __name__ == "__main__":
    raise SystemExit(main())
