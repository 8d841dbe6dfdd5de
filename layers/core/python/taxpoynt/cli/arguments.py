"""The words of the command line (contracts.md, part 2). Standard library only, so that `--help` is quick."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

FORMS = ("nrs", "summary", "invoice", "sale", "pdf", "explain", "ubl")

_EPILOG = "JSON on stdout, words on stderr. Exit 0: done, 1: the input has faults, 2: wrong usage."


def build_parser() -> argparse.ArgumentParser:
    """The parser; every command sets `run` to a function from arguments to Answer."""
    parser = argparse.ArgumentParser(prog="taxpoynt", description="Sales to Nigerian NRS e-invoices.", epilog=_EPILOG)
    parser.add_argument("--connectors", metavar="DIR", help="folders with further connectors (later version)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _convert(commands)
    _verify(commands)
    _check(commands)
    _stamp(commands)
    _templates(commands)
    _mapping(commands)
    return parser


def _convert(commands: Any) -> None:
    one = commands.add_parser("convert", help="a platform record to an NRS body, a summary, a PDF …", epilog=_EPILOG)
    one.add_argument("connector", help="the platform, for example pipedrive")
    one.add_argument("record", metavar="RECORD.json", help="the record, a webhook or a bundle; - reads stdin")
    one.add_argument("--merchant", metavar="M.json", help="the seller; without it the faults name what is missing")
    one.add_argument("--mapping", metavar="RULES.yaml", help="the merchant's mapping rules")
    one.add_argument(
        "--related", metavar="NAME=FILE", action="append", default=[], help="a further API answer, by resource name"
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
    one.set_defaults(run=_later("tools", "list_templates"))
    one = actions.add_parser("show", help="a template as JSON")
    one.add_argument("name")
    one.set_defaults(run=_later("tools", "show_template"))
    one = actions.add_parser("check", help="all faults of a connector.yaml, with line numbers")
    one.add_argument("file", metavar="FILE", help="- reads stdin")
    one.set_defaults(run=_later("tools", "check_template"))
    one = actions.add_parser("new", help="comes with a later version")
    one.add_argument("name")
    one.set_defaults(run=_later("tools", "new_template"))


def _mapping(commands: Any) -> None:
    group = commands.add_parser("mapping", help="mapping rules", epilog=_EPILOG)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    one = actions.add_parser("check", help="all faults of a rule set")
    one.add_argument("file", metavar="RULES.yaml", help="- reads stdin")
    one.add_argument("--connector", required=True)
    one.set_defaults(run=_later("tools", "check_mapping"))


def _later(module: str, function: str) -> Callable[[argparse.Namespace], Any]:
    """The function of that name, imported when it is called."""

    def run(arguments: argparse.Namespace) -> Any:
        return getattr(import_module(f"taxpoynt.cli.{module}"), function)(arguments)

    return run
