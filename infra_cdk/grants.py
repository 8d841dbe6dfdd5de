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
    """Actions on targets `kind:name`; kinds: table, index, blobs, bucket, queue, machine, secret, key, topic."""

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


def mark_blobs(*classes: str) -> Grant:
    # a changed class is a changed clock; the bucket's lifecycle deletes, no role does
    return Grant(("s3:PutObjectTagging",), tuple(f"blobs:{c}" for c in classes))


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


LIST_BLOBS = Grant(("s3:ListBucket",), ("bucket:raw",))
ALERT = Grant(("sns:Publish",), ("topic:alerts",))
# A state change is one transaction: the sale, its history entry, and the index of what held it.
SALE = table("invoices", "GetItem", "PutItem", "DeleteItem")
LIST_SALES = (table("invoices", "GetItem", "BatchGetItem", "Query"), index("invoices", "by_day"))
# A merchant's own acts wait beside the sales until they are sealed into its ledger.
NOTES = table("invoices", "PutItem")
# Profiles, connections, sessions and links.
DESK = table("connections", "GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem")
TENANT = table("connections", "GetItem")
# Whoever speaks to NRS: the frozen bytes, NRS's answers, the key pairs (ours and merchants' own), the circuits, and
# the history of a sale, which tells what was sent before.
SPEAKS_TO_NRS = (
    table("connections", "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
    SALE,
    table("invoices", "Query"),
    read_blobs("submissions"),
    write_blobs("answers"),
    secret("nrs"),
)

GRANTS: Mapping[str, tuple[Grant, ...]] = {
    # One lookup, one durable write; a body too large for a message goes to the bucket. A platform that signs does so
    # with our application's secret, or with one of the connection's own.
    "receive_webhook": (
        TENANT,
        write_blobs("webhooks"),
        send("pos", "crm"),
        secret("platforms"),
        secret("webhooks"),
    ),
    # The only role that may decrypt tokens.
    "run_sync_job": (
        receive("pos", "crm", "bulk"),
        send("pos", "crm", "bulk"),
        table("connections", "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
        table("events", "GetItem", "PutItem", "UpdateItem"),
        SALE,
        table("invoices", "Query", "BatchGetItem"),
        read_blobs("webhooks", "sales", "invoices", "inputs", "supplied", "lists", "codes"),
        write_blobs("webhooks", "records", "sales", "inputs"),
        # rows, where each walk stands, and the end of what a connection that has ended leaves behind
        table("catalogue", "BatchGetItem", "BatchWriteItem", "DeleteItem", "PutItem", "Query", "UpdateItem"),
        tokens_key("Decrypt", "GenerateDataKey"),
        secret("platforms", "rate_budget"),
        start("invoice_conversion"),
        ALERT,
    ),
    "schedule_syncs": (table("connections", "PutItem"), index("connections", "by_task"), send("bulk")),
    "sweep_stalled": (
        SALE,
        table("invoices", "BatchGetItem"),
        index("invoices", "by_due", "by_legal"),
        send("bulk"),
        start("invoice_conversion", "submission_recovery", "invoice_delivery"),
    ),
    # Forgets what is past its period. What is gone already shows as missing only to who may list.
    "purge_expired": (
        table("connections", "GetItem", "Query", "PutItem", "DeleteItem"),
        SALE,
        table("invoices", "BatchGetItem", "Query"),
        index("invoices", "by_due", "by_day"),
        table("catalogue", "BatchWriteItem", "Query"),
        read_blobs("ledger"),
        mark_blobs("*"),
        LIST_BLOBS,
        send("bulk"),
    ),
    "seal_ledger": (
        table("invoices", "GetItem", "BatchGetItem", "PutItem", "BatchWriteItem"),
        index("invoices", "by_due"),
        read_blobs("ledger"),
        write_blobs("ledger"),
    ),
    # No key of ours: the lists are open to everybody. Who was told of a bad one stands beside the sessions.
    "refresh_code_lists": (
        table("connections", "GetItem", "PutItem", "DeleteItem"),
        read_blobs("lists"),
        write_blobs("lists"),
        ALERT,
    ),
    # The pipeline: each step reads what the one before it stored, and stores one thing.
    # A note is held against what it corrects and what earlier notes have left of that.
    "convert_sale": (
        TENANT,
        SALE,
        table("invoices", "Query", "BatchGetItem"),
        read_blobs("sales", "invoices", "supplied", "inputs", "lists"),
        write_blobs("sales", "invoices", "inputs"),
    ),
    "check_invoice": (TENANT, SALE, read_blobs("invoices", "lists")),
    "reserve_invoice": (
        SALE,
        table("invoices", "BatchGetItem"),
        read_blobs("invoices", "inputs", "sales"),
        write_blobs("invoices", "submissions"),
        # what an invoice is made of becomes evidence
        mark_blobs("records", "sales", "inputs", "supplied"),
        LIST_BLOBS,
    ),
    "submit_invoice": SPEAKS_TO_NRS,
    "record_outcome": (
        TENANT,
        SALE,
        table("invoices", "Query", "BatchGetItem"),
        read_blobs("invoices", "documents"),
        write_blobs("documents"),
    ),
    # who was told of what, so that a person is told once an hour, stands beside the sessions
    "hold_invoice": (table("connections", "GetItem", "PutItem", "DeleteItem"), SALE, ALERT),
    "recover_submission": SPEAKS_TO_NRS,
    "deliver_invoice": SPEAKS_TO_NRS,
    # One lookup of whose token it is, one of the sale, and a look at NRS is started.
    "receive_nrs_notice": (TENANT, table("invoices", "GetItem"), start("invoice_delivery")),
    # Browsers of merchants. finish_oauth encrypts new tokens and can never read one.
    "start_oauth": (table("connections", "GetItem", "PutItem"), secret("platforms")),
    "finish_oauth": (
        table("connections", "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
        NOTES,
        tokens_key("GenerateDataKey"),
        secret("platforms"),
    ),
    "receive_uninstall": (TENANT, secret("platforms"), send("bulk")),
    "serve_connect": (
        DESK,
        *LIST_SALES,
        NOTES,
        SALE,
        table("catalogue", "Query"),  # how far the first load has come
        # a merchant tries new rules on its own last records
        read_blobs("documents", "sales", "invoices", "supplied", "lists", "records", "inputs", "codes"),
        write_blobs("supplied", "codes"),
        LIST_BLOBS,
        start("invoice_conversion"),
        send("bulk"),
    ),
    # The operator.
    "serve_api": (
        DESK,
        *LIST_SALES,
        NOTES,
        index("events", "by_day"),
        read_blobs("documents", "sales", "invoices", "supplied", "lists", "records", "inputs", "submissions", "codes"),
        write_blobs("supplied", "codes"),
        start("invoice_conversion"),
        secret("operator"),
        send("bulk"),
        # items, stock and customers; a buyer's erasure takes the copy of the customer too
        table("catalogue", "BatchGetItem", "DeleteItem", "Query"),
        index("catalogue", "by_sku"),
        # a buyer's erasure: the sale is withdrawn, what it was made of is marked, the order stands in the ledger
        SALE,
        mark_blobs("records", "sales", "invoices", "inputs", "supplied"),
        LIST_BLOBS,
    ),
    "serve_console": (
        DESK,
        *LIST_SALES,
        NOTES,
        index("events", "by_day"),
        read_blobs("documents", "sales", "invoices", "supplied", "lists", "inputs"),
        secret("operator"),
        send("bulk"),
    ),
    "answer_health": (TENANT,),
}
