"""Every connector that is found, by every rule of the quality list. No test code per connector: docs/conformance.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from taxpoynt.connector_kit import folders
from tests.conformance.evidence import ROOT
from tests.conformance.kit import Score

HEAD = """# Score cards

What `make conformance` saw of each connector, by the rules of its quality block ([how](../conformance.md)). Generated:
`pytest tests/conformance --update-golden`; a test keeps this page in step.

"""


def test_what_the_template_says_of_the_rule_is_shown_or_has_a_reason(judged: Score) -> None:
    assert judged.state in ("passed", "exempt"), judged.told
    assert judged.told


def test_the_published_score_cards_are_in_step(
    scores: Callable[[str], str], golden: Callable[[Path, str], None]
) -> None:
    shipped = [name for name in folders.names() if not folders.is_outside(folders.find(name))]
    golden(ROOT / "docs" / "connectors" / "scores.md", HEAD + "\n".join(scores(name) for name in shipped))
