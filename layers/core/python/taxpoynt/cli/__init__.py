"""The `taxpoynt` command: JSON on stdout, words on stderr; 0 done, 1 the input has faults, 2 wrong usage.

Commands import what they need when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence

from taxpoynt.cli.answer import Answer, Usage
from taxpoynt.cli.arguments import build_parser
from taxpoynt.connector_kit import folders
from taxpoynt.errors import BadInput, ConfigurationError, FaultsFound, NotFound, Rejected


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the terminal or cron thinks
    try:
        answer = _run(argv)
    except SystemExit as leaving:  # argparse has said why
        return int(leaving.code or 0)
    except (Usage, NotFound) as problem:
        return _say(f"taxpoynt: {problem}", 2)
    except OSError as problem:
        return _say(f"taxpoynt: {problem.filename}: {problem.strerror}", 2)
    except Rejected as problem:
        answer = _faults(problem)
    return _show(answer)


def _run(argv: Sequence[str] | None) -> Answer:
    arguments = build_parser().parse_args(argv)
    folders.use(arguments.connectors)
    try:
        folders.outside()
    except ConfigurationError as problem:
        raise Usage(str(problem)) from None
    answer: Answer = arguments.run(arguments)
    return answer


def _faults(problem: Rejected) -> Answer:
    from taxpoynt.conversion.summary import fault_rows

    if isinstance(problem, FaultsFound):
        return Answer(1, {"faults": fault_rows(problem.faults)})
    code = "INPUT-001" if isinstance(problem, BadInput) else type(problem).__name__
    row = {"code": code, "path": "", "message": str(problem), "remedy": "give what the command expects; see --help"}
    return Answer(1, {"faults": [row]})


def _show(answer: Answer) -> int:
    for words in answer.words:
        sys.stderr.write(words + "\n")
    if isinstance(answer.output, bytes):
        if sys.stdout.isatty():
            return _say("taxpoynt: that is a binary file; write it to one with > FILE", 2)
        sys.stdout.buffer.write(answer.output)
        sys.stdout.buffer.flush()
    elif isinstance(answer.output, str):
        sys.stdout.write(answer.output + "\n")
    else:
        sys.stdout.write(json.dumps(answer.output, indent=2, ensure_ascii=False) + "\n")
    return answer.code


def _say(words: str, code: int) -> int:
    sys.stderr.write(words + "\n")
    return code
