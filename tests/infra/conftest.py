"""Every stage is synthesised once for all these tests: jsii alone costs seconds."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")

from infra_cdk.app import build, new_app
from tests.infra.templates import Assembly

HERE = Path(__file__).parent
STAGES = ("local", "dev", "prod")


def pytest_addoption(parser: pytest.Parser) -> None:
    with suppress(ValueError):  # another folder's conftest may have it too
        parser.addoption("--update-golden", action="store_true", help="write what the golden files should say")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker of pytest-xdist, so that there is one synth."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("infra"))


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assembly]:
    """The app of each stage, synthesised as the command line does it, without the third-party layer's content."""
    found = {}
    for stage in STAGES:
        folder = tmp_path_factory.mktemp(stage)
        app = new_app(context={"stage": stage, "deps": "skip"}, outdir=str(folder))
        build(app)
        app.synth()
        found[stage] = Assembly(stage, folder)
    return found


@pytest.fixture
def prod(assemblies: dict[str, Assembly]) -> Assembly:
    return assemblies["prod"]


@pytest.fixture(params=STAGES)
def any_stage(request: pytest.FixtureRequest, assemblies: dict[str, Assembly]) -> Assembly:
    return assemblies[str(request.param)]
