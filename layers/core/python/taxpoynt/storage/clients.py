"""AWS clients, made on demand; importing this opens nothing.

botocore's own session instead of boto3's: the same clients without the resource layer, which the webhook path
cannot afford to import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


@overload
def client(service: Literal["cloudformation"], *, read_timeout: int = ...) -> CloudFormationClient: ...
@overload
def client(service: Literal["dynamodb"], *, read_timeout: int = ...) -> DynamoDBClient: ...
@overload
def client(service: Literal["kms"], *, read_timeout: int = ...) -> KMSClient: ...
@overload
def client(service: Literal["s3"], *, read_timeout: int = ...) -> S3Client: ...
@overload
def client(service: Literal["secretsmanager"], *, read_timeout: int = ...) -> SecretsManagerClient: ...
@overload
def client(service: Literal["sns"], *, read_timeout: int = ...) -> SNSClient: ...
@overload
def client(service: Literal["sqs"], *, read_timeout: int = ...) -> SQSClient: ...
@overload
def client(service: Literal["stepfunctions"], *, read_timeout: int = ...) -> SFNClient: ...
def client(service: str, *, read_timeout: int = 10) -> Any:
    """A low-level client with bounded waiting: 2 s to connect, `read_timeout` s to answer, 4 attempts with jitter."""
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=read_timeout,
        retries={"mode": "standard", "max_attempts": 4},
        inject_host_prefix=False,  # the local stage has one host; none of our calls needs a prefixed one
    )
    return _session().create_client(service, config=config)


@cache
def _session() -> Session:
    """One a process: what it has read of AWS's service models serves every client."""
    from botocore.session import get_session

    return get_session()
