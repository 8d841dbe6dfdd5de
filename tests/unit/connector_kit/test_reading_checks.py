from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from taxpoynt.connector_kit.loader import names, text
from taxpoynt.connector_kit.template_check import check
from taxpoynt.connector_kit.template_limits import Limits
from taxpoynt.connector_kit.template_records import Resource, VerdictOverride

PIPEDRIVE = text("pipedrive")

WRONG = [
    (
        "pages where the template has none",
        [
            ("  style: cursor\n  parameter: cursor\n  next: additional_data.next_cursor\n", "  style: none\n"),
        ],
        "TPL-008",
        "the template's paging is 'none'",
    ),
    ("a poll of nothing", [("\n  items: data\n", "\n")], "TPL-008", "nothing says where the list stands"),
    ("a window without a beginning", [('updated_since: "{since}", ', "")], "TPL-008", "a window needs {since}"),
    (
        "a budget by a fact that nobody asks for",
        [("- name: burst\n", "- name: burst\n      each: {fact: seets, size: 2}\n")],
        "TPL-007",
        "'seets' is not described under oauth.account.details",
    ),
    (
        "hours in a zone that nobody asks for",
        [
            (
                "  every_minutes: 20\n",
                '  every_minutes: 20\n  open: {opens: "09:00", closes: "21:00", zone: time_zoen}\n',
            )
        ],
        "TPL-007",
        "'time_zoen' is not described under oauth.account.details",
    ),
    ("a budget with two natures", [("      kind: window\n", "      kind: day\n")], "TPL-008", "a day has no 'seconds'"),
    ("half a pace", [("every_minutes: 20", "busy_seconds: 45")], "TPL-008", "say every_minutes, or busy"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "message"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_each_mistake_is_told_with_its_code(changes: list[tuple[str, str]], code: str, message: str) -> None:
    broken = PIPEDRIVE
    for before, after in changes:
        assert before in broken, "the template changed: this test breaks nothing any more"
        broken = broken.replace(before, after, 1)
    told = [(fault.code, fault.message) for fault in check(broken)]
    assert any(code == one and message in words for one, words in told), told


@pytest.mark.parametrize("name", names())
def test_no_shipped_template_makes_one(name: str) -> None:
    assert check(text(name)) == []


def test_the_examples_of_the_page_hold() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "platform-client.md").read_text("utf-8")
    seen = set()
    for part in page.split("```yaml")[1:]:
        example = yaml.safe_load(part.partition("```")[0])
        seen |= set(example)
        for key, value in example.items():
            if key == "limits":
                assert len(Limits.model_validate(value).budgets) == 4
            elif key == "verdicts":
                assert all(VerdictOverride.model_validate(one) for one in value)
            else:
                assert Resource.model_validate(value).batch is not None
    assert seen == {"limits", "verdicts", "line_items", "sales"}
