"""The layers: our package, the third-party code it needs, and connectors that an operator adds."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra_cdk.bundling import deps_layer

PLACEHOLDER = Path(__file__).with_name("no_deps_layer")


class Layers(Construct):
    """`core` is layers/core as it stands; `deps` is unpacked for arm64 from the lock.

    with_deps False puts a note in the place of the third-party code, for templates that are only looked at and for the
    local stage, whose virtual environment has the packages. connectors: a folder that holds `connectors/<name>`.
    """

    def __init__(self, scope: Construct, root: Path, *, with_deps: bool, connectors: Path | None = None) -> None:
        super().__init__(scope, "Layers")
        core = lambda_.Code.from_asset(str(root / "layers" / "core"), exclude=["**/__pycache__", "**/*.pyc"])
        if with_deps:
            bundle = deps_layer(root)
            deps = lambda_.Code.from_asset(
                str(bundle.folder), asset_hash=bundle.digest, asset_hash_type=AssetHashType.CUSTOM
            )
        else:
            deps = lambda_.Code.from_asset(str(PLACEHOLDER))
        self.all = [self._layer("Core", core, "TaxPoynt package"), self._layer("Deps", deps, "Third-party packages")]
        if connectors is not None:
            code = lambda_.Code.from_asset(str(connectors))
            self.all.append(self._layer("Connectors", code, "Connectors from outside the package"))

    def _layer(self, id_: str, code: lambda_.Code, description: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            id_,
            code=code,
            description=description,
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )
