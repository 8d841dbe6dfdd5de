"""boto3 for one local stage, and the guard that nothing else is ever deployed to."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra_cdk.local.console import Trouble
from infra_cdk.local.layout import ACCOUNT, REGION, Layout


class Clients:
    """boto3 clients of one emulator, made once each. Never reads the machine's own AWS profile or credentials."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        # The emulator's root is the key "test" with the secret "test".
        self._session = boto3.Session("test", "test", region_name=REGION)
        self._client = cache(self._make)

    def __call__(self, service: str) -> Any:
        """The client of a service."""
        return self._client(service)

    def _make(self, service: str) -> object:
        config = Config(inject_host_prefix=False, retries={"max_attempts": 2}, connect_timeout=5)
        return self._session.client(  # type: ignore[call-overload]  # the overloads want a literal service name
            service, endpoint_url=self.layout.aws, verify=str(self.layout.trust), config=config
        )


def require_emulator(clients: Clients) -> None:
    """Refuse to go on unless the endpoint says it is the emulator's account.

    Raises:
        Trouble: another account answered, or nothing did.
    """
    try:
        account = clients("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise Trouble(f"{clients.layout.aws} does not answer as the local AWS: {error}", "make up") from error
    if account != ACCOUNT:
        raise Trouble(f"Refusing to deploy the local stage: account {account} answers, not {ACCOUNT}.")
