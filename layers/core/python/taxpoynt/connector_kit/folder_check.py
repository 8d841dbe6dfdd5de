"""What is wrong with a connector's folder as a whole: template, page, Python and golden cases."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from taxpoynt.connector_kit import folders
from taxpoynt.connector_kit.findings import FILL
from taxpoynt.connector_kit.folders import TEMPLATE
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_check import read
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput, Fault

CASES = "golden"
EVIDENCE = "conformance.yaml"
"""What the conformance kit reads beside the template (docs/conformance.md); only its gaps are told here."""
BUNDLE, SUMMARY = ".bundle.json", ".summary.json"
"""A golden case of an outside folder: `golden/NAME.bundle.json`, the answers by resource, and what becomes of them."""


def check_folder(folder: Path) -> list[Fault]:
    """All faults of the template by line, then those of what stands beside it."""
    text = (folder / TEMPLATE).read_text("utf-8-sig")
    template, faults = read(text)
    return [*faults, *_name(folder, text), *_beside(folder, template)]


def _name(folder: Path, text: str) -> Iterator[Fault]:
    name = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("name:")), folder.name)
    if name != folder.name:
        yield Fault("TPL-021", "name", f"the folder is called {folder.name!r}", "give both the same name")


def _beside(folder: Path, template: Template | None) -> Iterator[Fault]:
    if template is not None:
        yield from _page(folder, template)
        yield from _letters(folder, template)
        if template.sale is None and not (folder / "mapping.py").is_file():
            message = "nothing says how a record becomes a sale: no sale block, and no mapping.py"
            yield Fault("TPL-023", "mapping.py", message, "add a `sale` block with rules for every target of a sale")
    for module in sorted(folder.glob("*.py")):
        try:
            ast.parse(module.read_text("utf-8"), module.name)
        except (SyntaxError, ValueError) as problem:
            yield Fault("TPL-023", module.name, f"not Python: {problem}", "mend it")
    yield from _evidence(folder / EVIDENCE)
    yield from _cases(folder)


def _evidence(file: Path) -> Iterator[Fault]:
    if file.is_file() and re.search(rf": {FILL}", file.read_text("utf-8")):
        yield Fault("TPL-020", file.name, "the evidence has places to fill in", "only a person can know this")


def _letters(folder: Path, template: Template) -> Iterator[Fault]:
    """Two platforms with the same letters would give two sales with one id the same number."""
    for name in folders.names():
        other = re.search(r"^number_letters: *([A-Z]+)", folders.text(name), re.MULTILINE)
        if name != folder.name and other is not None and other[1] == template.number_letters:
            yield Fault(
                "TPL-021", "number_letters", f"{other[1]} begins the numbers of {name} already", "choose others"
            )


def _page(folder: Path, template: Template) -> Iterator[Fault]:
    """Of a shipped connector the page stands in the repository, of an outside one in its own folder."""
    guide = template.docs.guide
    page = next((place / guide for place in (folder, *folder.parents) if (place / guide).is_file()), None)
    if page is None:
        yield Fault(
            "TPL-022", "docs.guide", f"there is no page {guide}", "write what the connector does and does not do"
        )
        return
    text = page.read_text("utf-8")
    lacking = [word for word in (template.title, *(scope.name for scope in template.oauth.scopes)) if word not in text]
    if lacking:
        yield Fault(
            "TPL-022", str(guide), f"the page does not mention {lacking[0]!r}", "keep page and template in step"
        )
    if FILL.strip() in text.split():
        yield Fault("TPL-020", str(guide), "the page has places to fill in", "only a person can know this")


def _cases(folder: Path) -> Iterator[Fault]:
    """Cases of an outside folder: each bundle has its summary, and both are JSON."""
    cases = folder / CASES
    if not cases.is_dir():
        return
    for bundle in sorted(cases.glob(f"*{BUNDLE}")):
        summary = bundle.with_name(bundle.name.removesuffix(BUNDLE) + SUMMARY)
        for file in (bundle, summary):
            path = f"{CASES}/{file.name}"
            if not file.is_file():
                yield Fault("TPL-024", path, "the other half of this golden case is missing", "see docs/templates.md")
                continue
            yield from _case_file(file, path)


def _case_file(file: Path, path: str) -> Iterator[Fault]:
    text = file.read_bytes()
    if f'"{FILL}'.encode() in text:
        yield Fault("TPL-020", path, "this golden case has places to fill in", "only a person can know this")
        return
    try:
        read_json(text)
    except BadInput as problem:
        yield Fault("TPL-024", path, str(problem), "mend it")
