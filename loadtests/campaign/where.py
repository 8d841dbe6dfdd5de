"""A stage of the campaign's own: its folder, its ports, one connected merchant."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from infra_cdk.local.console import Console
from infra_cdk.local.demo_connectors import discover
from infra_cdk.local.deploy import deploy_by_boto3
from infra_cdk.local.launch import FUNCTIONS, SOURCE, Options
from infra_cdk.local.layout import ROOT, Layout, Ports
from infra_cdk.local.processes import free_port
from infra_cdk.local.stage import bring_up, take_down
from taxpoynt.errors import StoreConflict
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.notice_tokens import DynamoNoticeTokens
from taxpoynt.storage.table import Table
from tests.e2e.harness import Slice

HOME = ROOT / ".local" / "campaign"
WAIT_SCALE = 0.02
"""Waits of state machines take a fiftieth of their time: an hour of patience is 72 seconds."""
REDELIVERY_SECONDS = 60
"""A message of a killed consumer comes back after this instead of six times the consumer's limit."""


def layout(home: Path = HOME, assembly: Path = HOME / "cdk.out") -> Layout:
    """Ports that nobody uses now; the synthesised assembly is kept between runs."""
    sandbox = {name: free_port() for name in ("nrs", *(connector.name for connector in discover()))}
    ports = Ports(gateway=free_port(), front=free_port(), sandbox=sandbox)
    return Layout(home=home, ports=ports, assembly_folder=assembly)


@contextmanager
def stage(here: Layout | None = None, *, quiet: bool = False) -> Iterator[Slice]:
    """Up, connected, and down again whatever happens."""
    here, console = here or layout(), Console(quiet=quiet)
    pipedrive = next(connector for connector in discover() if connector.name == "pipedrive")
    try:
        source, functions = frozen(here.home)
        options = Options(reload=False, wait_scale=WAIT_SCALE, source=source, functions=functions)
        found = Slice(bring_up(here, "campaign", options, console, deploy_by_boto3), pipedrive)
        impatient(found)
        yield found
    finally:
        take_down(here, console)


def frozen(home: Path) -> tuple[Path, Path]:
    """Copies of our code to run: half an hour of campaign must not see what is saved meanwhile."""
    copies = home / "code"
    shutil.rmtree(copies, ignore_errors=True)
    for name, folder in (("source", SOURCE), ("functions", FUNCTIONS)):
        shutil.copytree(folder, copies / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copies / "source", copies / "functions"


def notice_address(found: Slice) -> str:
    """Where NRS sends this merchant's notices: what the merchant would enter in NRS's portal."""
    tokens = DynamoNoticeTokens(Table(found.aws("dynamodb"), found.deployed.outputs["ConnectionsTable"]))
    return f"{found.url}/nrs/notifications/{tokens.token_of(found.merchant)}"


def impatient(found: Slice) -> None:
    """Lost messages come back within a minute; time is the only thing that differs from AWS."""
    sqs = found.aws("sqs")
    for name, url in found.deployed.outputs.items():
        if name.endswith("QueueUrl"):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(REDELIVERY_SECONDS)})


def poll_now(found: Slice) -> None:
    """Makes every connection's next poll due and lets the scheduler's function see it."""
    store = DynamoConnectionStore(found.aws("dynamodb"), found.deployed.outputs["ConnectionsTable"])
    for connection in store.list_connections(found.merchant):
        with suppress(StoreConflict):  # a job of this connection wrote first; the next call comes soon
            store.save_connection(replace(connection, next_poll_at=datetime.now(UTC)))
    found.call("ScheduleSyncs")
