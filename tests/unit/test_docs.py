"""What the documentation says a command prints is what it prints, and every fault code can be looked up."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from taxpoynt.cli import main

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "connectors" / "pipedrive" / "fixtures"
PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
FILES = {
    "won.json": "bundle_one_product_deal_discount.composite.json",
    "records/won.json": "bundle_one_product_deal_discount.composite.json",
    "hook.json": "webhook_v2_deal_change_won.derived.json",
}


def examples() -> list[tuple[str, str]]:
    """(command, what it prints) of every console block; `…` stands for anything."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    runs = [run for block in blocks for run in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)]
    return [(command, output) for command, output in runs]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("taxpoynt.conversion.clock.lagos_date", lambda moment: date(2026, 5, 16))
    (tmp_path / "records").mkdir()
    for name, fixture in FILES.items():
        (tmp_path / name).write_bytes((FIXTURES / fixture).read_bytes())
    for name, content in re.findall(r"^```(?:json|yaml) (\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        (tmp_path / name).write_text(content, "utf-8")
    return tmp_path


def test_every_example_of_the_command_line_prints_what_the_page_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = examples()
    assert len(found) > 7
    for command, expected in found:
        words, _, target = command.partition(" > ")
        code = main(shlex.split(words)[1:])
        printed = capsys.readouterr().out
        assert code == ('"code"' in expected), command
        if target:
            (folder / target).write_text(printed, "utf-8")
            continue
        pattern = "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", expected))
        assert re.fullmatch(re.sub(r"\.\*(\\\n)+", ".*", pattern) + r"\s*", printed, re.DOTALL), command


def test_every_fault_code_can_be_looked_up() -> None:
    package = ROOT / "layers" / "core" / "python" / "taxpoynt"
    used = {code for file in package.rglob("*.py") for code in re.findall(r'"([A-Z]{2,9}-[0-9]{3})"', file.read_text())}
    pages = [*(ROOT / "docs" / "reference").glob("*.md"), *(ROOT / "docs" / "connectors").glob("*.md")]
    documented = {
        code for page in pages for code in re.findall(r"^\| ?([A-Z0-9, -]+) \|", page.read_text(), re.MULTILINE)
    }
    single = {code.strip() for codes in documented for code in codes.split(",")}
    assert not used - single
