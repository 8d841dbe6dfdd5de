"""Every stage is synthesised once for all these tests: jsii alone costs seconds."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")

from infra_cdk.app import build, new_app
from tests.infra.templates import Assembly

STAGES = ("local", "dev", "prod")


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Assembly]:
    """The app of each stage, synthesised as the command line does it, without the third-party layer's content.

    pytest-xdist's workers share one synth: the first makes it, the others wait for the lock.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if hasattr(request.config, "workerinput") else base) / "assemblies"
    with (shared.with_suffix(".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for stage in STAGES:
            if not (shared / stage / "validation-report.json").exists():
                synthesise(stage, shared / stage)
    return {stage: Assembly(stage, shared / stage) for stage in STAGES}


def synthesise(stage: str, folder: Path) -> None:
    """`cdk synth -c stage=…` into `folder`."""
    app = new_app(context={"stage": stage, "deps": "skip"}, outdir=str(folder))
    build(app)
    app.synth()


@pytest.fixture
def prod(assemblies: dict[str, Assembly]) -> Assembly:
    return assemblies["prod"]


@pytest.fixture(params=STAGES)
def any_stage(request: pytest.FixtureRequest, assemblies: dict[str, Assembly]) -> Assembly:
    return assemblies[str(request.param)]
