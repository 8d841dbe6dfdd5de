"""A deal edited after its invoice was accepted: question, answer, credit note at NRS, over the deployed stage."""

from decimal import Decimal
from typing import Any

import pytest

from infra_cdk.local.polling import poll_until
from taxpoynt.services.answer_question import AnswerQuestion, question_id
from taxpoynt.services.steps import Stores
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.workflows import StepFunctionsStarter
from tests.e2e.harness import PATIENCE, Slice

pytestmark = pytest.mark.local_stage


def stores(stage: Slice) -> Stores:
    """What the portal's function reads and writes."""
    dynamodb, clock, outputs = stage.aws("dynamodb"), SystemClock(), stage.deployed.outputs
    return Stores(
        sales=DynamoSaleStore(dynamodb, outputs["InvoicesTable"], clock),
        connections=DynamoConnectionStore(dynamodb, outputs["ConnectionsTable"]),
        blobs=S3BlobStore(stage.aws("s3"), outputs["RawBucket"]),
        clock=clock,
    )


def correction_in(stage: Slice, sale_id: str, state: str) -> dict[str, Any]:
    """Wait for a correction of a deal."""

    def look() -> dict[str, Any] | None:
        mine = stage.api.invoices(stage.merchant)
        return next((one for one in mine if one["sale_id"] == sale_id and one["state"] == state), None)

    return poll_until(look, f"{sale_id} to be {state}", seconds=PATIENCE, every=0.2)


def cheaper(stage: Slice, deal: int) -> None:
    """Somebody lowers the price of the deal's first product; Pipedrive tells our webhook."""
    lines = stage.pipedrive.get(f"/deals/{deal}")["products"]
    price = Decimal(str(lines[0]["item_price"])) - 100
    stage.pipedrive.send("PATCH", f"/deals/{deal}/products/{lines[0]['id']}", {"item_price": float(price)})


def test_a_lowered_amount_asks_and_the_answer_becomes_a_credit_note_at_nrs(stage: Slice) -> None:
    deal = stage.new_deal()
    stage.win(deal)
    invoice = stage.sale_in(deal, "completed")
    cheaper(stage, deal)
    question = correction_in(stage, f"{deal}:C1", "needs_attention")
    assert [fault["code"] for fault in question["faults"]] == ["CHANGE-002"]
    mine = stores(stage)
    answer = AnswerQuestion(
        mine,
        StepFunctionsStarter(stage.aws("stepfunctions"), conversion=stage.deployed.outputs["InvoiceConversionArn"]),
    )
    record = mine.sales.get(stage.merchant, "pipedrive", f"{deal}:C1")
    answer(
        stage.merchant, "pipedrive", record.sale_id, choice="issue", seen=question_id(record), who="e2e", why="agreed"
    )
    note = correction_in(stage, f"{deal}:C1", "completed")
    told = [body for body in stage.at_nrs(deal) if body["irn"] == note["irn"]]
    assert [body["invoice_type_code"] for body in told] == ["380"]
    assert [one["irn"] for one in told[0]["billing_reference"]] == [invoice["irn"]]
    assert 0 < told[0]["legal_monetary_total"]["payable_amount"] < stage.payable(deal)


def test_a_merchant_who_chose_so_gets_the_credit_note_of_a_lost_deal_at_once(stage: Slice) -> None:
    store = stores(stage).connections
    stored = store.get_merchant(stage.merchant)
    defaults = stored.profile.defaults.model_copy(update={"changes_after_acceptance": "correct"})
    changed = stored.profile.model_copy(update={"defaults": defaults})
    stored = store.put_merchant(stage.merchant, changed, expected_version=stored.version)
    try:
        deal = stage.new_deal()
        stage.win(deal)
        stage.sale_in(deal, "completed")
        stage.pipedrive.send("PATCH", f"/deals/{deal}", {"status": "lost"})
        note = correction_in(stage, f"{deal}:C1", "completed")
        assert Decimal(note["total"]) == stage.payable(deal)
    finally:
        usual = stored.profile.model_copy(
            update={"defaults": stored.profile.defaults.model_copy(update={"changes_after_acceptance": "ask"})}
        )
        store.put_merchant(stage.merchant, usual, expected_version=stored.version)
