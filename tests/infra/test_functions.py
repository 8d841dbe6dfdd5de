"""Every function is deployed from its folder, alike, with exactly the environment it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import Stack

from infra_cdk.app import ROOT
from infra_cdk.constructs.thin_function import EnvironmentMismatch, ThinFunction, check_environment
from infra_cdk.functions import SIZES, camel, check_folders, settings_of
from infra_cdk.grants import GRANTS
from taxpoynt.settings import StartOauthSettings, variables
from tests.infra.templates import Assembly

FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
OAUTH = {
    "STAGE": "dev",
    "CONNECTIONS_TABLE": "c",
    "PUBLIC_URL": "https://x",
    "PLATFORM_SECRET_PREFIX": "p/",
    "PLATFORM_ENDPOINTS": "{}",
}


def test_every_folder_is_deployed_and_every_function_has_a_folder(any_stage: Assembly) -> None:
    assert sorted(any_stage.functions()) == FOLDERS == sorted(GRANTS)
    assert len(any_stage.of_type("AWS::Lambda::Function")) == len(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_function_runs_on_the_newest_python_for_arm_with_both_layers_and_traces(prod: Assembly, name: str) -> None:
    function = prod.functions()[name]
    assert function["Runtime"] == "python3.14"
    assert function["Architectures"] == ["arm64"]
    assert function["Handler"] == "handler.handler"
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert [prod.template["Resources"][layer["Ref"]]["Type"] for layer in function["Layers"]] == [
        "AWS::Lambda::LayerVersion"
    ] * 2


@pytest.mark.parametrize("name", FOLDERS)
def test_a_function_gets_exactly_the_settings_it_reads(any_stage: Assembly, name: str) -> None:
    given = any_stage.functions()[name]["Environment"]["Variables"]
    assert {key for key in given if not key.startswith("POWERTOOLS_")} == set(variables(settings_of(name)))
    assert given["POWERTOOLS_SERVICE_NAME"] == name


def test_a_missing_environment_name_is_refused_at_synth() -> None:
    without = {key: value for key, value in OAUTH.items() if key != "PUBLIC_URL"}
    with pytest.raises(EnvironmentMismatch, match=r"start_oauth.*missing PUBLIC_URL"):
        check_environment("start_oauth", StartOauthSettings, without)


def test_an_empty_required_value_counts_as_missing() -> None:
    with pytest.raises(EnvironmentMismatch, match="missing PUBLIC_URL"):
        check_environment("start_oauth", StartOauthSettings, {**OAUTH, "PUBLIC_URL": ""})


def test_a_name_that_nothing_reads_is_refused_at_synth() -> None:
    with pytest.raises(EnvironmentMismatch, match="unknown RAW_BUKCET"):
        check_environment("start_oauth", StartOauthSettings, {**OAUTH, "RAW_BUKCET": "b"})


def test_the_construct_itself_refuses_an_environment_that_does_not_fit() -> None:
    with pytest.raises(EnvironmentMismatch):
        ThinFunction(
            Stack(),
            "start_oauth",
            settings=StartOauthSettings,
            environment={"STAGE": "dev"},
            folder=ROOT / "functions" / "start_oauth",
            layers=[],
            size=SIZES["start_oauth"],
            log_days=7,
        )


def test_what_fits_is_taken() -> None:
    check_environment("start_oauth", StartOauthSettings, OAUTH)


def test_a_folder_without_a_size_stops_the_synth(tmp_path: Path) -> None:
    for name in [*SIZES, "pay_tax"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "handler.py").touch()
    with pytest.raises(LookupError, match="functions/pay_tax is not deployed"):
        check_folders(tmp_path)


def test_a_missing_folder_stops_the_synth(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"handler\.py is missing"):
        check_folders(tmp_path)


@pytest.mark.parametrize("name", FOLDERS)
def test_logs_go_to_a_group_of_their_own_with_a_retention(any_stage: Assembly, name: str) -> None:
    group = any_stage.functions()[name]["LoggingConfig"]["LogGroup"]["Ref"]
    assert group == any_stage.id_of("AWS::Logs::LogGroup", f"{camel(name)}Logs")


def test_no_log_is_kept_for_ever(any_stage: Assembly) -> None:
    groups = any_stage.props("AWS::Logs::LogGroup")
    assert all(0 < group["RetentionInDays"] <= 90 for group in groups.values())


def test_production_keeps_access_logs_ninety_days(prod: Assembly) -> None:
    group = prod.props("AWS::Logs::LogGroup")[prod.id_of("AWS::Logs::LogGroup", "HttpAccessLogs")]
    assert group["RetentionInDays"] == 90


def test_the_ack_path_has_capacity_of_its_own_and_nrs_is_spared(any_stage: Assembly) -> None:
    functions = any_stage.functions()
    kept = {
        name: f["ReservedConcurrentExecutions"] for name, f in functions.items() if "ReservedConcurrentExecutions" in f
    }
    assert set(kept) == {"receive_webhook", "submit_invoice", "recover_submission", "deliver_invoice"}
    assert kept["receive_webhook"] >= 20
    assert kept["submit_invoice"] + kept["recover_submission"] + kept["deliver_invoice"] <= 60


def test_functions_behind_the_api_answer_before_the_gateway_gives_up(prod: Assembly) -> None:
    behind = {str(i["IntegrationUri"]) for i in prod.props("AWS::ApiGatewayV2::Integration").values()}
    for name, function in prod.functions().items():
        if any(prod.id_of("AWS::Lambda::Function", f"{camel(name)}Function") in uri for uri in behind):
            assert function["Timeout"] < 30, name


def test_no_secret_is_in_any_environment(any_stage: Assembly) -> None:
    for function in any_stage.functions().values():
        values = str(function["Environment"]["Variables"])
        assert "resolve:secretsmanager" not in values
        assert "SecretString" not in values


def test_what_the_scheduler_invokes_leaves_missed_runs_in_a_dead_letter_queue(prod: Assembly) -> None:
    dead = {"Fn::GetAtt": [prod.id_of("AWS::SQS::Queue", "SchedulesDeadLetters"), "Arn"]}
    schedules = prod.props("AWS::Scheduler::Schedule").values()
    rates = {schedule["ScheduleExpression"] for schedule in schedules}
    assert rates == {"rate(1 minute)", "rate(1 hour)", "rate(1 day)"}
    for schedule in schedules:
        assert schedule["Target"]["DeadLetterConfig"] == {"Arn": dead}
        assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] <= 3
    for name in ("schedule_syncs", "sweep_stalled"):
        assert prod.functions()[name]["DeadLetterConfig"] == {"TargetArn": dead}
