"""A stack with known faults: what checks our template must catch these, or it checks nothing."""

from __future__ import annotations

from typing import Any

from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

CAUGHT = {
    "AwsSolutions-S1",
    "AwsSolutions-S10",
    "AwsSolutions-SQS3",
    "AwsSolutions-SQS4",
    "AwsSolutions-SNS3",
    "AwsSolutions-DDB3",
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
    "AwsSolutions-IAM5[Action::s3:*]",
    "AwsSolutions-IAM5[Resource::*]",
    "AwsSolutions-L1",
    "AwsSolutions-APIG1",
    "Serverless-LambdaTracing",
    "Serverless-LambdaDLQ",
    "Serverless-SQSRedrivePolicy",
    "Serverless-APIGWDefaultThrottling",
}


class Canary(Stack):
    def __init__(self, app: App) -> None:
        super().__init__(app, "Canary")
        s3.Bucket(self, "Bucket")
        sqs.Queue(self, "Queue")
        sns.Topic(self, "Topic")
        dynamodb.Table(self, "Table", partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING))
        function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_11,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return None"),
        )
        function.add_to_role_policy(iam.PolicyStatement(actions=["s3:*"], resources=["*"]))
        api.HttpApi(self, "Api")


class HiddenCanary(Stack):
    """Its one finding is accepted without the pack in front of the id, which hides it from the report."""

    def __init__(self, app: App) -> None:
        super().__init__(app, "Hidden")
        topic = sns.Topic(self, "Topic")
        Validations.of(topic).acknowledge(Acknowledgment(id="AwsSolutions-SNS3", reason="hidden"))


BROKEN_TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.99",
                "Handler": "handler.handler",
                "Role": {"Ref": "Nobody"},
                "Code": {"ZipFile": "x"},
                "Timeout": 9000,
            },
        },
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": "arn:aws:iam::111122223333:role/r",
                "DefinitionString": '{"StartAt": "Gone", "States": {"A": {"Type": "Pasta"}}}',
            },
        },
    }
}
