"""Every quality rule with what the kit does for it, and the score card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from taxpoynt.connector_kit.template_quality import QUALITY_RULES, Exempt
from taxpoynt.errors import TaxPoyntError
from tests.conformance import (
    ack_path,
    answers,
    chains,
    deliveries,
    hiding,
    obedience,
    pages,
    polled,
    refreshing,
    signatures,
)
from tests.conformance.evidence import Case

Check = Callable[[Case], list[str]]

CHECKS: Mapping[str, Check] = {
    "signature_vectors": signatures.check,
    "duplicates": deliveries.check,
    "polling": polled.check_polling,
    "paging": polled.check_paging,
    "rate_limit": obedience.check,
    "errors": answers.check_errors,
    "refresh": refreshing.check,
    "account_identity": answers.check_account,
    "uninstall": answers.check_uninstall,
    "deadline": ack_path.check,
    "redaction": hiding.check,
    "golden": chains.check,
    "mapping_coverage": pages.check_mapping,
    "docs": pages.check_docs,
}
"""In the order of the score card; each returns what it saw, or raises AssertionError with what is wrong."""


@dataclass(frozen=True)
class Score:
    """How one rule stands. state: passed, exempt or failed; told: what was seen, the reason, or what is wrong."""

    rule: str
    state: str
    told: str


def score(case: Case, rule: str) -> Score:
    """Carries one rule out. What a check cannot even begin with is a failure like any other."""
    answer = case.template.quality[rule]  # type: ignore[index]  # a name of the closed list
    if isinstance(answer, Exempt):
        return Score(rule, "exempt", answer.exempt)
    try:
        return Score(rule, "passed", "; ".join(CHECKS[rule](case)))
    except AssertionError as problem:
        return Score(rule, "failed", str(problem).strip().partition("\nassert ")[0])
    except (TaxPoyntError, ValueError) as problem:
        return Score(rule, "failed", f"{type(problem).__name__}: {problem}")


def card(case: Case, scores: list[Score]) -> str:
    """One connector's score card, in Markdown."""
    kept = sum(one.state != "failed" for one in scores)
    exempt = sum(one.state == "exempt" for one in scores)
    head = f"## {case.template.title}\n\n{kept} of {len(QUALITY_RULES)} rules hold"
    head += f", {exempt} of them exempt.\n\n" if exempt else ".\n\n"
    rows = "".join(f"| {one.rule} | {one.state} | {one.told.replace('|', '/')} |\n" for one in scores)
    return f"{head}| rule | | what was seen |\n|---|---|---|\n{rows}"
