"""`taxpoynt mapping …`: judges rules, and tells what they would change about records that are there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxpoynt.cli.answer import Answer, Usage
from taxpoynt.cli.tools import judged, read_yaml
from taxpoynt.errors import BadInput, FaultsFound

if TYPE_CHECKING:
    from taxpoynt.connector_kit.connector import TemplateConnector
    from taxpoynt.connector_kit.template import Template
    from taxpoynt.domain.source import SourceBundle
    from taxpoynt.services.what_if import RecordOutcome

_SLOW = 25
"""Records between two lines of progress."""


def check(arguments: argparse.Namespace) -> Answer:
    """All faults of a rule document at once."""
    from taxpoynt.connector_kit.loader import template
    from taxpoynt.connector_kit.rule_checks import checks_of
    from taxpoynt.mapping.documents import check as check_document
    from taxpoynt.nrs.resources import code_lists

    checks = checks_of(template(arguments.connector), code_lists())
    return judged(check_document(read_yaml(arguments.file), checks))


def what_if(arguments: argparse.Namespace) -> Answer:
    """Each record by the rules that count now and by those given. Exit 1 when a record is newly refused."""
    from taxpoynt.cli.convert import merchant_of
    from taxpoynt.connector_kit.classed import HIDDEN_FROM_OTHERS, hides
    from taxpoynt.connector_kit.loader import load
    from taxpoynt.connector_kit.redaction import classed_texts
    from taxpoynt.nrs.resources import code_lists
    from taxpoynt.services.what_if import chosen_by
    from taxpoynt.services.what_if import what_if as compare
    from taxpoynt.services.what_if_shown import shown
    from taxpoynt.services.what_if_sides import Circumstances

    connector = load(arguments.connector)
    after = chosen_by(document(arguments.rules, connector.template))
    before = chosen_by(document(arguments.against, connector.template))
    merchant = merchant_of(arguments.merchant)
    classes = connector.template.data
    about = Circumstances(
        lists=code_lists(),
        hides=hides(connector.template),
        texts=lambda bundle: classed_texts(classes, connector.read_view(bundle, {}), hide=HIDDEN_FROM_OTHERS),
    )
    files = _files(arguments.records)
    progress = _Progress(len(files))
    made = compare(connector, _bundles(connector, files), merchant, before, after, about, progress.seen)
    worse = any(one.is_new for one in made.records)
    told = ", ".join(f"{made.counts[outcome]} {outcome}" for outcome in made.counts)
    return Answer(1 if worse else 0, shown(made), (f"{len(made.records)} records: {told}",))


def document(name: str | None, template: Template) -> dict[str, Any]:
    """A rule document that is sound for its connector; none is an empty one. FaultsFound with everything wrong."""
    from taxpoynt.connector_kit.rule_checks import checks_of
    from taxpoynt.mapping.documents import check as check_document
    from taxpoynt.nrs.resources import code_lists

    if name is None:
        return {}
    found = read_yaml(name)
    if faults := check_document(found, checks_of(template, code_lists())):
        raise FaultsFound(faults)
    return dict(found)


def _files(name: str) -> list[Path]:
    """The records of a folder, by name."""
    folder = Path(name)
    if not folder.is_dir():
        raise Usage(f"--records {name}: give a folder with one record or bundle in each file")
    found = sorted(path for path in folder.iterdir() if path.suffix == ".json" and path.is_file())
    if not found:
        raise Usage(f"--records {name}: there is no .json file in it")
    return found


def _bundles(connector: TemplateConnector, files: list[Path]) -> Iterator[tuple[str, SourceBundle]]:
    """Each record with its file's name; a file that cannot be read is a record that cannot."""
    from taxpoynt.cli.records import given
    from taxpoynt.domain.source import Answer as Kept
    from taxpoynt.domain.source import SourceBundle

    primary = connector.template.trigger.record
    for file in files:
        try:
            records = given(connector, str(file), ())
        except BadInput:
            unread: Mapping[str, tuple[Kept, ...]] = {primary: (Kept("command line", file.read_bytes()),)}
            yield file.name, SourceBundle(connector.name, primary, "", unread)
            continue
        for number, record in enumerate(records, 1):
            yield file.name if len(records) == 1 else f"{file.name} #{number}", record.bundle


class _Progress:
    """Words on stderr while it works."""

    def __init__(self, files: int) -> None:
        self._files = files
        self._records = 0

    def seen(self, one: RecordOutcome) -> None:
        """After each record: what stands out at once, the rest now and then."""
        self._records += 1
        if one.outcome in ("refused", "vanishes") and (one.is_new or one.outcome == "vanishes"):
            codes = ", ".join(sorted({fault.code for fault in one.faults})) or one.why
            sys.stderr.write(f"{one.name}: {one.outcome} ({codes})\n")
        elif self._records % _SLOW == 0:
            sys.stderr.write(f"{self._records} records of {self._files} files …\n")
