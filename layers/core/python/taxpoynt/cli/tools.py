"""The small commands: check, stamp."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taxpoynt.cli.answer import Answer, read_bytes, read_json_file, read_text
from taxpoynt.conversion.summary import fault_rows
from taxpoynt.errors import BadInput, Fault


def check(arguments: argparse.Namespace) -> Answer:
    """The numbered rules on an NRS body."""
    from taxpoynt.conversion.body_rules import check_body
    from taxpoynt.conversion.clock import lagos_date
    from taxpoynt.nrs.resources import code_lists

    body = read_json_file(arguments.invoice)
    return judged(check_body(body, code_lists(), today=lagos_date(datetime.now(UTC))))


def stamp(arguments: argparse.Namespace) -> Answer:
    """Stamp text, and the QR image if asked for."""
    from taxpoynt.conversion.numbering import check_irn
    from taxpoynt.nrs.stamp import RsaStampMaker

    if faults := check_irn(arguments.irn):
        return judged(faults)
    keys = read_bytes(arguments.keys).decode("utf-8-sig", "replace")
    try:
        made = RsaStampMaker().stamp(keys, arguments.irn, datetime.now(UTC))
    except BadInput as problem:
        remedy = "Download crypto_keys.txt from the NRS portal again and give it as it is."
        return judged([Fault("STAMP-002", "crypto_keys", f"The stamp cannot be made: {problem}.", remedy)])
    shown = {"irn": arguments.irn, "stamp": made.text, "made_at": made.made_at.isoformat()}
    if arguments.png:
        from taxpoynt.documents import qr

        Path(arguments.png).write_bytes(qr.png(made.text))
        shown["png"] = arguments.png
    return Answer(0, shown)


def read_yaml(name: str) -> Any:
    """YAML or JSON as plain data; BadInput when it is neither."""
    import yaml

    try:
        return yaml.safe_load(read_text(name))
    except yaml.MarkedYAMLError as problem:
        line = f" in line {problem.problem_mark.line + 1}" if problem.problem_mark else ""
        raise BadInput(f"{name}: not YAML{line}: {problem.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise BadInput(f"{name}: not YAML: {str(problem).splitlines()[0]}") from None


def judged(faults: Sequence[Fault]) -> Answer:
    """Exit 0 without faults, 1 with them."""
    words = f"{len(faults)} faults" if len(faults) != 1 else "1 fault"
    return Answer(1 if faults else 0, {"faults": fault_rows(faults)}, (words if faults else "no faults",))
