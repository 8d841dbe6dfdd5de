"""Killing a function's process in the middle, twice, loses nothing and doubles nothing."""

import pytest

from infra_cdk.functions import camel
from tests.e2e.crashes import accepted_with_sweeps, fault_taken, kill, kill_when, quick_redelivery
from tests.e2e.harness import Slice
from tests.e2e.holding import HoldingPoints

pytestmark = pytest.mark.local_stage

SLOW = 6.0
"""Seconds that a sandbox holds an answer back, so that the kill comes in the middle."""
RECOVERY = 200.0
SIGN = {"method": "POST", "path": ".*/sign"}


@pytest.mark.parametrize("resource", ["/api/v2/deals/{deal}$", "/api/v2/deals/{deal}/products"])
def test_killing_run_sync_job_twice_while_it_fetches_gives_one_invoice(stage: Slice, resource: str) -> None:
    deal = stage.new_deal()
    stage.pipedrive.fault(kind="delay", seconds=SLOW, match={"path": resource.format(deal=deal)}, times=2)
    with quick_redelivery(stage):
        hit = fault_taken(stage.pipedrive)
        stage.win(deal)
        kill_when(stage, "RunSyncJob", hit)
        kill_when(stage, "RunSyncJob", fault_taken(stage.pipedrive))
        accepted_with_sweeps(stage, deal, RECOVERY)
    assert len(stage.at_nrs(deal)) == 1


def test_killing_submit_invoice_twice_before_nrs_has_signed_gives_one_invoice(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.nrs.fault(kind="delay", seconds=SLOW, match=SIGN, times=2)
    hit = fault_taken(stage.nrs)
    stage.win(deal)
    kill_when(stage, "SubmitInvoice", hit)
    kill_when(stage, "SubmitInvoice", fault_taken(stage.nrs))
    accepted_with_sweeps(stage, deal, RECOVERY)
    assert len(stage.at_nrs(deal)) == 1


def test_killing_submit_invoice_after_nrs_has_signed_and_again_while_it_asks_gives_one_invoice(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.nrs.fault(kind="delay_after_commit", seconds=SLOW, match=SIGN, times=1)
    stage.nrs.fault(kind="delay", seconds=SLOW, match={"method": "GET", "path": ".*/confirm"}, times=1)
    hit = fault_taken(stage.nrs)
    stage.win(deal)
    kill_when(stage, "SubmitInvoice", hit)
    kill_when(stage, "SubmitInvoice", fault_taken(stage.nrs))
    accepted_with_sweeps(stage, deal, RECOVERY)
    [body] = stage.at_nrs(deal)
    assert stage.nrs.get("/invoices", irn=body["irn"])["sign_attempts"][body["irn"]] == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "function", ["convert_sale", "check_invoice", "reserve_invoice", "submit_invoice", "record_outcome"]
)
def test_a_step_killed_twice_before_its_work_or_before_its_answer_is_done_once(
    stage: Slice, holding: HoldingPoints, function: str, moment: str
) -> None:
    deal = stage.new_deal()
    holding.order(function, moment)
    stage.win(deal)
    for last in (False, True):
        holding.wait_until_held(function)
        if not last:
            holding.order(function, moment)
        assert kill(stage, camel(function)) >= 1
    accepted_with_sweeps(stage, deal, RECOVERY)
    [body] = stage.at_nrs(deal)
    assert stage.nrs.get("/invoices", irn=body["irn"])["sign_attempts"][body["irn"]] == 1


def test_run_sync_job_killed_twice_after_everything_is_stored_gives_one_invoice(
    stage: Slice, holding: HoldingPoints
) -> None:
    deal = stage.new_deal()
    holding.order("run_sync_job", "after")
    with quick_redelivery(stage):
        stage.win(deal)
        for last in (False, True):
            holding.wait_until_held("run_sync_job")
            if not last:
                holding.order("run_sync_job", "after")
            assert kill(stage, "RunSyncJob") >= 1
        accepted_with_sweeps(stage, deal, RECOVERY)
        stage.settle()
    assert len(stage.at_nrs(deal)) == 1
