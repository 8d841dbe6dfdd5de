"""What ministack 1.5.33 leaves out or fills wrongly when policies decide, so that they decide here as on AWS.

- `aws:PrincipalArn` of a role session is the role's ARN on AWS; ministack gives the session's.
- `kms:EncryptionContextKeys` and `kms:EncryptionContext:<name>` come from the request; ministack knows neither, and a
  condition on them would refuse every call.
- A batch call to SQS needs the permission of the single one (`sqs:SendMessage`); ministack asks for one of its own.

Source: AWS Global Condition Context Keys; Condition Keys for AWS KMS; Actions defined by Amazon SQS.
"""
# ruff: noqa: SLF001 - patching ministack's private names is what this file is for; the pin is exact

import json
import re
from typing import Any

SESSION = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/.+")


def role_of(principal_arn: str) -> str:
    """The role's ARN of a session's ARN (roles without a path, as ours are); any other ARN as it is."""
    found = SESSION.fullmatch(principal_arn)
    return f"arn:{found['partition']}:iam::{found['account']}:role/{found['role']}" if found else principal_arn


def encryption_context_keys(body: bytes) -> dict[str, Any]:
    """The condition keys of a KMS request, in lower case as ministack looks them up; {} without a context."""
    try:
        context = json.loads(body or b"{}").get("EncryptionContext")
    except (ValueError, AttributeError):
        return {}
    if not isinstance(context, dict) or not context:
        return {}
    single = {f"kms:encryptioncontext:{name}".lower(): value for name, value in context.items()}
    return single | {"kms:encryptioncontextkeys": sorted(context)}


def permission_of(target: str, action: str | None) -> str | None:
    """The name of the permission that a call needs, by its `X-Amz-Target` and what ministack takes for its action."""
    return action.removesuffix("Batch") if action and target.startswith("AmazonSQS.") else action


def correct_conditions() -> None:
    """Patch ministack. It reads its environment at import, hence the imports in here."""
    from ministack.core import iam_actions, iam_evaluator

    stock_resolve, stock_context = iam_evaluator._resolve_condition_key, iam_actions.request_tag_context

    def resolve(key: str, ctx: Any) -> Any:
        found = stock_resolve(key, ctx)
        return role_of(found) if key.lower() == "aws:principalarn" else found

    def request_context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = stock_context(service, iam_action, body, params)
        return found | encryption_context_keys(body) if service == "kms" else found

    stock_action = iam_actions._action_from_target

    def action_from_target(headers: dict[str, Any]) -> str | None:
        return permission_of(str(headers.get("x-amz-target", "")), stock_action(headers))

    iam_actions._action_from_target = action_from_target
    iam_evaluator._resolve_condition_key = resolve
    iam_actions.request_tag_context = request_context
