"""`taxpoynt mapping check` and `taxpoynt mapping what-if`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from taxpoynt.cli import main

FIXTURES = Path(__file__).resolve().parents[1] / "connectors" / "pipedrive" / "fixtures"
MERCHANT = {"defaults": {"classification": {"isic_code": "6202", "service_category": "Computer consultancy"},
                         "tax_category": "STANDARD_VAT"}}  # fmt: skip
TIN = "rules:\n  - {target: buyer.tin, source: \"'12345678-0001'\"}\n"
REFERENCE = TIN + "  - {target: buyer_reference, source: deal.title}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files to read: a won deal, and one that no platform sent."""
    (tmp_path / "records").mkdir()
    shutil.copy(FIXTURES / "bundle_one_product_deal_discount.composite.json", tmp_path / "records" / "won.json")
    (tmp_path / "records" / "z.json").write_text("[]")
    (tmp_path / "records" / "notes.txt").write_text("no record")
    (tmp_path / "m.json").write_text(json.dumps(MERCHANT))
    (tmp_path / "tin.yaml").write_text(TIN)
    (tmp_path / "more.yaml").write_text(REFERENCE)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: Any) -> tuple[int, Any, str]:
    code = main([str(word) for word in words])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out else None, told.err


def what_if(capsys: pytest.CaptureFixture[str], folder: Path, rules: str, *more: Any) -> tuple[int, Any, str]:
    given = ("mapping", "what-if", "pipedrive", folder / rules, "--records", folder / "records")
    return run(capsys, *given, "--merchant", folder / "m.json", *more)


def test_what_new_rules_make_appear_is_told_record_by_record(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, made, words = what_if(capsys, folder, "tin.yaml")
    won, other = made["records"]
    assert (won["name"], won["outcome"], won["document"]) == ("won.json", "appears", "invoice")
    assert (won["before"], won["after"], won["kobo"]) == (None, "81.00", 8100)
    assert (other["outcome"], other["faults"][0]["code"]) == ("refused", "INPUT-001")
    assert made["totals"] == {"USD": {"before": "0.00", "after": "81.00", "kobo": 8100}}
    assert made["counts"] == {"appears": 1, "vanishes": 0, "changes": 0, "refused": 1, "unchanged": 0}
    assert code == 0, "a file that was refused before is no news"
    assert "2 records: 1 appears" in words


def test_against_other_rules_changes_are_told_and_personal_fields_hidden(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    code, made, _ = what_if(capsys, folder, "more.yaml", "--against", folder / "tin.yaml")
    won = made["records"][0]
    assert (code, won["outcome"], won["kobo"]) == (0, "changes", 0)
    assert won["changes"] == [{"field": "buyer_reference", "from": None, "to": "[personal]", "kobo": None}]


def test_a_record_that_is_newly_refused_ends_with_1_and_says_so_at_once(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "none.yaml").write_text("rules: []")
    code, made, words = what_if(capsys, folder, "none.yaml", "--against", folder / "tin.yaml")
    assert (code, made["records"][0]["outcome"], made["records"][0]["is_new"]) == (1, "refused", True)
    assert "won.json: refused (BUYER-002)" in words


@pytest.mark.parametrize("rules", ["rules: [{target: buyer.tinn, source: deal}]", "rules: [", "- 7", "sttings: {}"])
def test_rules_with_faults_are_not_tried(capsys: pytest.CaptureFixture[str], folder: Path, rules: str) -> None:
    (folder / "bad.yaml").write_text(rules)
    code, made, _ = what_if(capsys, folder, "bad.yaml")
    assert code == 1
    assert made["faults"]
    assert what_if(capsys, folder, "tin.yaml", "--against", folder / "bad.yaml")[0] == 1


def test_without_records_or_with_an_unknown_connector_the_usage_is_wrong(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "none").mkdir()
    for records in ("none", "nowhere", "m.json"):
        assert (
            run(capsys, "mapping", "what-if", "pipedrive", folder / "tin.yaml", "--records", folder / records)[0] == 2
        )
    assert run(capsys, "mapping", "what-if", "nobody", folder / "tin.yaml", "--records", folder / "records")[0] == 2
    assert run(capsys, "mapping", "what-if", "pipedrive", folder / "tin.yaml")[0] == 2


def test_all_faults_of_rules_come_at_once_for_their_connector(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bad.yaml").write_text(
        """version: 1
rules:
  - {target: buyer.name, source: orgnization.name}
  - {target: line.quantity, source: line.quantity}
  - {target: note, source: line.comments, when: "contains(deals.title, 'x')"}
  - {target: note, source: deal.note, transforms: [stripp], wen: x}
  - {target: note, source: "deal.a | [?no_root == 'x'] | [0]"}
"""
    )
    code, made, _ = run(capsys, "mapping", "check", folder / "bad.yaml", "--connector", "pipedrive")
    told = [(fault["code"], fault["path"]) for fault in made["faults"]]
    assert code == 1
    assert told == [
        ("MAP-002", "rules.0.source"),
        ("MAP-003", "rules.1.target"),
        ("MAP-002", "rules.2.source"),
        ("MAP-002", "rules.2.when"),
        ("MAP-001", "rules.3.transforms.0"),
        ("MAP-001", "rules.3.wen"),
    ]
    words = " ".join(fault["message"] for fault in made["faults"])
    for name in ("'organization'", "'deal'", "'strip'", "'when'"):
        assert f"did you mean {name}?" in words
    assert run(capsys, "mapping", "check", folder / "more.yaml", "--connector", "pipedrive")[0] == 0
