"""`make campaign [SALES=2000] [SEED=1] [NRS_FAILS=0.3] [KILLS=…] [PATIENCE=1]`: exit code 1 on any violation."""

from __future__ import annotations

import argparse
import signal
import sys

from loadtests.campaign import checks, report
from loadtests.campaign.plan import plan
from loadtests.campaign.run import Campaign, Wishes, printed
from loadtests.campaign.where import stage

LOST = 0.04
STOPPED = 143


def main() -> int:
    """Runs it and says where the report is."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # else the stage would outlive us
    options = _options()
    kills = options.kills if options.kills is not None else max(3, options.sales // 40)
    wishes = Wishes(sales=options.sales, seed=options.seed, nrs_fails=options.nrs_fails, kills=kills)
    wishes = wishes.with_patience(options.patience)
    planned = plan(wishes.sales, wishes.seed, LOST)
    with stage() as up:
        campaign = Campaign(up, planned, wishes, printed)
        found = campaign.run()
        world = checks.look(up, campaign.watch, planned)
        results = checks.run_checks(world)
    path = report.write(found, world, results)
    print()
    for result in results:
        print(f"{'ok ' if not result.violations else 'BAD'}  {result.name} ({result.looked_at:,})")
        for text in result.violations[:5]:
            print(f"       {text}")
    ok = found.drained and not any(result.violations for result in results)
    print(f"{'all promises held' if ok else 'VIOLATIONS'}{'' if found.drained else ' (not drained)'}; report: {path}")
    return 0 if ok else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.campaign", description=__doc__)
    parser.add_argument("--sales", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nrs-fails", type=float, default=0.3)
    parser.add_argument("--patience", type=float, default=1.0, help="times every bound of time")
    parser.add_argument("--kills", type=int, default=None, help="one for every 40 sales unless given")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
