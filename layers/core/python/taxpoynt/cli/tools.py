"""The small commands: check, stamp, templates, mapping."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taxpoynt.cli.answer import Answer, Usage, read_bytes, read_json_file
from taxpoynt.conversion.summary import fault_rows
from taxpoynt.errors import BadInput, Fault


def check(arguments: argparse.Namespace) -> Answer:
    """The numbered rules on an NRS body."""
    from taxpoynt.conversion.body_rules import check_body
    from taxpoynt.conversion.clock import lagos_date
    from taxpoynt.nrs.resources import code_lists

    body = read_json_file(arguments.invoice)
    return _judged(check_body(body, code_lists(), today=lagos_date(datetime.now(UTC))))


def stamp(arguments: argparse.Namespace) -> Answer:
    """Stamp text, and the QR image if asked for."""
    from taxpoynt.conversion.numbering import check_irn
    from taxpoynt.nrs.stamp import RsaStampMaker

    if faults := check_irn(arguments.irn):
        return _judged(faults)
    keys = read_bytes(arguments.keys).decode("utf-8-sig", "replace")
    made = RsaStampMaker().stamp(keys, arguments.irn, datetime.now(UTC))
    shown = {"irn": arguments.irn, "stamp": made.text, "made_at": made.made_at.isoformat()}
    if arguments.png:
        from taxpoynt.documents.pdf import InvoicePdf

        Path(arguments.png).write_bytes(InvoicePdf().qr_png(made))
        shown["png"] = arguments.png
    return Answer(0, shown)


def list_templates(_arguments: argparse.Namespace) -> Answer:
    """Name, title, kind and summary of each connector."""
    from taxpoynt.connector_kit.loader import names, template

    found = [template(name) for name in names()]
    return Answer(
        0, [{"name": one.name, "title": one.title, "kind": one.kind, "summary": one.summary} for one in found]
    )


def show_template(arguments: argparse.Namespace) -> Answer:
    """One template with every default filled in."""
    from taxpoynt.connector_kit.loader import template

    return Answer(0, template(arguments.name).model_dump(mode="json"))


def check_template(arguments: argparse.Namespace) -> Answer:
    """All faults of a template at once."""
    from taxpoynt.connector_kit.template_check import check as check_text

    return _judged(check_text(_text(arguments.file)))


def new_template(_arguments: argparse.Namespace) -> Answer:
    """Not in this version."""
    raise Usage("templates new comes with a later version; copy connectors/pipedrive and use templates check")


def check_mapping(arguments: argparse.Namespace) -> Answer:
    """All faults of a rule set at once."""
    from taxpoynt.connector_kit.loader import template
    from taxpoynt.mapping.rules import check as check_rules

    template(arguments.connector)
    return _judged(check_rules(read_yaml(arguments.file)))


def read_yaml(name: str) -> Any:
    """YAML or JSON as plain data; BadInput when it is neither."""
    import yaml

    try:
        return yaml.safe_load(_text(name))
    except yaml.MarkedYAMLError as problem:
        line = f" in line {problem.problem_mark.line + 1}" if problem.problem_mark else ""
        raise BadInput(f"{name}: not YAML{line}: {problem.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise BadInput(f"{name}: not YAML: {str(problem).splitlines()[0]}") from None


def _text(name: str) -> str:
    try:
        return read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{name}: not UTF-8 text") from None


def _judged(faults: Sequence[Fault]) -> Answer:
    words = f"{len(faults)} faults" if len(faults) != 1 else "1 fault"
    return Answer(1 if faults else 0, {"faults": fault_rows(faults)}, (words if faults else "no faults",))
