"""What each function may do: the whole list on one page, one entry a function.

Every role also may write to its own log group and send traces; whoever has a grant on a table, bucket, queue or topic
may use the data key through those services (stack.py). Nothing else. tests/infra/golden/iam_actions.json holds the
outcome, so a widened grant shows in review. docs/decisions/0005 says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions on targets `kind:name`; kinds: table, index, blobs, queue, machine, secret, key, topic."""

    actions: tuple[str, ...]
    targets: tuple[str, ...]


def table(name: str, *actions: str) -> Grant:
    return Grant(tuple(f"dynamodb:{a}" for a in actions), (f"table:{name}",))


def index(name: str, *indexes: str) -> Grant:
    return Grant(("dynamodb:Query",), tuple(f"index:{name}/{i}" for i in indexes))


def read_blobs(*classes: str) -> Grant:
    return Grant(("s3:GetObject",), tuple(f"blobs:{c}" for c in classes))


def write_blobs(*classes: str) -> Grant:
    # each object carries its class as a tag, which the lifecycle rules go by
    return Grant(("s3:PutObject", "s3:PutObjectTagging"), tuple(f"blobs:{c}" for c in classes))


def send(*queues: str) -> Grant:
    return Grant(("sqs:SendMessage",), tuple(f"queue:{q}" for q in queues))


def receive(*queues: str) -> Grant:
    # what the event source mapping does in the function's name
    actions = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
    return Grant(actions, tuple(f"queue:{q}" for q in queues))


def start(*machines: str) -> Grant:
    return Grant(("states:StartExecution",), tuple(f"machine:{m}" for m in machines))


def secret(*names: str) -> Grant:
    return Grant(("secretsmanager:GetSecretValue",), tuple(f"secret:{n}" for n in names))


def tokens_key(*actions: str) -> Grant:
    return Grant(tuple(f"kms:{a}" for a in actions), ("key:tokens",))


ALERT = Grant(("sns:Publish",), ("topic:alerts",))
# A state change is one transaction: the sale, its history entry, and the index of what held it.
SALE = table("invoices", "GetItem", "PutItem", "DeleteItem")
LIST_SALES = (table("invoices", "GetItem", "BatchGetItem", "Query"), index("invoices", "by_day"))
# Profiles, connections, sessions and links.
DESK = table("connections", "GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem")
TENANT = table("connections", "GetItem")

GRANTS: Mapping[str, tuple[Grant, ...]] = {
    # One lookup, one durable write; a body too large for a message goes to the bucket.
    "receive_webhook": (TENANT, write_blobs("webhooks"), send("pos", "crm")),
    # The only role that may decrypt tokens.
    "run_sync_job": (
        receive("pos", "crm", "bulk"),
        send("pos", "crm", "bulk"),
        table("connections", "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
        table("events", "GetItem", "PutItem", "UpdateItem"),
        SALE,
        table("invoices", "Query", "BatchGetItem"),
        read_blobs("webhooks"),
        write_blobs("webhooks", "records", "sales"),
        tokens_key("Decrypt", "GenerateDataKey"),
        secret("platforms"),
        start("invoice_conversion"),
        ALERT,
    ),
    "schedule_syncs": (table("connections", "PutItem"), index("connections", "by_task"), send("bulk")),
    "sweep_stalled": (
        SALE,
        table("invoices", "BatchGetItem"),
        index("invoices", "by_due"),
        send("bulk"),
        start("invoice_conversion", "submission_recovery"),
    ),
    # The pipeline: each step reads what the one before it stored, and stores one thing.
    "convert_sale": (TENANT, SALE, read_blobs("sales"), write_blobs("invoices")),
    "check_invoice": (SALE, read_blobs("invoices")),
    "reserve_invoice": (
        SALE,
        table("invoices", "BatchGetItem"),
        read_blobs("invoices"),
        write_blobs("invoices", "submissions"),
    ),
    "submit_invoice": (SALE, read_blobs("submissions"), write_blobs("answers"), secret("nrs")),
    "record_outcome": (TENANT, SALE, read_blobs("invoices", "documents"), write_blobs("documents")),
    # who was told of what, so that a person is told once an hour, stands beside the sessions
    "hold_invoice": (table("connections", "GetItem", "PutItem", "DeleteItem"), SALE, ALERT),
    "recover_submission": (SALE, read_blobs("submissions"), write_blobs("answers"), secret("nrs")),
    # Browsers of merchants. finish_oauth encrypts new tokens and can never read one.
    "start_oauth": (table("connections", "GetItem", "PutItem"), secret("platforms")),
    "finish_oauth": (
        table("connections", "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
        tokens_key("GenerateDataKey"),
        secret("platforms"),
    ),
    "receive_uninstall": (TENANT, secret("platforms"), send("bulk")),
    "serve_connect": (
        table("connections", "GetItem", "Query", "PutItem", "DeleteItem"),
        *LIST_SALES,
        read_blobs("documents"),
        send("bulk"),
    ),
    # The operator.
    "serve_api": (
        DESK,
        *LIST_SALES,
        index("events", "by_day"),
        read_blobs("documents"),
        secret("operator"),
        send("bulk"),
    ),
    "serve_console": (
        DESK,
        *LIST_SALES,
        index("events", "by_day"),
        read_blobs("documents"),
        secret("operator"),
        send("bulk"),
    ),
    "answer_health": (TENANT,),
}
