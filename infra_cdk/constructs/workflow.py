"""A state machine from statemachines/<name>.asl.json, its placeholders filled by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra_cdk.constructs.thin_function import RETENTION
from infra_cdk.findings import accept
from infra_cdk.functions import camel

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


class UnknownPlaceholder(LookupError):
    """A state machine names something that nothing is called."""


def placeholders(definition: Path) -> set[str]:
    """Names in `${…}` in the file."""
    return set(_PLACEHOLDER.findall(definition.read_text()))


class Workflow(Construct):
    """Express for the happy path, Standard for what waits. May invoke and start only what its file names.

    functions, machines: what `${ConvertSaleArn}`, `${SubmissionRecoveryArn}` and the like may stand for.
    """

    def __init__(
        self,
        scope: Construct,
        definition: Path,
        *,
        kind: sfn.StateMachineType,
        functions: Mapping[str, str],
        machines: Mapping[str, str],
        log_days: int,
    ) -> None:
        name = definition.name.partition(".")[0]
        super().__init__(scope, camel(name))
        used = sorted(placeholders(definition))
        arns = {**functions, **machines}
        if unknown := [key for key in used if key not in arns]:
            raise UnknownPlaceholder(
                f"{definition.name}: nothing is called {', '.join(unknown)}; write ${{<CamelName>Arn}}"
            )
        self.name = name
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_string(definition.read_text()),
            definition_substitutions={key: arns[key] for key in used},
            state_machine_type=kind,
            role=role,
            tracing_enabled=True,
            # errors without data: the ledger has the history, and an input of ids is all there would be to see
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self, "Logs", retention=RETENTION[log_days], removal_policy=RemovalPolicy.DESTROY
                ),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
        )
        for key in used:
            action = "lambda:InvokeFunction" if key in functions else "states:StartExecution"
            role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[arns[key]]))
        accept(self.machine, "Every event would cost more than the execution; errors are logged.", "AwsSolutions-SF1")
        reason = "X-Ray's and log delivery's actions know no resource."
        accept(role, reason, "AwsSolutions-IAM5[Resource::*]")
