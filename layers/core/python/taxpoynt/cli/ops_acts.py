"""`taxpoynt ops` that moves something, or asks NRS. `--dry-run` shows what would be done and does nothing."""

from __future__ import annotations

import argparse

from taxpoynt.cli.answer import Answer
from taxpoynt.cli.stage import open_stage


def reconcile(arguments: argparse.Namespace) -> Answer:
    """Every open claim with what NRS holds; exit 1 when NRS is silent about one, or blocks are ahead of the tables."""
    ops = open_stage(arguments.stage)
    merchants = [arguments.merchant] if arguments.merchant else [merchant for merchant, _ in ops.merchants()]
    use = ops.reconcile
    rows = [use(merchant) for merchant in merchants]
    claims = [claim for row in rows for claim in row["claims"]]
    silent = sum(claim["nrs"] == "no answer" for claim in claims)
    ahead = sum(row["blocks_ahead"] for row in rows)
    words = f"{len(claims)} open claims, {silent} without an answer, {ahead} ledger blocks ahead of the tables"
    return Answer(1 if silent or ahead else 0, {"merchants": rows}, (words,))


def dlq(arguments: argparse.Namespace) -> Answer:
    """What lies in the dead-letter queues; with `--redrive QUEUE` its messages are sent again."""
    ops = open_stage(arguments.stage)
    before = ops.dead_letters()
    if not arguments.redrive or arguments.dry_run:
        return Answer(0, {"queues": before})
    moved = ops.redrive(arguments.redrive, most=arguments.most)
    return Answer(0, {"queues": before, "redriven": moved}, (f"{moved} messages of {arguments.redrive} sent again",))


def replay(arguments: argparse.Namespace) -> Answer:
    """Looks at a sale's source record again, as a webhook would make us."""
    import uuid

    from taxpoynt.services import jobs

    ops = open_stage(arguments.stage)
    record = ops.sales.get(arguments.merchant, arguments.connector, arguments.sale_id)
    job = jobs.fetch(record, event_id=f"replay:{record.sale_id}:{uuid.uuid4()}", reason="replay")
    if not arguments.dry_run:
        ops.queue.send("bulk", job)
    return Answer(0, {"queued": not arguments.dry_run, "job": job})


def revoke(arguments: argparse.Namespace) -> Answer:
    """Ends a connection: its grant at the platform, its tokens, its webhook. The ledger gets who and why."""
    from taxpoynt.services import jobs

    ops = open_stage(arguments.stage)
    found = ops.connections.get_connection(arguments.merchant, arguments.connection)
    job = jobs.make("disconnect", found.merchant, found.connection, found.connector)
    if not arguments.dry_run:
        ops.ledger.note(found.merchant, "connection_revoked", found.connection, {"why": arguments.why}, arguments.who)
        ops.queue.send("bulk", job)
    return Answer(0, {"queued": not arguments.dry_run, "status": found.status.value, "job": job})
