"""Finds connectors by their folder: `connector.yaml`, and `mapping.py` beside it where Python is needed.

No registry: a folder is a connector, in the package or in a folder an operator names (folders.py).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from functools import cache, partial
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from taxpoynt.connector_kit import declared, events, folders
from taxpoynt.connector_kit.connector import TemplateConnector
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_check import quick, read
from taxpoynt.errors import ConfigurationError, Fault, NotFound

_OUTSIDE = "taxpoynt_connector_"
"""What modules of an outside folder are called: `taxpoynt_connector_<name>.mapping`. No entry of sys.path changes."""


def names() -> list[str]:
    """Every connector there is."""
    return folders.names()


def text(name: str) -> str:
    """The template as written; NotFound for a connector we do not have."""
    try:
        return folders.text(name)
    except NotFound as problem:
        raise NotFound(f"{problem}; there are: {', '.join(names())}") from None


def template(name: str) -> Template:
    """The checked template; ConfigurationError names the first fault of a broken one."""
    return _template(name, text(name))


def load(name: str) -> TemplateConnector:
    """The connector, ready to use."""
    written, place = text(name), folders.find(name)
    return _connector(name, str(place), folders.is_outside(place), written)


@cache
def _template(name: str, written: str) -> Template:
    found = quick(written)
    faults: list[Fault] = []
    if found is None:
        found, faults = read(written)
    if found is None or found.name != name:
        first = f"{faults[0].path}: {faults[0].message}" if faults else "its name is not its folder's"
        raise ConfigurationError(f"connector {name}: {first}")
    return found


@cache
def _connector(name: str, folder: str, outside: bool, written: str) -> TemplateConnector:  # noqa: FBT001 (a cache's key)
    """What the folder's `mapping.py` does not offer, the template says as data."""
    spec = _template(name, written)
    module = _mapping(name, Path(folder), outside=outside)
    return TemplateConnector(
        template=spec,
        read_events=getattr(module, "events", events.events),
        embedded=getattr(module, "embedded", partial(events.embedded, spec)),
        read_view=getattr(module, "view", partial(declared.view, spec)),
        read_sale=getattr(module, "sale", partial(declared.sale, spec)),
        version=hashlib.sha256(written.encode()).hexdigest(),
    )


def _mapping(name: str, folder: Path, *, outside: bool) -> ModuleType | None:
    if not (folder / "mapping.py").is_file():
        return None
    package = f"{_OUTSIDE}{name}" if outside else f"{folders.PACKAGE}.{name}"
    if outside:
        _as_package(package, str(folder))
    try:
        return importlib.import_module(f"{package}.mapping")
    except Exception as problem:
        # Whatever a stranger's module does when imported is a fault of that connector, and of no other.
        raise ConfigurationError(f"connector {name}: mapping.py cannot be imported: {problem!r}") from problem


def _as_package(package: str, folder: str) -> None:
    """Makes the folder importable under a name of its own; its modules import each other relatively."""
    known = sys.modules.get(package)
    if known is not None and list(known.__path__) == [folder]:
        return
    for name in [one for one in sys.modules if one == package or one.startswith(f"{package}.")]:
        del sys.modules[name]
    spec = ModuleSpec(package, None, is_package=True)
    spec.submodule_search_locations = [folder]
    sys.modules[package] = importlib.util.module_from_spec(spec)
