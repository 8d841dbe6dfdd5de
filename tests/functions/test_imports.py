"""Import does nothing: every module and every handler in a fresh interpreter with an empty environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/core/python"
HANDLERS = sorted(f"functions.{path.parent.name}.handler" for path in ROOT.glob("functions/*/handler.py"))

IMPORT_ALL = """
import importlib, pkgutil, socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("a connection at import")
socket.socket.connect = refuse
import taxpoynt
names = [m.name for m in pkgutil.walk_packages(taxpoynt.__path__, "taxpoynt.") if m.name != "taxpoynt.__main__"]
for name in [*names, *sys.argv[1:]]:
    importlib.import_module(name)
print(len(names))
"""

ACK_PATH = """
import sys
import functions.receive_webhook.handler
heavy = ("pydantic", "authlib", "boto3", "requests", "jinja2", "cryptography", "aws_xray_sdk",
         "aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.parser",
         "taxpoynt.ports", "taxpoynt.conversion", "taxpoynt.mapping")
print([name for name in heavy if name in sys.modules])
"""


def _fresh(code: str, *arguments: str) -> str:
    command = [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(PACKAGE)!r}]\n{code}"]
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [*command, *arguments], env={}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_every_module_and_every_handler_imports_with_an_empty_environment() -> None:
    assert int(_fresh(IMPORT_ALL, *HANDLERS)) > 50


@pytest.mark.parametrize("handler", HANDLERS)
def test_each_handler_imports_alone(handler: str) -> None:
    _fresh(f"import {handler}; assert callable({handler}.handler)")


def test_the_webhook_path_imports_nothing_heavy() -> None:
    assert _fresh(ACK_PATH) == "[]"


@pytest.mark.parametrize("path", sorted(ROOT.glob("functions/*/handler.py")), ids=lambda path: path.parent.name)
def test_handlers_stay_thin(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 25
