"""Runs every benchmark and writes loadtests/reports/bench.md and bench.json."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from loadtests.bench import ack_path, cold_imports, conversions, deadlines, hostile_bodies, hostile_mappings
from loadtests.bench.measure import Compared

HEAD = "| what | ms | baseline ms | ratio | per second |\n|---|--:|--:|--:|--:|\n"
REPORTS = Path(__file__).parents[1] / "reports"
PARTS: tuple[tuple[str, str, Callable[[], Iterator[Compared]]], ...] = (
    ("Cold start", "boto3 imported and one client made, in a fresh interpreter", cold_imports.compare),
    ("Acknowledging a webhook", "one HMAC-SHA256 and one JSON parse of the same body", ack_path.compare),
    ("The sender's deadline, by connector", "the deadline", deadlines.compare),
    ("Refusing a hostile webhook body", "one walk over as many characters", hostile_bodies.compare),
    ("The worst of rules over a hostile record", "the 50 ms of one evaluation", hostile_mappings.compare),
    ("Source record to NRS body, one core", "one JSON parse of the same record", conversions.compare),
)


def main() -> None:
    """Prints each figure as it comes, because the whole takes a few minutes."""
    started = time.monotonic()
    print("warming byte-code caches ...", flush=True)
    cold_imports.warm_caches()
    found = {}
    for title, baseline, compare in PARTS:
        print(f"\n{title} (baseline: {baseline})", flush=True)
        rows = []
        for row in compare():
            print(f"  {row.name:<36} {row.seconds * 1000:9.3f} ms   {row.ratio:7.3f} x", flush=True)
            rows.append(row)
        found[title] = (baseline, rows)
    _write(found, time.monotonic() - started)


def _write(found: dict[str, tuple[str, list[Compared]]], seconds: float) -> None:
    REPORTS.mkdir(parents=True, exist_ok=True)
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    text = [f"# Benchmarks\n\nMeasured in one run on {machine}; ratios are to the baseline of the same run.\n"]
    data: dict[str, object] = {"machine": machine, "seconds": round(seconds, 1)}
    for title, (baseline, rows) in found.items():
        text.append(f"\n## {title}\n\nBaseline: {baseline}.\n\n{HEAD}")
        text += [
            f"| {row.name} | {row.seconds * 1000:.3f} | {row.baseline_seconds * 1000:.3f} | {row.ratio:.3f} "
            f"| {1 / row.seconds:,.0f} |\n"
            for row in rows
        ]
        data[title] = [asdict(row) | {"ratio": row.ratio} for row in rows]
    (REPORTS / "bench.md").write_text("".join(text), encoding="utf-8")
    (REPORTS / "bench.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(f"\nreports: {REPORTS}/bench.md and bench.json ({seconds:.0f} s)")


if __name__ == "__main__":
    main()
