"""A small campaign: as `make campaign`, with a dozen sales, one killed process and no long silences."""

from collections.abc import Iterator

import pytest

from infra_cdk.local.layout import ROOT
from loadtests.campaign.checks import look, run_checks
from loadtests.campaign.plan import plan
from loadtests.campaign.run import Campaign, Wishes
from loadtests.campaign.where import layout, stage
from tests.e2e.harness import Slice
from tests.sandbox.nrs.chaos import MENU

pytestmark = pytest.mark.local_stage

SLOW = {"silence", "silence_after_commit"}
WISHES = Wishes(
    sales=12,
    seed=5,
    nrs_fails=0.3,
    kills=1,
    outages=0,
    pace=0.2,
    kinds=tuple(sorted(set(MENU) - SLOW)),
    fire_seconds=120.0,
    stuck_seconds=10.0,
    drain_seconds=180.0,
)


@pytest.fixture(scope="module")
def own_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slice]:
    """Its own, because the checks count everything that NRS holds."""
    here = layout(tmp_path_factory.mktemp("campaign"), ROOT / ".local" / "e2e" / "cdk.out")
    with stage(here, quiet=True) as up:
        yield up


def test_a_dozen_sales_come_right_while_nrs_fails_and_a_process_is_killed(own_stage: Slice) -> None:
    planned = plan(WISHES.sales, WISHES.seed, lost=0.1)
    campaign = Campaign(own_stage, planned, WISHES, lambda _: None)
    found = campaign.run()
    results = run_checks(look(own_stage, campaign.watch, planned))
    assert {one.name: one.violations for one in results if one.violations} == {}
    assert found.drained
    assert found.chaos["hit"] > 0
    assert found.kills.total() == 1
