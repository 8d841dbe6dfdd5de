"""Killing a function's process in the middle, twice, loses nothing and doubles nothing."""

import pytest

from tests.e2e.harness import Slice

pytestmark = pytest.mark.local_stage

SLOW = 8.0
"""Seconds that a sandbox holds an answer back, so that the kill comes in the middle."""
RECOVERY = 150.0


@pytest.mark.parametrize("resource", ["/api/v2/deals/{deal}$", "/api/v2/deals/{deal}/products"])
def test_killing_run_sync_job_twice_while_it_fetches_gives_one_invoice(stage: Slice, resource: str) -> None:
    deal = stage.new_deal()
    path = resource.format(deal=deal)
    stage.pipedrive.fault(kind="delay", seconds=SLOW, match={"path": path}, times=2)
    with stage.quick_redelivery("Crm"):
        stage.win(deal)
        for _ in range(2):
            stage.kill_while("RunSyncJob", stage.fault_taken(stage.pipedrive, path))
        stage.accepted(deal, seconds=RECOVERY)
    assert len(stage.at_nrs(deal)) == 1


@pytest.mark.parametrize(
    ("kind", "moment"),
    [("delay", "before NRS has signed"), ("delay_after_commit", "after NRS has signed, before we know")],
)
def test_killing_submit_invoice_twice_gives_one_invoice(stage: Slice, kind: str, moment: str) -> None:
    deal = stage.new_deal()
    stage.nrs.fault(kind=kind, seconds=SLOW, match={"method": "POST", "path": ".*/sign"}, times=2)
    stage.win(deal)
    for function in ("SubmitInvoice", "RecoverSubmission"):
        taken = stage.fault_taken(stage.nrs, ".*/sign")
        stage.kill_while_or_settled(function, taken, deal)
    stage.sweep_until_accepted(deal, seconds=RECOVERY)
    held = stage.at_nrs(deal)
    assert len(held) == 1, moment


@pytest.mark.parametrize("function", ["ConvertSale", "CheckInvoice", "ReserveInvoice", "RecordOutcome"])
def test_a_step_whose_process_is_killed_at_any_time_is_done_again(stage: Slice, function: str) -> None:
    deal = stage.new_deal()
    stage.kill(function)
    stage.win(deal)
    stage.kill_soon_and_often(function)
    stage.sweep_until_accepted(deal, seconds=RECOVERY)
    assert len(stage.at_nrs(deal)) == 1
