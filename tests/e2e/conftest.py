"""The stage that the end-to-end tests share: an emulator, sandboxes and ports of its own."""

from collections.abc import Iterator

import pytest

from infra_cdk.local.console import Console
from infra_cdk.local.demo_connectors import discover
from infra_cdk.local.deploy import deploy_by_boto3
from infra_cdk.local.launch import Options
from infra_cdk.local.layout import ROOT, Layout, Ports
from infra_cdk.local.processes import free_port
from infra_cdk.local.stage import bring_up, take_down
from tests.e2e.harness import Slice
from tests.e2e.holding import HoldingPoints

QUIET = Console(quiet=True)
WAIT_SCALE = 0.05
"""A state machine's waits and retries take a twentieth of their time."""


def own_layout(factory: pytest.TempPathFactory) -> Layout:
    """Free ports and a folder of its own; only the synthesised assembly is kept between runs."""
    sandbox = {name: free_port() for name in ("nrs", *(connector.name for connector in discover()))}
    ports = Ports(gateway=free_port(), front=free_port(), sandbox=sandbox)
    return Layout(home=factory.mktemp("stage"), ports=ports, assembly_folder=ROOT / ".local" / "e2e" / "cdk.out")


@pytest.fixture(scope="session")
def holding_points(tmp_path_factory: pytest.TempPathFactory) -> HoldingPoints:
    """Where the functions of the shared stage can be held."""
    return HoldingPoints(tmp_path_factory.mktemp("holding"))


@pytest.fixture
def holding(holding_points: HoldingPoints) -> Iterator[HoldingPoints]:
    """The holding points, without orders of an earlier test."""
    yield holding_points
    holding_points.clear()


@pytest.fixture(scope="session")
def shared_stage(tmp_path_factory: pytest.TempPathFactory, holding_points: HoldingPoints) -> Iterator[Slice]:
    """The deployed application with one connected merchant."""
    layout = own_layout(tmp_path_factory)
    pipedrive = next(connector for connector in discover() if connector.name == "pipedrive")
    try:
        options = Options(reload=False, wait_scale=WAIT_SCALE, functions=holding_points.functions)
        yield Slice(bring_up(layout, "e2e", options, QUIET, deploy_by_boto3), pipedrive)
    finally:
        take_down(layout, QUIET)


@pytest.fixture
def stage(shared_stage: Slice) -> Iterator[Slice]:
    """The shared stage, without faults ordered by an earlier test."""
    yield shared_stage
    for sandbox in (shared_stage.pipedrive, shared_stage.nrs):
        sandbox.send("DELETE", "/faults")
