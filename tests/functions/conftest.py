"""A stage on moto: tables, bucket, queues, topic, key and secrets, and every variable a function reads."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator

import pytest

import taxpoynt.bootstrap
from taxpoynt.storage.clients import client
from tests.functions.lambda_context import ENVIRONMENT, QUEUES, LambdaContext
from tests.unit.storage.aws import aws, make_key


@pytest.fixture
def context() -> LambdaContext:
    return LambdaContext()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    with aws():
        forget_wiring()
        client("s3").create_bucket(Bucket="raw")
        made = {f"{name.upper()}_QUEUE_URL": client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
        made["ALERTS_TOPIC_ARN"] = client("sns").create_topic(Name="alerts")["TopicArn"]
        made["TOKENS_KEY_ARN"] = make_key()
        secrets = {
            "taxpoynt/dev/nrs": {"api_key": "an-api-key", "api_secret": "an-api-secret"},
            "taxpoynt/dev/platforms/pipedrive": {
                "client_id": "id",
                "client_secret": "a-client-secret-of-forty-hex-characters",
            },
            "taxpoynt/dev/operator": {"token": "t" * 40},
        }
        for name, value in secrets.items():
            client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(value))
        for name, text in (ENVIRONMENT | made).items():
            monkeypatch.setenv(name, text)
        yield made
    forget_wiring()


def forget_wiring() -> None:
    """Every factory is cached for the life of an execution environment; a test is a new one."""
    for found in pkgutil.iter_modules(taxpoynt.bootstrap.__path__):
        module = importlib.import_module(f"taxpoynt.bootstrap.{found.name}")
        for value in vars(module).values():
            if hasattr(value, "cache_clear") and getattr(value, "__module__", "").startswith("taxpoynt.bootstrap"):
                value.cache_clear()
