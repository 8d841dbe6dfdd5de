"""Which connectors are judged, and the score card at the end of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from taxpoynt.connector_kit import folders
from taxpoynt.connector_kit.template_quality import QUALITY_RULES
from taxpoynt.errors import ConfigurationError
from tests.conformance.evidence import OUTSIDE, Case, case_of
from tests.conformance.kit import Score, card, score

_cases: dict[tuple[str, bool], Case] = {}
_scores: dict[tuple[str, str], Score] = {}


def _outside() -> list[str]:
    """Ours; those of TAXPOYNT_CONNECTORS are found anyhow."""
    return [str(OUTSIDE)]


@pytest.fixture(autouse=True)
def _folders() -> Iterator[None]:
    folders.use(_outside())
    yield
    folders.use(())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "judged" not in metafunc.fixturenames:
        return
    folders.use(_outside())
    try:
        names = folders.names()
    finally:
        folders.use(())
    pairs = [(name, rule) for name in names for rule in QUALITY_RULES]
    metafunc.parametrize("judged", pairs, ids=["-".join(pair) for pair in pairs], indirect=True)


def scored(name: str, rule: str, *, update: bool) -> Score:
    """The score of one rule, found once a run."""
    if (name, update) not in _cases:
        try:
            _cases[name, update] = case_of(name, update=update)
        except (ConfigurationError, ValueError) as problem:
            return Score(rule, "failed", f"{name} cannot be judged: {problem}")
    if (name, rule) not in _scores:
        _scores[name, rule] = score(_cases[name, update], rule)
    return _scores[name, rule]


@pytest.fixture
def judged(request: pytest.FixtureRequest) -> Score:
    name, rule = request.param
    return scored(name, rule, update=bool(request.config.getoption("--update-golden")))


@pytest.fixture
def scores(request: pytest.FixtureRequest) -> object:
    """`scores(name)`: the whole card of a connector."""
    update = bool(request.config.getoption("--update-golden"))

    def of(name: str) -> str:
        found = [scored(name, rule, update=update) for rule in QUALITY_RULES]
        return card(_cases[name, update], found)

    return of


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The card of every connector that was judged whole, where somebody asked for it (`make conformance`)."""
    if not os.environ.get("TAXPOYNT_SCORE_CARD"):
        return
    for (name, _), case in _cases.items():
        found = [_scores[name, rule] for rule in QUALITY_RULES if (name, rule) in _scores]
        terminalreporter.write_line("\n" + card(case, found))
