"""The two keys: `data` for everything at rest, `tokens` for platform tokens alone (docs/decisions/0005)."""

from __future__ import annotations

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

# Who administers the account may describe, rotate and retire the key; using it is not administering it.
ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
# What DynamoDB, S3, SQS and SNS ask of a caller in whose name they use a key.
USE_THROUGH_SERVICES = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]


class DataKey(Construct):
    """Encrypts tables, queues, bucket and topic."""

    def __init__(self, scope: Construct, *, alias: str, keep: bool) -> None:
        super().__init__(scope, "DataKey")
        self.key = kms.Key(
            self,
            "Key",
            alias=alias,
            description="TaxPoynt: tables, queues, raw bucket, topics",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
        )
        # alarms publish to the encrypted topic
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )

    def allow_through_services(self, role: iam.Role) -> None:
        """`role` uses the key where a service does it in its name, never by itself."""
        services = [f"{service}.{Aws.REGION}.amazonaws.com" for service in ("dynamodb", "s3", "sns", "sqs")]
        role.add_to_policy(
            iam.PolicyStatement(
                actions=USE_THROUGH_SERVICES,
                resources=[self.key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": services}},
            )
        )


class TokensKey(Construct):
    """Encrypts platform tokens.

    Unlike CDK's default, the key policy does not hand every action to the account's IAM policies: an administrator
    whose IAM policy says kms:* still decrypts nothing. Each use names the one role that has it.
    """

    def __init__(self, scope: Construct, *, alias: str, keep: bool) -> None:
        super().__init__(scope, "TokensKey")
        statement = iam.PolicyStatement(
            sid="Administration", principals=[iam.AccountRootPrincipal()], actions=ADMINISTRATION, resources=["*"]
        )
        self.key = kms.Key(
            self,
            "Key",
            alias=alias,
            description="TaxPoynt: platform tokens, one encryption context a connection",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            policy=iam.PolicyDocument(statements=[statement]),
            removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
        )

    def allow(self, role: iam.Role, actions: list[str], sid: str) -> None:
        """Lets `role` and nobody else do `actions`, and only with an encryption context.

        The role's own policy must allow it too. A condition on the role's name instead of the role as principal: KMS
        stores a principal as an id that dies when the role is made anew.
        """
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[iam.AccountRootPrincipal()],
                actions=actions,
                resources=["*"],
                conditions={
                    "ArnEquals": {"aws:PrincipalArn": role.role_arn},
                    "Null": {"kms:EncryptionContextKeys": "false"},
                },
            )
        )
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[self.key.key_arn]))
