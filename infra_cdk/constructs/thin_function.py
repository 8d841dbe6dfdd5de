"""One Lambda function: a folder, its settings dataclass, a role of its own. Nothing is set here by copying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.findings import accept
from infra_cdk.functions import Size, camel
from infra_cdk.outside import VARIABLE
from taxpoynt.settings import Settings, variables

RETENTION = {7: logs.RetentionDays.ONE_WEEK, 30: logs.RetentionDays.ONE_MONTH, 90: logs.RetentionDays.THREE_MONTHS}


class EnvironmentMismatch(ValueError):
    """The environment given to a function is not what its settings dataclass reads."""


def check_environment(name: str, settings: type[Settings], environment: Mapping[str, str]) -> None:
    """Refuses a required name that is missing or empty and a name that nothing reads; tells all of them at once."""
    wanted = variables(settings)
    missing = sorted(key for key, required in wanted.items() if required and not environment.get(key))
    unknown = sorted(environment.keys() - wanted.keys())
    if missing or unknown:
        wrong = [f"missing {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
        raise EnvironmentMismatch(
            f"functions/{name}: {settings.__name__} does not match its environment: {'; '.join(wrong)}"
        )


class ThinFunction(Construct):
    """functions/<name> on the newest Python for arm64; `add` gives its role one more right."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: type[Settings],
        environment: Mapping[str, str],
        folder: Path,
        layers: Sequence[lambda_.ILayerVersion],
        size: Size,
        log_days: int,
        reserved: int | None = None,
        dead_letters: sqs.IQueue | None = None,
        connectors: str | None = None,
    ) -> None:
        super().__init__(scope, camel(name))
        check_environment(name, settings, environment)
        self.name = name
        self.log_group = logs.LogGroup(
            self, "Logs", retention=RETENTION[log_days], removal_policy=RemovalPolicy.DESTROY
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"TaxPoynt {name}",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(folder), exclude=["**/__pycache__", "**/*.pyc"]),
            layers=list(layers),
            role=self.role,
            log_group=self.log_group,
            tracing=lambda_.Tracing.ACTIVE,
            memory_size=size.memory,
            timeout=Duration.seconds(size.timeout),
            reserved_concurrent_executions=reserved,
            dead_letter_queue=dead_letters,
            environment={**environment, **_powertools(name), **({VARIABLE: connectors} if connectors else {})},
        )
        # Instead of the managed basic execution policy, which may write to every log group of the account. GetAtt of a
        # log group is its ARN with `:*`, the streams in it.
        self.add(["logs:CreateLogStream", "logs:PutLogEvents"], [self.log_group.log_group_arn])
        accept(self.role, "X-Ray's two write actions know no resource.", "AwsSolutions-IAM5[Resource::*]")
        if dead_letters is None:
            reason = "Invoked synchronously or by a queue, where a function's own dead-letter target is never used."
            accept(self.function, reason, "Serverless-LambdaDLQ")

    def add(
        self, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, object] | None = None
    ) -> None:
        """Allows `actions` on `resources`."""
        statement = iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
        self.role.add_to_policy(statement)


def _powertools(name: str) -> dict[str, str]:
    return {
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "TaxPoynt",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        # traces carry no answers: they may hold buyer data
        "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false",
    }
