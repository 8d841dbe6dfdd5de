from __future__ import annotations

from pathlib import Path

from taxpoynt.conversion.rule_book import RULES
from taxpoynt.conversion.rules_doc import as_markdown

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "rules.md"


def test_the_page_of_rules_is_in_step_with_the_code() -> None:
    assert PAGE.read_text("utf-8") == as_markdown(), (
        "run: python -m taxpoynt.conversion.rules_doc > docs/reference/rules.md"
    )


def test_every_rule_says_what_is_wrong_what_to_do_and_who_says_so() -> None:
    for code, one in RULES.items():
        assert one.code == code
        assert one.message.endswith(".")
        assert one.remedy.endswith(".")
        assert one.source
