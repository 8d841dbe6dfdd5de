"""The CDK app: `npx cdk synth -c stage=prod`, or `python -m infra_cdk.app` with CDK_OUTDIR set.

Context: stage (dev unless said), the overrides of stages.py (nrs_base_url, public_url, domain_name …, connectors), and
deps=skip for the local stage, which leaves the third-party layer to the virtual environment.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra_cdk.bundling import BundlingError
from infra_cdk.constructs.thin_function import EnvironmentMismatch
from infra_cdk.outside import VARIABLE
from infra_cdk.stack import TaxPoyntStack
from infra_cdk.stages import StageError, settings

ROOT = Path(__file__).resolve().parents[1]


def feature_flags(root: Path = ROOT) -> dict[str, Any]:
    """The context of cdk.json, so that a synth without the CLI makes the same template."""
    context: dict[str, Any] = json.loads((root / "cdk.json").read_text())["context"]
    return context


def new_app(**props: Any) -> App:
    """An app whose synth fails on findings of AwsSolutions and Serverless that nobody accepted."""
    context = {**feature_flags(), **props.pop("context", {})}
    app = App(context=context, analytics_reporting=False, **props)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    return app


def build(app: App, root: Path = ROOT) -> TaxPoyntStack:
    """Adds the stack of the stage that the context names; StageError if it cannot be."""
    stage = settings(app.node.try_get_context("stage") or "dev", partial(_given, app))
    skip = app.node.try_get_context("deps") == "skip"
    return TaxPoyntStack(app, stage, root, with_deps=not skip)


def _given(app: App, key: str) -> Any:
    """A context value; the folder of outside connectors may also stand where `taxpoynt` looks for it."""
    value = app.node.try_get_context(key)
    return os.environ.get(VARIABLE) or None if key == "connectors" and value is None else value


def refuse_skipped_deps(app: App) -> None:
    """StageError for a stage that would be deployed without its third-party code."""
    if app.node.try_get_context("deps") == "skip" and app.node.try_get_context("stage") != "local":
        raise StageError("deps=skip is for the local stage: a deployed function needs its third-party layer")


def main() -> int:
    """Synthesises; 1 with one line on stderr for a mistake of the caller's."""
    app = new_app()
    try:
        build(app)
        refuse_skipped_deps(app)
    except (StageError, BundlingError, EnvironmentMismatch, LookupError) as exc:
        print(exc, file=sys.stderr)  # noqa: T201  # a command line prints
        return 1
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
