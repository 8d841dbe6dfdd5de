"""Where connectors stand: folders of the package, and folders that an operator names.

`taxpoynt --connectors DIR` and TAXPOYNT_CONNECTORS (several, separated as in PATH) name folders that each hold
`<name>/connector.yaml`. No registry: a folder is a connector. Standard library only: the webhook path uses this.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from taxpoynt.errors import ConfigurationError, NotFound

VARIABLE = "TAXPOYNT_CONNECTORS"
PACKAGE = "taxpoynt.connectors"
TEMPLATE = "connector.yaml"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_KIND = re.compile(r"^kind: *(crm|pos)\b", re.MULTILINE)
_given: list[Path] = []


def use(folders: Sequence[str]) -> None:
    """Further folders for this process, beside those of the environment; () forgets them."""
    _given[:] = [Path(one) for one in folders]


def outside() -> tuple[Path, ...]:
    """The folders named; ConfigurationError for one that is none or is a connector itself."""
    named = [Path(one) for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
    unique = tuple(dict.fromkeys(path.absolute() for path in (*_given, *named)))
    for path in unique:
        if not path.is_dir():
            raise ConfigurationError(f"connectors folder {path}: no such folder")
        if (path / TEMPLATE).is_file():
            raise ConfigurationError(f"connectors folder {path}: give the folder above it, which holds {path.name}/")
    return unique


def names() -> list[str]:
    """Every connector there is; ConfigurationError where a name stands twice."""
    inside = [place.name for place in files(PACKAGE).iterdir() if (place / TEMPLATE).is_file()]
    beside = [place.name for path in outside() for place in path.iterdir() if (place / TEMPLATE).is_file()]
    found = sorted((*inside, *beside))
    for name in beside:
        find(name)  # refuses a name that is no name, and one that stands twice
    return found


def find(name: str) -> Traversable:
    """The folder of a connector; NotFound where there is none, ConfigurationError for a name that stands twice."""
    if not _NAME.match(name):
        raise NotFound(f"no connector called {name[:40]!r}: a name is a-z, 0-9 and _")
    inside: Traversable = files(PACKAGE) / name
    places: list[Traversable] = [inside, *(path / name for path in outside())]
    found = [place for place in places if (place / TEMPLATE).is_file()]
    if not found:
        raise NotFound(f"no connector called {name!r}")
    if len(found) > 1:
        raise ConfigurationError(f"connector {name}: {found[1]} has the name of {found[0]}; give it another")
    return found[0]


def is_outside(place: Traversable) -> bool:
    """Does the folder come from outside the package?"""
    return str(place).startswith(tuple(f"{path}{os.sep}" for path in outside()))


def text(name: str) -> str:
    """The template as written."""
    return (find(name) / TEMPLATE).read_text("utf-8")


def kind_of(name: str) -> Literal["crm", "pos"]:
    """The template's `kind`, read without parsing the rest of it."""
    found = _KIND.search(text(name))
    if found is None:
        raise NotFound(f"the template of {name} names no kind")
    return "pos" if found.group(1) == "pos" else "crm"
