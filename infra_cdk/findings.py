"""Accepted cdk-nag findings. Each call carries the reason, next to the resource it is about."""

from __future__ import annotations

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def accept(construct: IConstruct, reason: str, *rules: str) -> None:
    """Accepts findings such as `AwsSolutions-L1` on `construct` and below.

    The id is recorded with its pack in front: without that, cdk-nag 3 drops the finding before it reaches the report.
    """
    for rule in rules:
        pack = rule.partition("-")[0]
        Validations.of(construct).acknowledge(Acknowledgment(id=f"{pack}::{rule}", reason=reason))


def accept_wildcards(construct: IConstruct, reason: str, resources: list[str]) -> None:
    """Accepts IAM resource patterns, each by its exact text; patterns without `*` are no finding."""
    stack = Stack.of(construct)
    for resource in resources:
        flat = flatten(stack.resolve(resource))
        if "*" in flat:
            accept(construct, reason, f"AwsSolutions-IAM5[Resource::{flat}]")


def flatten(value: Any) -> str:
    """A resolved CloudFormation value in cdk-nag's spelling: `<LogicalId.Arn>/*`."""
    if isinstance(value, str):
        return value
    match value:
        case {"Fn::Join": [str(delimiter), list(items)]}:
            return delimiter.join(flatten(item) for item in items)
        case {"Fn::GetAtt": [str(resource), str(attribute)]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": str(name)}:
            return f"<{name}>"
    raise TypeError(f"no cdk-nag spelling for {value!r}")
