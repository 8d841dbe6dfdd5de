"""Finds connectors by their folder: `connectors/<name>/connector.yaml`, and `mapping.py` beside it.

No registry: a folder is a connector.
"""

from __future__ import annotations

import importlib
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from taxpoynt.connector_kit.connector import TemplateConnector
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_check import quick, read
from taxpoynt.errors import ConfigurationError, Fault, NotFound

_PACKAGE = "taxpoynt.connectors"


def names() -> list[str]:
    """Every connector there is."""
    return sorted(place.name for place in files(_PACKAGE).iterdir() if (place / "connector.yaml").is_file())


def text(name: str) -> str:
    """The template as written; NotFound for a connector we do not have."""
    place: Traversable = files(_PACKAGE) / name / "connector.yaml"
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or not place.is_file():
        raise NotFound(f"no connector called {name[:40]!r}; there are: {', '.join(names())}")
    return place.read_text("utf-8")


@cache
def template(name: str) -> Template:
    """The checked template; ConfigurationError names the first fault of a broken one."""
    written = text(name)
    found = quick(written)
    faults: list[Fault] = []
    if found is None:
        found, faults = read(written)
    if found is None or found.name != name:
        first = f"{faults[0].path}: {faults[0].message}" if faults else "its name is not its folder's"
        raise ConfigurationError(f"connector {name}: {first}")
    return found


@cache
def load(name: str) -> TemplateConnector:
    """The connector, ready to use."""
    spec = template(name)
    module = importlib.import_module(f"{_PACKAGE}.{name}.mapping")
    return TemplateConnector(spec, module.events, module.embedded, module.view, module.sale)
