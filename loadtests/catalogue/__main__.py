"""`make load SCENARIO=catalogue`: exit code 1 when a row is wrong, a limit was broken or memory grew."""

from __future__ import annotations

import argparse
import sys

from loadtests.catalogue import report
from loadtests.catalogue.run import Found, load
from loadtests.catalogue.shop import PLATFORMS


def main() -> int:
    """Runs it and says where the report is."""
    options = _options()
    names = options.platform or sorted(PLATFORMS, reverse=True)
    command = f"make load SCENARIO=catalogue  ({options.items:,} items, {options.customers:,} customers)"
    found: list[Found] = []
    for name in names:
        found.append(load(name, options.items, options.customers, options.kills, _say))
        path = report.write(found, command)  # after each: the second one takes its time
    bad = [f"{one.connector}: {len(one.wrong)} rows are wrong" for one in found if one.wrong]
    bad += [f"{one.connector}: memory grew" for one in found if not report.flat(one)]
    bad += [
        f"{one.connector}: the platform refused {phase.counted['refused_429']} requests in {phase.name!r}"
        for one in found
        for phase in one.phases
        if phase.counted.get("refused_429")
    ]
    for text in bad:
        print(f"BAD  {text}")
    print(f"{'all well' if not bad else 'NOT well'}; report: {path}")
    return 1 if bad else 0


def _say(text: str) -> None:
    print(text, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.catalogue", description=__doc__)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--platform", action="append", choices=sorted(PLATFORMS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
