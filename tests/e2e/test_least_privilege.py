"""Roles may do what they are for and nothing else, as the emulator enforces IAM and key policies."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from taxpoynt.services import jobs
from tests.e2e.harness import Slice

pytestmark = pytest.mark.local_stage

CONTEXT = {"merchant": "m_test", "connection": "c_test", "connector": "pipedrive"}


def as_role_of(stage: Slice, function: str, service: str) -> Any:
    """A client with the credentials of a function's role."""
    name = stage.deployed.outputs[f"{function}Name"]
    role = stage.aws("lambda").get_function_configuration(FunctionName=name)["Role"]
    made = stage.aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(  # type: ignore[call-overload]  # the overloads want a literal service name
        service,
        region_name="us-east-1",
        endpoint_url=stage.layout.aws,
        verify=str(stage.layout.trust),
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )


def wrapped_key(stage: Slice) -> bytes:
    key = stage.deployed.outputs["TokensKeyArn"]
    made = stage.aws("kms").generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    return bytes(made["CiphertextBlob"])


@pytest.mark.parametrize("function", ["ReceiveWebhook", "FinishOauth", "ServeApi", "ServeConnect", "SubmitInvoice"])
def test_no_other_role_can_decrypt_tokens(stage: Slice, function: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role_of(stage, function, "kms").decrypt(CiphertextBlob=wrapped_key(stage), EncryptionContext=CONTEXT)


def test_the_one_role_decrypts_tokens_but_only_with_their_context(stage: Slice) -> None:
    kms = as_role_of(stage, "RunSyncJob", "kms")
    assert kms.decrypt(CiphertextBlob=wrapped_key(stage), EncryptionContext=CONTEXT)["Plaintext"]
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        kms.decrypt(CiphertextBlob=wrapped_key(stage), EncryptionContext={**CONTEXT, "merchant": "m_other"})
    with pytest.raises(ClientError, match=r"AccessDenied|InvalidCiphertext"):
        kms.decrypt(CiphertextBlob=wrapped_key(stage))


def test_the_webhook_role_cannot_read_invoices_or_nrs_keys(stage: Slice) -> None:
    table = stage.deployed.outputs["InvoicesTable"]
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role_of(stage, "ReceiveWebhook", "dynamodb").get_item(
            TableName=table, Key={"pk": {"S": "x"}, "sk": {"S": "x"}}
        )
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role_of(stage, "ReceiveWebhook", "secretsmanager").get_secret_value(
            SecretId=stage.deployed.outputs["NrsSecret"]
        )


def test_only_the_submitting_roles_read_the_nrs_keys(stage: Slice) -> None:
    secret = stage.deployed.outputs["NrsSecret"]
    assert as_role_of(stage, "SubmitInvoice", "secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role_of(stage, "RunSyncJob", "secretsmanager").get_secret_value(SecretId=secret)


def test_a_batch_of_jobs_needs_what_one_job_needs(stage: Slice) -> None:
    nobodys = jobs.make("watch", "m_none", "c_none", "pipedrive")
    entries = [{"Id": "0", "MessageBody": json.dumps(nobodys)}]
    queue, stranger = stage.deployed.outputs["BulkQueueUrl"], as_role_of(stage, "SubmitInvoice", "sqs")
    sent = as_role_of(stage, "ServeConnect", "sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    assert not sent.get("Failed")
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.send_message_batch(QueueUrl=queue, Entries=entries)
