"""Our secrets by name. Their values are placeholders until the operator fills them; none is in the template."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra_cdk.findings import accept


class Secrets(Construct):
    """`taxpoynt/<stage>/operator`, `…/nrs` and `…/platforms/<connector>` for each connector that ships.

    Grants name a secret's ARN with its six random characters left open: `Ref` is the ARN on AWS and the name elsewhere.
    """

    def __init__(self, scope: Construct, *, stage: str, connectors: Sequence[str], keep: bool) -> None:
        super().__init__(scope, "Secrets")
        self._keep = keep
        self.operator = f"taxpoynt/{stage}/operator"
        self.nrs = f"taxpoynt/{stage}/nrs"
        # a merchant with a key pair of its own: taxpoynt/<stage>/nrs/<merchant>, made by the operator
        self.merchants_nrs = f"taxpoynt/{stage}/nrs/*"
        # the login at a Valkey or Redis for the rate budgets, made by the operator where the stage has one
        self.rate_budget = f"taxpoynt/{stage}/rate-budget"
        self.platform_prefix = f"taxpoynt/{stage}/platforms/"
        # of one connection's webhook, where a platform gives each its own: …/<connector>/<connection>, by the operator
        self.webhook_prefix = f"taxpoynt/{stage}/webhooks/"
        self.platforms = [f"{self.platform_prefix}{connector}" for connector in connectors]
        self._secret("Operator", self.operator, {}, "token", "The operator's bearer token; generated.")
        self._secret("Nrs", self.nrs, {"api_key": ""}, "api_secret", "NRS integrator key pair; fill in both.")
        for connector, name in zip(connectors, self.platforms, strict=True):
            text = f"Our app's credentials at {connector}; fill in both."
            self._secret(connector, name, {"client_id": ""}, "client_secret", text)

    def _secret(self, id_: str, name: str, fixed: dict[str, str], generated: str, description: str) -> None:
        secret = secretsmanager.Secret(
            self,
            id_,
            secret_name=name,
            description=description,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps(fixed),
                generate_string_key=generated,
                password_length=48,
                exclude_punctuation=True,
            ),
            removal_policy=RemovalPolicy.RETAIN if self._keep else RemovalPolicy.DESTROY,
        )
        reason = "Issued by NRS, a platform or the operator, who rotate it there; no function of ours could."
        accept(secret, reason, "AwsSolutions-SMG4")

    def named(self, group: str) -> list[str]:
        """Full names of `operator`, `nrs` (also every merchant's own), `rate_budget`, all `platforms` or `webhooks`."""
        nrs = [self.nrs, self.merchants_nrs]
        single = {"operator": [self.operator], "rate_budget": [self.rate_budget]}
        return {**single, "nrs": nrs, "platforms": self.platforms, "webhooks": [f"{self.webhook_prefix}*"]}[group]


def secret_arn(name: str) -> str:
    """ARN pattern of secret `name`: Secrets Manager adds a dash and six characters."""
    return f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{name}-??????"
