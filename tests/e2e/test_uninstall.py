"""A customer removes the app at the platform, and comes back. Last of the shared stage: it ends the connection."""

import pytest
import requests

from infra_cdk.local.polling import poll_until
from tests.e2e.harness import PATIENCE, Json, Slice, basic

pytestmark = pytest.mark.local_stage


def active(stage: Slice) -> list[Json]:
    return [link for link in stage.api.connections(stage.merchant) if link["status"] == "active"]


def test_an_uninstall_signal_of_somebody_else_changes_nothing(stage: Slice) -> None:
    forged = requests.delete(
        f"{stage.url}/oauth/pipedrive/callback",
        json={"client_id": "taxpoynt-demo-client", "company_id": stage.company, "user_id": 1},
        headers={"Authorization": basic("taxpoynt-demo-client", "not our secret")},
        timeout=30,
    )
    assert forged.status_code == 401
    assert active(stage)


def test_an_uninstalled_connection_ends_and_can_be_made_again(stage: Slice) -> None:
    told = stage.pipedrive.send("POST", "/uninstall", {})
    assert told["answer"] == 200
    poll_until(lambda: not active(stage), "the connection to end", seconds=PATIENCE)
    stage.settle()
    stage.connection = stage.connect()
    deal = stage.new_deal()
    stage.win(deal)
    stage.accepted(deal)
    assert len(stage.at_nrs(deal)) == 1
