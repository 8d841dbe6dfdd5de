from __future__ import annotations

import inspect
from pathlib import Path

import yaml

from taxpoynt.mapping.rules import transform_fault
from taxpoynt.mapping.transforms import TRANSFORMS
from taxpoynt.mapping.transforms_doc import as_markdown

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "transforms.md"


def test_the_page_of_transforms_and_targets_is_in_step_with_the_code() -> None:
    assert PAGE.read_text("utf-8") == as_markdown().rstrip("\n") + "\n", (
        "run: python -m taxpoynt.mapping.transforms_doc > docs/reference/transforms.md"
    )


def test_every_transform_says_what_it_does_and_its_example_is_a_sound_rule() -> None:
    for name, one in TRANSFORMS.items():
        assert (inspect.getdoc(one.run) or "").strip(), name
        spec = yaml.safe_load(f"{{{name}: {one.argument.example}}}") if one.argument.example else name
        assert transform_fault(spec) is None, name
