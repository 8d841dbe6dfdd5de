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
    return Grant(("s3:PutObject",), tuple(f"blobs:{c}" for c in classes))


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
READ = ("GetItem", "Query")
WRITE = ("PutItem", "UpdateItem")
# One transaction changes a sale and writes its history entry.
SALES = table("invoices", "GetItem", "Query", "PutItem", "UpdateItem", "ConditionCheckItem")

GRANTS: Mapping[str, tuple[Grant, ...]] = {
    # One lookup, one durable write; a body too large for a message goes to the bucket.
    "receive_webhook": (table("connections", "GetItem"), write_blobs("webhooks"), send("pos", "crm")),
    # The only role that may decrypt tokens.
    "run_sync_job": (
        receive("pos", "crm", "bulk"),
        send("pos", "crm", "bulk"),
        table("connections", *READ, *WRITE, "DeleteItem", "ConditionCheckItem"),
        table("events", *READ, *WRITE),
        SALES,
        read_blobs("webhooks", "records", "sales"),
        write_blobs("records", "sales"),
        tokens_key("Decrypt", "GenerateDataKey"),
        secret("platforms"),
        start("invoice_conversion"),
    ),
    "schedule_syncs": (
        table("connections", "GetItem", "UpdateItem", "PutItem"),
        index("connections", "by_task"),
        send("bulk"),
    ),
    "sweep_stalled": (
        table("connections", "GetItem"),
        SALES,
        index("invoices", "by_due"),
        send("bulk"),
        start("invoice_conversion", "submission_recovery"),
    ),
    # The pipeline: each step reads what the one before it stored, and stores one thing.
    "convert_sale": (table("connections", *READ), SALES, read_blobs("records", "sales"), write_blobs("invoices")),
    "check_invoice": (table("connections", *READ), SALES, read_blobs("sales", "invoices")),
    "reserve_invoice": (table("connections", *READ), SALES, read_blobs("invoices"), write_blobs("submissions")),
    "submit_invoice": (
        table("connections", *READ),
        SALES,
        read_blobs("invoices", "submissions"),
        write_blobs("answers"),
        secret("nrs"),
    ),
    "record_outcome": (
        table("connections", *READ),
        SALES,
        read_blobs("sales", "invoices", "submissions", "answers"),
        write_blobs("documents"),
    ),
    "hold_invoice": (table("connections", *READ), SALES, ALERT),
    "recover_submission": (
        table("connections", *READ),
        SALES,
        read_blobs("invoices", "submissions", "answers"),
        write_blobs("answers"),
        secret("nrs"),
    ),
    # Browsers of merchants. finish_oauth encrypts new tokens and can never read one.
    "start_oauth": (table("connections", *READ, *WRITE, "DeleteItem"), secret("platforms")),
    "finish_oauth": (
        table("connections", *READ, *WRITE, "DeleteItem", "ConditionCheckItem"),
        tokens_key("GenerateDataKey"),
        secret("platforms"),
    ),
    "receive_uninstall": (table("connections", *READ, *WRITE), secret("platforms"), send("bulk")),
    "serve_connect": (
        table("connections", *READ, *WRITE, "DeleteItem", "ConditionCheckItem"),
        table("invoices", *READ),
        index("invoices", "by_day"),
        read_blobs("invoices", "documents"),
        send("bulk"),
    ),
    # The operator.
    "serve_api": (
        table("connections", *READ, *WRITE, "DeleteItem", "ConditionCheckItem"),
        table("events", *READ),
        table("invoices", *READ),
        index("invoices", "by_day"),
        read_blobs("records", "sales", "invoices", "submissions", "answers", "documents"),
        secret("operator"),
        send("bulk"),
    ),
    "serve_console": (
        table("connections", *READ, *WRITE, "DeleteItem"),
        table("events", *READ),
        table("invoices", *READ),
        index("invoices", "by_day"),
        read_blobs("invoices", "documents"),
        secret("operator"),
    ),
    "answer_health": (table("connections", "GetItem"),),
}
