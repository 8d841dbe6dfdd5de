"""Set through the services' own APIs what the emulator's CloudFormation accepts and then drops (local-aws.md, part 3).

The template stays as it is for AWS; after this the stage behaves like it where the emulator can: reserved concurrency
throttles, preflight requests are answered, expired items vanish, locked objects stay.
"""

from collections.abc import Callable, Mapping
from typing import Any

from infra_cdk.local.aws import Clients
from infra_cdk.local.layout import ACCOUNT, REGION

Properties = Mapping[str, Any]
Ids = Mapping[str, str]


def apply_ignored(template: Mapping[str, Any], stack: str, clients: Clients) -> None:
    """Run after every deploy, by boto3 or by the CDK CLI; running it again changes nothing."""
    resources = clients("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    for key, resource in template["Resources"].items():
        if (apply := APPLY.get(resource["Type"])) and key in ids:
            apply(ids[key], resolved(resource.get("Properties", {}), ids), clients)


def resolved(value: Any, ids: Ids) -> Any:
    """Replace references by what they stand for: physical ids, and ARNs of keys (the only ones asked for here)."""
    if isinstance(value, Mapping):
        if set(value) == {"Ref"}:
            return ids.get(value["Ref"], value["Ref"])
        if set(value) == {"Fn::GetAtt"} and value["Fn::GetAtt"][1] == "Arn":
            return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{ids.get(value['Fn::GetAtt'][0], '')}"
        return {key: resolved(item, ids) for key, item in value.items()}
    return [resolved(item, ids) for item in value] if isinstance(value, list) else value


def function(name: str, props: Properties, clients: Clients) -> None:
    """Reserved concurrency; enforced once set."""
    if "ReservedConcurrentExecutions" in props:
        clients("lambda").put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=props["ReservedConcurrentExecutions"]
        )


def http_api(name: str, props: Properties, clients: Clients) -> None:
    """Cross-origin rules; without them every preflight is refused."""
    if "CorsConfiguration" in props:
        clients("apigatewayv2").update_api(ApiId=name, CorsConfiguration=props["CorsConfiguration"])


def table(name: str, props: Properties, clients: Clients) -> None:
    """Time to live and point-in-time recovery."""
    tables = clients("dynamodb")
    if ttl := props.get("TimeToLiveSpecification"):
        now = tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if now == "DISABLED":
            tables.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    if recovery := props.get("PointInTimeRecoverySpecification"):
        tables.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)


def bucket(name: str, props: Properties, clients: Clients) -> None:
    """Encryption, lifecycle (stored, not run) and object lock."""
    store = clients("s3")
    if encryption := props.get("BucketEncryption"):
        rules = [encryption_rule(rule) for rule in encryption["ServerSideEncryptionConfiguration"]]
        store.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    if lifecycle := props.get("LifecycleConfiguration"):
        rules = [lifecycle_rule(rule) for rule in lifecycle["Rules"]]
        store.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    if lock := props.get("ObjectLockConfiguration"):
        store.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    elif props.get("ObjectLockEnabled"):
        store.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})


def encryption_rule(rule: Properties) -> dict[str, Any]:
    """CloudFormation's words for an encryption rule in S3's."""
    default = rule["ServerSideEncryptionByDefault"]
    return {
        "ApplyServerSideEncryptionByDefault": default,
        "BucketKeyEnabled": bool(rule.get("BucketKeyEnabled", False)),
    }


def lifecycle_rule(rule: Properties) -> dict[str, Any]:
    """CloudFormation's words for a lifecycle rule in S3's."""
    tags = rule.get("TagFilters", [])
    parts = {"Prefix": rule["Prefix"]} if rule.get("Prefix") else {}
    both = (
        {"And": {**parts, "Tags": tags}} if tags and (parts or len(tags) > 1) else {"Tag": tags[0]} if tags else parts
    )
    out: dict[str, Any] = {"Status": rule["Status"], "Filter": both or {"Prefix": ""}}
    if "Id" in rule:
        out["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        out["Expiration"] = {"Days": rule["ExpirationInDays"]}
    moves = [{"Days": t["TransitionInDays"], "StorageClass": t["StorageClass"]} for t in rule.get("Transitions", [])]
    if moves:
        out["Transitions"] = moves
    kept = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    return out | {name: rule[name] for name in kept if name in rule}


APPLY: Mapping[str, Callable[[str, Properties, Clients], None]] = {
    "AWS::Lambda::Function": function,
    "AWS::ApiGatewayV2::Api": http_api,
    "AWS::DynamoDB::Table": table,
    "AWS::S3::Bucket": bucket,
}
