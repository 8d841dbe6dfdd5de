"""A stack of a few resources, for what must hold on the local stage whatever the application is."""

import json
from pathlib import Path
from typing import Any

from infra_cdk.local.assembly import Assembly
from infra_cdk.local.layout import API_NAME

NAME = "Tiny"
HANDLER = """
import os
import boto3

KEY = {"pk": {"S": "1"}}

class Retryable(Exception):
    pass

def handler(event, context):
    print("called")
    action = event.get("action") or (event.get("rawPath") or "").strip("/")
    if action == "fail":
        raise Retryable("as asked")
    if action == "die":
        os._exit(3)
    tables, table = boto3.client("dynamodb"), os.environ["TABLE"]
    if action == "read":
        return tables.get_item(TableName=table, Key=KEY)["ResponseMetadata"]["HTTPStatusCode"]
    if action == "write":
        return tables.put_item(TableName=table, Item=KEY)["ResponseMetadata"]["HTTPStatusCode"]
    seen = {"pid": os.getpid(), "public_url": os.environ["PUBLIC_URL"]}
    return {"statusCode": 200, "body": f"path {event.get('rawPath')}", **seen}
"""


def template() -> dict[str, Any]:
    """CloudFormation of the tiny stack."""
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    read = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": {"Fn::GetAtt": ["Table", "Arn"]}}
    return {
        "Resources": {
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                    "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                },
            },
            "Alarms": {
                "Type": "AWS::CloudWatch::CompositeAlarm",
                "Properties": {"AlarmRule": "TRUE"},
                "DependsOn": "Table",
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "DependsOn": ["Alarms"],
                "Properties": {
                    "AssumeRolePolicyDocument": trust,
                    "Policies": [
                        {"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [read]}}
                    ],
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "tiny",
                    "Runtime": "python3.14",
                    "Architectures": ["arm64"],
                    "Handler": "handler.handler",
                    "Timeout": 10,
                    "ReservedConcurrentExecutions": 5,
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {"S3Bucket": "cdk-hnb659fds-assets-000000000000-us-east-1", "S3Key": "code.zip"},
                    "Environment": {"Variables": {"TABLE": {"Ref": "Table"}, "PUBLIC_URL": "http://localhost:8080"}},
                },
            },
            "Api": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {"Name": API_NAME, "ProtocolType": "HTTP", "Target": {"Fn::GetAtt": ["Function", "Arn"]}},
            },
            "Integration": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": "Api"},
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]},
                    "PayloadFormatVersion": "2.0",
                },
            },
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": "Api"},
                    "RouteKey": "$default",
                    "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
                },
            },
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
            },
        },
        "Outputs": {"Table": {"Value": {"Ref": "Table"}}},
    }


def write_assembly(folder: Path) -> Assembly:
    """The tiny stack as the CDK would leave it on disk."""
    code = folder / "asset.code"
    code.mkdir(parents=True)
    (code / "handler.py").write_text(HANDLER)
    asset = {
        "source": {"path": "asset.code", "packaging": "zip"},
        "destinations": {"here": {"bucketName": "unused", "objectKey": "code.zip"}},
    }
    (folder / f"{NAME}.template.json").write_text(json.dumps(template()))
    (folder / f"{NAME}.assets.json").write_text(json.dumps({"files": {"code": asset}}))
    return Assembly(folder, NAME)
