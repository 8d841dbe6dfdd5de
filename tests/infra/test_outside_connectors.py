"""Connectors from outside the package reach a deployed stage: a layer, secrets, and a name to find them by."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra_cdk import outside
from infra_cdk.app import ROOT, build, new_app
from infra_cdk.stages import StageError, settings
from tests.infra.templates import Assembly

PIPEDRIVE = ROOT / "layers/core/python/taxpoynt/connectors/pipedrive/connector.yaml"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    folder = tmp_path / "beside" / "kasuwa"
    (folder / "golden").mkdir(parents=True)
    (folder / "connector.yaml").write_text(PIPEDRIVE.read_text("utf-8"), "utf-8")
    for name in ("mapping.py", "kasuwa.md", "golden/first.bundle.json"):
        (folder / name).write_text("", "utf-8")
    return folder.parent


def test_the_layer_holds_what_runs_and_nothing_else(beside: Path, tmp_path: Path) -> None:
    made = outside.layer_folder(str(beside), tmp_path)
    files = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())
    assert files == ["connectors/kasuwa/connector.yaml", "connectors/kasuwa/mapping.py"]


def test_every_function_finds_them_and_each_has_its_secret(beside: Path, tmp_path: Path) -> None:
    app = new_app(context={"stage": "dev", "deps": "skip", "connectors": str(beside)}, outdir=str(tmp_path / "out"))
    build(app)
    app.synth()
    assembly = Assembly("dev", tmp_path / "out")
    functions = assembly.functions()
    assert len(functions) > 20
    for function in functions.values():
        assert function["Environment"]["Variables"][outside.VARIABLE] == outside.IN_LAYER
        assert len(function["Layers"]) == 3
    assert "taxpoynt/dev/platforms/kasuwa" in str(assembly.of_type("AWS::SecretsManager::Secret"))


def test_without_them_nothing_changes(prod: Assembly) -> None:
    assert outside.VARIABLE not in str(prod.functions())
    assert len(prod.of_type("AWS::Lambda::LayerVersion")) == 2


def test_a_folder_without_connectors_is_said(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="connectors"):
        settings("dev", {"connectors": str(tmp_path)}.get)
