"""Each role may do what its function does, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra_cdk.functions import SIZES, camel
from tests.infra.templates import Assembly, listed

GOLDEN = Path(__file__).parent / "golden" / "iam_actions.json"
CRYPTO = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncrypt", "kms:CreateGrant", "kms:*")


def role_of(assembly: Assembly, name: str) -> str:
    return assembly.id_of("AWS::IAM::Role", f"{camel(name)}Role")


def test_actions_of_every_role_are_those_last_reviewed(prod: Assembly, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN, json.dumps({name: prod.allowed(role_of(prod, name)) for name in sorted(SIZES)}, indent=1) + "\n")


def test_no_policy_names_an_action_by_wildcard(any_stage: Assembly) -> None:
    for role in any_stage.of_type("AWS::IAM::Role"):
        for statement in any_stage.statements(role):
            assert not [action for action in listed(statement["Action"]) if "*" in action]


def test_roles_lean_on_no_managed_policy(any_stage: Assembly) -> None:
    assert not [role for role in any_stage.props("AWS::IAM::Role").values() if "ManagedPolicyArns" in role]


def test_any_resource_is_allowed_only_to_actions_that_know_no_resource(any_stage: Assembly) -> None:
    for role in any_stage.of_type("AWS::IAM::Role"):
        for action in any_stage.allowed(role).get("*", []):
            assert action.startswith(("xray:Put", "xray:GetSampling", "logs:")), f"{role}: {action}"


def test_every_function_has_a_role_of_its_own(prod: Assembly) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in prod.functions().values()]
    assert len(set(roles)) == len(roles)


def test_only_run_sync_job_decrypts_tokens_and_only_finish_oauth_besides_makes_them(any_stage: Assembly) -> None:
    key = any_stage.id_of("AWS::KMS::Key", "TokensKey")
    may: dict[str, set[str]] = {}
    for role in any_stage.of_type("AWS::IAM::Role"):
        for statement in any_stage.statements(role):
            if {"Fn::GetAtt": [key, "Arn"]} in listed(statement["Resource"]):
                may.setdefault(role, set()).update(listed(statement["Action"]))
    assert may == {
        role_of(any_stage, "run_sync_job"): {"kms:Decrypt", "kms:GenerateDataKey"},
        role_of(any_stage, "finish_oauth"): {"kms:GenerateDataKey"},
    }


def test_the_tokens_key_itself_lets_nobody_else_use_it_whatever_their_policy_says(any_stage: Assembly) -> None:
    key = any_stage.props("AWS::KMS::Key")[any_stage.id_of("AWS::KMS::Key", "TokensKey")]
    users: dict[str, set[str]] = {}
    for statement in key["KeyPolicy"]["Statement"]:
        used = {action for action in listed(statement["Action"]) if action.startswith(CRYPTO)}
        if used:
            condition = statement["Condition"]
            assert condition["Null"] == {"kms:EncryptionContextKeys": "false"}
            users[condition["ArnEquals"]["aws:PrincipalArn"]["Fn::GetAtt"][0]] = used
    assert users == {
        role_of(any_stage, "run_sync_job"): {"kms:Decrypt", "kms:GenerateDataKey"},
        role_of(any_stage, "finish_oauth"): {"kms:GenerateDataKey"},
    }


def test_functions_use_the_data_key_only_through_services(prod: Assembly) -> None:
    key = {"Fn::GetAtt": [prod.id_of("AWS::KMS::Key", "DataKey"), "Arn"]}
    uses = [
        statement
        for name in SIZES
        for statement in prod.statements(role_of(prod, name))
        if key in listed(statement["Resource"])
        # Lambda's own dead-letter delivery, granted by CDK to the two scheduled functions
        and "Condition" in statement
    ]
    assert len(uses) >= len(SIZES)
    for statement in uses:
        assert set(statement["Condition"]) == {"StringEquals"}
        assert set(statement["Condition"]["StringEquals"]) == {"kms:ViaService"}


@pytest.mark.parametrize("name", ["serve_connect", "serve_api", "serve_console", "start_oauth", "receive_webhook"])
def test_pages_and_webhooks_reach_neither_tokens_nor_nrs(prod: Assembly, name: str) -> None:
    allowed = json.dumps(prod.allowed(role_of(prod, name)))
    assert "TokensKey" not in allowed
    assert "/nrs-" not in allowed


def test_nobody_may_delete_objects_or_lift_locks(any_stage: Assembly) -> None:
    actions = {
        action
        for role in any_stage.of_type("AWS::IAM::Role")
        for statement in any_stage.statements(role)
        for action in listed(statement["Action"])
    }
    assert not [
        a for a in actions if a.startswith(("s3:Delete", "s3:Bypass", "s3:PutObjectRetention", "dynamodb:Scan"))
    ]
