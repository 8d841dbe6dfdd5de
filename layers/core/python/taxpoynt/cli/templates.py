"""`taxpoynt templates`: what connectors there are, what is wrong with one, and how to begin another."""

from __future__ import annotations

import argparse
from pathlib import Path

from taxpoynt.cli.answer import Answer, Usage, read_text
from taxpoynt.cli.tools import judged


def list_templates(_arguments: argparse.Namespace) -> Answer:
    """Name, title, kind and summary of each connector; one that cannot be used yet says why instead."""
    from taxpoynt.connector_kit.loader import names

    rows = [_row(name) for name in names()]
    broken = [str(row["name"]) for row in rows if "broken" in row]
    words = f"not usable yet: {', '.join(broken)}; templates check says everything"
    return Answer(0, rows, (words,) if broken else ())


def _row(name: str) -> dict[str, str]:
    from taxpoynt.connector_kit.loader import template
    from taxpoynt.errors import ConfigurationError

    try:
        one = template(name)
    except ConfigurationError as problem:
        return {"name": name, "broken": str(problem)}
    return {"name": one.name, "title": one.title, "kind": one.kind, "summary": one.summary}


def show(arguments: argparse.Namespace) -> Answer:
    """One template with every default filled in."""
    from taxpoynt.connector_kit.loader import template

    return Answer(0, template(arguments.name).model_dump(mode="json"))


def check(arguments: argparse.Namespace) -> Answer:
    """All faults of a template at once, and of its folder where there is one."""
    from taxpoynt.connector_kit.folder_check import check_folder
    from taxpoynt.connector_kit.template_check import check as check_text

    place = Path(arguments.file)
    if place.is_dir():
        return judged(check_folder(place))
    if place.name == "connector.yaml" and place.is_file():
        return judged(check_folder(place.absolute().parent))
    return judged(check_text(read_text(arguments.file)))


def new(arguments: argparse.Namespace) -> Answer:
    """A folder to start from, and what to do next."""
    from taxpoynt.connector_kit import scaffolding

    try:
        made = scaffolding.scaffold(arguments.name, Path(arguments.dir), kind=arguments.kind)
    except ValueError as problem:
        raise Usage(str(problem)) from None
    return Answer(0, {"made": [str(path) for path in made]}, (scaffolding.next_steps(arguments.name, arguments.dir),))
