"""EventBridge Scheduler: what runs by the clock."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.constructs.keys import DataKey


class Schedule(Construct):
    """Invokes `function` at `rate`. A run that cannot be delivered within its minute is dropped: the next one comes."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        function: lambda_.IFunction,
        *,
        rate: str,
        dead_letters: sqs.IQueue,
        key: DataKey,
    ) -> None:
        super().__init__(scope, id_)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function.function_arn]))
        role.add_to_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead_letters.queue_arn]))
        key.allow_through_services(role)
        schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            schedule_expression=rate,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=function.function_arn,
                role_arn=role.role_arn,
                input="{}",
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=60, maximum_retry_attempts=2
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead_letters.queue_arn),
            ),
        )
        schedule.node.add_dependency(role)
