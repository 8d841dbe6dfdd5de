"""Stages are settings: the same resources everywhere, only values differ."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

from infra_cdk.local.demo_connectors import discover
from infra_cdk.stages import PRODUCTION_NRS, SANDBOX_NRS, StageError, settings
from tests.infra.templates import Assembly


def _no_context(_: str) -> Any:
    return None


def test_every_stage_has_the_same_resources_under_the_same_ids(assemblies: dict[str, Assembly]) -> None:
    shapes = [
        {key: (res["Type"], sorted(res["Properties"])) for key, res in one.template["Resources"].items()}
        for one in assemblies.values()
    ]
    # layer versions carry the hash of their content in the id; the content is the same here
    assert shapes[0] == shapes[1] == shapes[2]


def test_the_local_aws_knows_every_resource_type(any_stage: Assembly) -> None:
    types = {res["Type"] for res in any_stage.template["Resources"].values()}
    assert types <= set(_RESOURCE_HANDLERS)


def test_the_stack_is_far_from_the_limits_of_cloudformation(prod: Assembly) -> None:
    assert len(prod.template["Resources"]) < 400
    assert len(prod.template["Outputs"]) < 150


def test_the_template_holds_no_address_of_the_machine_that_made_it(assemblies: dict[str, Assembly]) -> None:
    for stage in ("dev", "prod"):
        text = str(assemblies[stage].template)
        assert "localhost" not in text
        assert "127.0.0.1" not in text


@pytest.mark.parametrize(("stage", "url"), [("dev", SANDBOX_NRS), ("prod", PRODUCTION_NRS)])
def test_each_stage_talks_to_its_own_nrs(assemblies: dict[str, Assembly], stage: str, url: str) -> None:
    environment = assemblies[stage].functions()["submit_invoice"]["Environment"]["Variables"]
    assert environment["NRS_BASE_URL"] == url


def test_only_the_local_stage_replaces_platform_hosts(assemblies: dict[str, Assembly]) -> None:
    found = {
        stage: one.functions()["start_oauth"]["Environment"]["Variables"]["PLATFORM_ENDPOINTS"]
        for stage, one in assemblies.items()
    }
    local = json.loads(found.pop("local"))
    assert local == {one.name: f"http://localhost:{one.port}" for one in discover()}
    assert local["pipedrive"] == "http://localhost:9101"
    assert found == {"dev": "{}", "prod": "{}"}


def test_outputs_name_what_the_local_stage_and_an_operator_look_for(any_stage: Assembly) -> None:
    outputs = set(any_stage.template["Outputs"])
    assert {
        "ApiId",
        "ApiUrl",
        "PublicUrl",
        "CatalogueTable",
        "ConnectionsTable",
        "EventsTable",
        "InvoicesTable",
        "RawBucket",
        "PosQueueUrl",
        "CrmQueueUrl",
        "BulkQueueUrl",
        "PosDeadLetterUrl",
        "AlertsTopicArn",
        "TokensKeyArn",
        "InvoiceConversionArn",
        "SubmissionRecoveryArn",
        "OperatorSecret",
        "NrsSecret",
        "PlatformSecretPrefix",
        "ReceiveWebhookName",
    } <= outputs


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(StageError, match="unknown stage 'qa'"):
        settings("qa", _no_context)


def test_production_refuses_the_sandbox_of_nrs() -> None:
    with pytest.raises(StageError, match="sandbox"):
        settings("prod", {"nrs_base_url": SANDBOX_NRS}.get)


@pytest.mark.parametrize(
    "url", ["https://nrs.example/", "http://nrs.example", "nrs.example", "https://nrs.example/api"]
)
def test_an_address_that_is_not_a_secure_origin_is_refused(url: str) -> None:
    with pytest.raises(StageError, match="nrs_base_url must be an origin"):
        settings("prod", {"nrs_base_url": url}.get)


def test_a_domain_needs_its_certificate() -> None:
    with pytest.raises(StageError, match="needs both"):
        settings("prod", {"domain_name": "connect.example.ng"}.get)


def test_the_command_line_overrides_the_stage() -> None:
    assert settings("prod", {"nrs_base_url": "https://nrs.example"}.get).nrs_base_url == "https://nrs.example"


@pytest.mark.parametrize(
    "url", ["redis://cache:6379/0", "rediss://user:secret@cache:6379", "rediss://cache/0?password=x", "http://cache"]
)
def test_the_place_of_the_rate_budgets_is_the_table_or_an_address_over_tls_without_a_password(url: str) -> None:
    assert settings("dev", _no_context).rate_budget_url == "table"
    good = "rediss://cache.example.ng:6379/0"
    assert settings("dev", {"rate_budget_url": good}.get).rate_budget_url == good
    with pytest.raises(StageError, match="rate_budget_url"):
        settings("dev", {"rate_budget_url": url}.get)
