"""Killing a function's process in the middle, twice, loses nothing and doubles nothing."""

import pytest

from tests.e2e.crashes import accepted_with_sweeps, fault_taken, kill, kill_when, kill_whenever_seen, quick_redelivery
from tests.e2e.harness import Slice

pytestmark = pytest.mark.local_stage

SLOW = 6.0
"""Seconds that a sandbox holds an answer back, so that the kill comes in the middle."""
RECOVERY = 200.0
SIGN = {"method": "POST", "path": ".*/sign"}


@pytest.mark.parametrize("resource", ["/api/v2/deals/{deal}$", "/api/v2/deals/{deal}/products"])
def test_killing_run_sync_job_twice_while_it_fetches_gives_one_invoice(stage: Slice, resource: str) -> None:
    deal = stage.new_deal()
    stage.pipedrive.fault(kind="delay", seconds=SLOW, match={"path": resource.format(deal=deal)}, times=2)
    with quick_redelivery(stage, "Crm"):
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


@pytest.mark.parametrize("function", ["ConvertSale", "CheckInvoice", "ReserveInvoice", "RecordOutcome"])
def test_a_step_whose_process_is_killed_twice_is_done_again(stage: Slice, function: str) -> None:
    deal = stage.new_deal()
    kill(stage, function)  # an idle process dies: the next call has to start a fresh one, which is what we wait for
    stage.win(deal)
    assert kill_whenever_seen(stage, function, times=2, seconds=20) == 2
    accepted_with_sweeps(stage, deal, RECOVERY)
    assert len(stage.at_nrs(deal)) == 1
