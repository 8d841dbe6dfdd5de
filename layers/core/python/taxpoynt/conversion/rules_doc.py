"""The rule book as a page: `python -m taxpoynt.conversion.rules_doc > docs/reference/rules.md`."""

from __future__ import annotations

import sys

from taxpoynt.conversion.rates import RATES, Rate
from taxpoynt.conversion.rule_book import RULES, Rule
from taxpoynt.domain.money import plain

_HEAD = """# Numbered rules

Made from the code by `python -m taxpoynt.conversion.rules_doc`; do not edit. A document that breaks one of these is
not sent. A code never changes its meaning. Cases are the bad inputs of section 16 of the NRS reference.

| code | where | what is wrong | what to do | source | cases |
|---|---|---|---|---|---|
"""

_RATES = """
## Rates

| category | percent | since | until | source |
|---|---|---|---|---|
"""


def as_markdown() -> str:
    """The whole page."""
    rates = "".join(
        f"| `{one.category}` | {_percent(one)} | {one.since} | {one.until or 'in force'} | {one.source} |\n"
        for one in RATES
    )
    return _HEAD + "".join(_row(one) for one in RULES.values()) + _RATES + rates


def _percent(one: Rate) -> str:
    return "no published rate: only as stated" if one.percent is None else plain(one.percent)


def _row(one: Rule) -> str:
    path = f"`{one.path}`" if one.path else "any"
    cases = ", ".join(str(case) for case in one.cases) or "–"
    return f"| {one.code} | {path} | {one.message} | {one.remedy} | {one.source} | {cases} |\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
