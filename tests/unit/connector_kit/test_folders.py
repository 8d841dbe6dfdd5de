"""Connectors from outside the package: found by folder, imported under a name of their own, never instead of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taxpoynt.connector_kit import folders, loader
from taxpoynt.connector_kit.webhook import reply_policy
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.errors import ConfigurationError, NotFound

PIPEDRIVE = loader.text("pipedrive")


@pytest.fixture(autouse=True)
def _only_what_the_test_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(folders.VARIABLE, raising=False)
    yield
    folders.use(())


def connector(parent: Path, name: str, *, mapping: str | None = None, **modules: str) -> Path:
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "connector.yaml").write_text(PIPEDRIVE.replace("name: pipedrive", f"name: {name}", 1), "utf-8")
    for module, text in ({"mapping": mapping} if mapping is not None else {}).items() | modules.items():
        (folder / f"{module}.py").write_text(text, "utf-8")
    return folder


MAPPING = """
from taxpoynt.connector_kit.connector import SaleReading
from .words import WORD

def view(bundle, account):
    return {"deal": {"id": 1, "status": "won"}, "word": WORD}

def sale(seen, layers):
    return SaleReading(sale=None)
"""


def bundle(name: str) -> SourceBundle:
    return SourceBundle(name, "deal", "1", {"deal": (Answer("GET /x", b'{"id": 1, "status": "won"}'),)})


def test_a_folder_named_for_this_process_or_by_the_environment_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector(tmp_path / "one", "kasuwa")
    connector(tmp_path / "two", "ariaria")
    connector(tmp_path / "three", "balogun")
    folders.use([str(tmp_path / "one")])
    monkeypatch.setenv(folders.VARIABLE, f"{tmp_path / 'two'}{os.pathsep}{tmp_path / 'three'}")
    assert {"ariaria", "balogun", "kasuwa", "pipedrive"} <= set(loader.names())
    assert loader.template("kasuwa").name == "kasuwa"
    assert reply_policy("ariaria").connector == "ariaria"
    assert folders.kind_of("balogun") == "crm"
    folders.use(())
    with pytest.raises(NotFound):
        loader.template("kasuwa")


def test_its_python_is_a_package_of_its_own_and_no_entry_of_the_path_changes(tmp_path: Path) -> None:
    connector(tmp_path, "kasuwa", mapping=MAPPING, words='WORD = "rice"')
    folders.use([str(tmp_path)])
    before = list(sys.path)
    loaded = loader.load("kasuwa")
    assert loaded.read_view(bundle("kasuwa"), {})["word"] == "rice"
    assert loaded.trigger(bundle("kasuwa")).document == "invoice"
    assert sys.path == before
    assert "mapping" not in sys.modules
    assert "words" not in sys.modules
    assert sys.modules["taxpoynt_connector_kasuwa.mapping"].__file__ == str(tmp_path / "kasuwa" / "mapping.py")


def test_another_folder_of_the_same_name_is_not_taken_for_the_first(tmp_path: Path) -> None:
    for place, word in (("a", "rice"), ("b", "yam")):
        connector(tmp_path / place, "kasuwa", mapping=MAPPING, words=f"WORD = {word!r}")
        folders.use([str(tmp_path / place)])
        assert loader.load("kasuwa").read_view(bundle("kasuwa"), {})["word"] == word


def test_without_python_of_its_own_the_kit_reads_by_the_template(tmp_path: Path) -> None:
    connector(tmp_path, "kasuwa")
    folders.use([str(tmp_path)])
    loaded = loader.load("kasuwa")
    assert loaded.events(
        b'{"meta": {"version": "2.0", "id": "01234567-89ab", "company_id": 7, "entity": "deal", "action": "create",'
        b' "entity_id": "8"}, "data": {"status": "won"}}',
        "application/json",
    )[0].type == "deal.won"  # fmt: skip


def test_a_connector_of_ours_cannot_be_replaced(tmp_path: Path) -> None:
    connector(tmp_path, "pipedrive")
    folders.use([str(tmp_path)])
    for ask in (loader.names, lambda: loader.template("pipedrive"), lambda: folders.kind_of("pipedrive")):
        with pytest.raises(ConfigurationError, match="give it another"):
            ask()


def test_two_outside_folders_cannot_offer_one_name(tmp_path: Path) -> None:
    connector(tmp_path / "a", "kasuwa")
    connector(tmp_path / "b", "kasuwa")
    folders.use([str(tmp_path / "a"), str(tmp_path / "b")])
    with pytest.raises(ConfigurationError, match="kasuwa"):
        loader.template("kasuwa")


@pytest.mark.parametrize("name", ["../kasuwa", "kasuwa/../kasuwa", "/etc", "Kasuwa", "", ".", "k" * 41, "kas\x00"])
def test_a_name_that_is_none_leads_nowhere(tmp_path: Path, name: str) -> None:
    connector(tmp_path, "kasuwa")
    folders.use([str(tmp_path)])
    with pytest.raises(NotFound):
        loader.template(name)


@pytest.mark.parametrize("mapping", ["import nothing_of_this_name", "def (", "raise SystemError('x')", "1 / 0"])
def test_python_that_cannot_be_imported_is_that_connectors_fault_only(tmp_path: Path, mapping: str) -> None:
    connector(tmp_path, "kasuwa", mapping=mapping)
    folders.use([str(tmp_path)])
    with pytest.raises(ConfigurationError, match=r"kasuwa: mapping\.py"):
        loader.load("kasuwa")
    assert loader.load("pipedrive").name == "pipedrive"


def test_a_folder_that_is_none_or_is_the_connector_itself_is_said(tmp_path: Path) -> None:
    connector(tmp_path, "kasuwa")
    for wrong, words in ((tmp_path / "nothing", "no such folder"), (tmp_path / "kasuwa", "the folder above it")):
        folders.use([str(wrong)])
        with pytest.raises(ConfigurationError, match=words):
            loader.names()


def test_the_webhook_path_finds_outside_connectors_without_models(tmp_path: Path) -> None:
    connector(tmp_path, "kasuwa")
    code = (
        "import sys; from taxpoynt.connector_kit.webhook import reply_policy; "
        "print(reply_policy('kasuwa').deadline_seconds, 'pydantic' in sys.modules, 'requests' in sys.modules)"
    )
    environment = {**os.environ, folders.VARIABLE: str(tmp_path)}
    python = [sys.executable, "-c", code]
    done = subprocess.run(python, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 (our own)
    assert done.stdout.split() == ["10", "False", "False"]
