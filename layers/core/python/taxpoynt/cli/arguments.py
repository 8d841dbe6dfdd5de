"""The words of the command line (contracts.md, part 2). Standard library only, so that `--help` is quick."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

FORMS = ("nrs", "summary", "invoice", "sale", "pdf", "receipt", "ubl", "explain")

_EPILOG = "JSON on stdout, words on stderr. Exit 0: done, 1: the input has faults, 2: wrong usage."


def build_parser() -> argparse.ArgumentParser:
    """The parser; every command sets `run` to a function from arguments to Answer."""
    parser = argparse.ArgumentParser(prog="taxpoynt", description="Sales to Nigerian NRS e-invoices.", epilog=_EPILOG)
    parser.add_argument(
        "--connectors",
        metavar="DIR",
        action="append",
        default=[],
        help="further connectors, DIR/<name>/connector.yaml; may be given again (also TAXPOYNT_CONNECTORS)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _convert(commands)
    _verify(commands)
    _check(commands)
    _stamp(commands)
    _templates(commands)
    _mapping(commands)
    _ops(commands)
    return parser


def _convert(commands: Any) -> None:
    one = commands.add_parser("convert", help="a platform record to an NRS body, a summary, a PDF …", epilog=_EPILOG)
    one.add_argument("connector", help="the platform; templates list names them")
    one.add_argument("record", metavar="RECORD.json", help="the record, a webhook or a bundle; - reads stdin")
    one.add_argument("--merchant", metavar="M.json", help="the seller; without it the faults name what is missing")
    one.add_argument("--mapping", metavar="RULES.yaml", help="the merchant's mapping rules")
    one.add_argument(
        "--related", metavar="NAME=FILE", action="append", default=[], help="a further API answer, by resource name"
    )
    one.add_argument(
        "--corrects", metavar="IRN", action="append", default=[], help="the invoice a credit note corrects"
    )
    one.add_argument("--as", dest="form", choices=FORMS, default="nrs", help="what to print (default: nrs)")
    one.set_defaults(run=_later("convert", "run"))


def _verify(commands: Any) -> None:
    one = commands.add_parser("verify", help="is this webhook delivery genuine?", epilog=_EPILOG)
    one.add_argument("connector")
    one.add_argument("--body", required=True, metavar="FILE", help="the raw body; - reads stdin")
    one.add_argument("--headers", required=True, metavar="FILE.json", help="an object, or a list of [name, value]")
    one.add_argument("--url", required=True, help="the public address it was sent to")
    one.add_argument(
        "--secret", required=True, action="append", help="for Basic: user:password; again for the previous one"
    )
    one.add_argument("--at", metavar="ISO-TIME", help="when it arrived, for schemes with a time stamp")
    one.add_argument("--method", default="POST")
    one.set_defaults(run=_later("verify", "run"))


def _check(commands: Any) -> None:
    one = commands.add_parser("check", help="the numbered rules on an NRS body made by anyone", epilog=_EPILOG)
    one.add_argument("invoice", metavar="INVOICE.json", help="- reads stdin")
    one.set_defaults(run=_later("tools", "check"))


def _stamp(commands: Any) -> None:
    one = commands.add_parser("stamp", help="stamp text and QR image of an IRN", epilog=_EPILOG)
    one.add_argument("--irn", required=True)
    one.add_argument("--keys", required=True, metavar="crypto_keys.txt")
    one.add_argument("--png", metavar="FILE", help="writes the QR image there")
    one.set_defaults(run=_later("tools", "stamp"))


def _templates(commands: Any) -> None:
    group = commands.add_parser("templates", help="connector templates", epilog=_EPILOG)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    one = actions.add_parser("list", help="every connector there is")
    one.set_defaults(run=_later("templates", "list_templates"))
    one = actions.add_parser("show", help="a template as JSON")
    one.add_argument("name")
    one.set_defaults(run=_later("templates", "show"))
    one = actions.add_parser("check", help="all faults of a connector.yaml and its folder, with line numbers")
    one.add_argument("file", metavar="FILE", help="a connector.yaml or its folder; - reads stdin")
    one.set_defaults(run=_later("templates", "check"))
    one = actions.add_parser("new", help="a folder to start a connector from; check names what only a person can know")
    one.add_argument("name", metavar="NAME", help="a-z, 0-9 and _, for example kasuwa")
    one.add_argument("--dir", metavar="DIR", default=".", help="where the folder NAME is made (default: here)")
    one.add_argument("--kind", choices=("crm", "pos"), default="crm", help="what is sold there (default: crm)")
    one.set_defaults(run=_later("templates", "new"))


def _mapping(commands: Any) -> None:
    group = commands.add_parser("mapping", help="mapping rules", epilog=_EPILOG)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    one = actions.add_parser("check", help="all faults of a rule set", epilog=_EPILOG)
    one.add_argument("file", metavar="RULES.yaml", help="- reads stdin")
    one.add_argument("--connector", required=True)
    one.set_defaults(run=_later("mapping", "check"))
    words = "what rules would change about records that are there: what appears, vanishes, changes or is refused"
    more = "It reads files; a merchant's own last records are tried on the rules page or by POST .../mappings/previews"
    one = actions.add_parser("what-if", help=words, description=f"{words}. {more}", epilog=_EPILOG)
    one.add_argument("connector", help="the platform; templates list names them")
    one.add_argument("rules", metavar="RULES.yaml", help="the new rules; - reads stdin")
    one.add_argument(
        "--records", required=True, metavar="DIR", help="a folder: one record or bundle in each .json file"
    )
    one.add_argument("--merchant", metavar="M.json", help="the seller, whose defaults count for lines and buyers")
    one.add_argument("--against", metavar="RULES.yaml", help="the rules that count now (default: the template's alone)")
    one.set_defaults(run=_later("mapping", "what_if"))


def _ops(commands: Any) -> None:
    group = commands.add_parser("ops", help="a running stage: on AWS, or the local one", epilog=_EPILOG)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    one = _on_stage(actions, "explain", "an invoice made again from its source, and the rule behind each field")
    one.add_argument("irn", metavar="IRN")
    one.add_argument("--merchant", metavar="M", help="whose it is; found by itself otherwise")
    one.add_argument("--unmasked", action="store_true", help="show the buyer's and other personal data too")
    one = _on_stage(actions, "evidence", "a zip of everything about a period, to be verified without us")
    one.add_argument("--merchant", metavar="M", required=True)
    one.add_argument("--from", dest="begin", metavar="DATE", required=True, help="first issue date, 2026-01-01")
    one.add_argument("--to", dest="end", metavar="DATE", required=True, help="last issue date")
    one.add_argument("--out", metavar="FILE.zip", help="where to (default: evidence-M-FROM-TO.zip)")
    one.add_argument("--dry-run", action="store_true", help="count only; seal and write nothing")
    _on_stage(actions, "doctor", "are all stores reachable, and do the ledgers end where their heads say?")
    one = _on_stage(actions, "connections", "connections and how each is")
    one.add_argument("--merchant", metavar="M", help="of one merchant only")
    one.add_argument("--check", action="store_true", help="have the platforms asked now; look again in a minute")
    one = _on_stage(actions, "events", "a merchant's newest events and how each ended")
    one.add_argument("--merchant", metavar="M", required=True)
    one.add_argument("--limit", type=int, default=50)
    one.add_argument("--cursor", help="from the answer before")
    one = _on_stage(actions, "reconcile", "what NRS holds of every claim that is open here", module="ops_acts")
    one.add_argument("--merchant", metavar="M", help="of one merchant only")
    one = _on_stage(actions, "dlq", "dead letters: how many, and sending them again", module="ops_acts")
    one.add_argument("--redrive", choices=("pos", "crm", "bulk"), metavar="QUEUE", help="pos, crm or bulk")
    one.add_argument("--most", type=int, default=1000, metavar="N", help="messages at most (1000)")
    one.add_argument("--dry-run", action="store_true", help="count only")
    one = _on_stage(actions, "replay", "looks at a sale's source record again", module="ops_acts")
    for name in ("merchant", "connector"):
        one.add_argument(f"--{name}", required=True)
    one.add_argument("--sale", dest="sale_id", required=True, metavar="ID")
    one.add_argument("--dry-run", action="store_true", help="show the job and do not queue it")
    one = _on_stage(actions, "revoke", "ends a connection at the platform and here", module="ops_acts")
    for name in ("merchant", "connection", "who", "why"):
        one.add_argument(f"--{name}", required=True)
    one.add_argument("--dry-run", action="store_true", help="show the job and do not queue it")


def _on_stage(actions: Any, name: str, words: str, *, module: str = "ops") -> Any:
    one = actions.add_parser(name, help=words, description=words, epilog=_EPILOG)
    one.add_argument("--stage", help="its name (default: TAXPOYNT_STAGE, else the local stage)")
    one.add_argument("--json", action="store_true", help="the default: JSON on stdout, words on stderr")
    one.set_defaults(run=_later(module, name))
    return one


def _later(module: str, function: str) -> Callable[[argparse.Namespace], Any]:
    """The function of that name, imported when it is called."""

    def run(arguments: argparse.Namespace) -> Any:
        return getattr(import_module(f"taxpoynt.cli.{module}"), function)(arguments)

    return run
