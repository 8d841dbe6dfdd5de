"""What is written down: a rule or a reason for each target, and a page in step with template and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from taxpoynt.connector_kit.declared_surface import surface
from taxpoynt.connector_kit.folder_check import check_folder
from tests.conformance.evidence import Case, counted

_CODE = re.compile(r"""["']([A-Z]{2,6}-[0-9]{3})["']""")
_ROW = re.compile(r"^\|[^|]*\|", re.MULTILINE)
_ON_PAGE = re.compile(r"\b([A-Z]{2,6}-[0-9]{3})\b")


def check_mapping(case: Case) -> list[str]:
    """Every target that a rule could set has one, or a reason in `unmapped`; no reason is out of date."""
    wanted = set(surface(case.template).targets)
    given = {rule.target for rule in case.template.mapping.rules}
    reasons = case.data.unmapped
    by_code = _set_by_python(case)
    lacking = sorted(one for one in wanted - given - by_code if _reason(reasons, one) is None)
    assert not lacking, f"no rule and no reason for {', '.join(lacking)}"
    stale = sorted(name for name in reasons if not any(_covers(name, one) for one in wanted - given))
    assert not stale, f"a reason for what has a rule, or is no target: {', '.join(stale)}"
    excused = len(wanted - given - by_code)
    return [f"{len(wanted)} targets: {len(wanted & (given | by_code))} with a rule, {excused} with a reason"]


def _set_by_python(case: Case) -> set[str]:
    """`line.description` and the like, where mapping.py makes the line and a rule only overrides it."""
    return {"line.description"} if case.template.sale is None else set()


def _reason(reasons: dict[str, str], target: str) -> str | None:
    return next((why for name, why in reasons.items() if _covers(name, target)), None)


def _covers(name: str, target: str) -> bool:
    return target == name or (name.endswith(".*") and target.startswith(name[:-1]))


def check_docs(case: Case) -> list[str]:
    """The page is there, names platform and scopes, and lists exactly the codes that the connector can raise."""
    faults = [one for one in check_folder(case.folder) if one.code == "TPL-022"]
    assert not faults, "; ".join(f"{one.path}: {one.message}" for one in faults)
    page = page_of(case).read_text("utf-8")
    raised = set(_raised(case.folder))
    listed = {code for row in _ROW.findall(page) for code in _ON_PAGE.findall(row)}
    own = {code.partition("-")[0] for code in raised}
    assert raised <= listed, f"the page's table of faults lacks {', '.join(sorted(raised - listed))}"
    gone = sorted(code for code in listed - raised if code.partition("-")[0] in own)
    assert not gone, f"the page lists {', '.join(gone)}, which nothing raises"
    scopes = len(case.template.oauth.scopes)
    return [
        f"{case.template.docs.guide} names {counted(scopes, 'scope')} and {counted(len(raised), 'fault')} of its own"
    ]


def page_of(case: Case) -> Path:
    """The page of a connector, in its folder or in the repository."""
    guide = case.template.docs.guide
    return next(place / guide for place in (case.folder, *case.folder.parents) if (place / guide).is_file())


def _raised(folder: Path) -> Iterator[str]:
    for module in sorted(folder.glob("*.py")):
        yield from _CODE.findall(module.read_text("utf-8"))
