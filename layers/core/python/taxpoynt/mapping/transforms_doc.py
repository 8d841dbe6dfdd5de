"""Targets and transforms as a page: `python -m taxpoynt.mapping.transforms_doc > docs/reference/transforms.md`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping

from taxpoynt.mapping.targets import DOCUMENT_TARGETS, HEAD_TARGETS, LINE_TARGETS, SCOPES, Kind
from taxpoynt.mapping.transforms import TRANSFORMS, Transform

_HEAD = """# Transforms and targets of mapping rules

Made from the code by `python -m taxpoynt.mapping.transforms_doc`; do not edit. How rules work is told in
[mapping](../mapping.md).

## Transforms

What a transform cannot read becomes no value; none of them rounds. A transform is skipped where nothing was found,
except `default`.

| name | argument | what it does |
|---|---|---|
"""

_TARGETS = """
## Targets

Of a text only its absence counts. Of every other kind a value that is there and cannot be read is a fault (MAP-012 to
MAP-016).

"""

_KINDS = {
    "number": "number",
    "time": "moment with time zone",
    "day": "day",
    "currency": "currency code",
    "zone": "time zone",
    "boolean": "true or false",
}


def as_markdown() -> str:
    """The whole page."""
    declared = {f"{scope}.{name}": kind for scope, own in SCOPES.items() for name, kind in own.items()}
    return "".join(
        (
            _HEAD,
            *(_transform(name, one) for name, one in TRANSFORMS.items()),
            _TARGETS,
            _targets("Every connector asks these of the document:", DOCUMENT_TARGETS),
            _targets("Every connector asks these of each line:", LINE_TARGETS),
            _targets("A sale that its template declares asks these of the document:", HEAD_TARGETS),
            _targets("… and these of each item of a list that its `sale` block names:", declared),
        )
    )


def _transform(name: str, one: Transform) -> str:
    argument = one.argument.wish.removeprefix("takes ").removeprefix("needs ")
    if one.argument.example:
        argument += f", as in `{name}: {one.argument.example}`"
    words = " ".join((inspect.getdoc(one.run) or "").split())
    return f"| `{name}` | {_cell(argument)} | {_cell(words)} |\n"


def _targets(words: str, targets: Mapping[str, Kind]) -> str:
    rows = "".join(f"| `{name}` | {_kind(kind)} |\n" for name, kind in targets.items())
    return f"{words}\n\n| target | kind |\n|---|---|\n{rows}\n"


def _kind(kind: Kind) -> str:
    if kind.form == "text":
        return f"text, at most {kind.longest} characters"
    if kind.form == "words":
        return "one of: " + ", ".join(f"`{word}`" for word in kind.words)
    return _KINDS[kind.form]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(as_markdown().rstrip("\n") + "\n")
