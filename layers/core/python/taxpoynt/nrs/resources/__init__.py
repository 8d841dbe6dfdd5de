"""NRS's code lists as shipped with the package: what there is before anything was fetched (reference, section 8.7).

The JSON files beside this one name their source, date and whether they are complete. The live lists come by
`services.refresh_code_lists`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from taxpoynt.conversion.list_copy import CODE_KEYS, Copy, OneList, lists_of
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.domain.source import read_json


@cache
def code_lists() -> CodeLists:
    """The lists shipped with the package; read on first use."""
    return lists_of(packaged())


@cache
def packaged() -> Copy:
    """The same as a copy, to be kept beside the live ones."""
    return {name: _shipped(name) for name in CODE_KEYS}


def _shipped(name: str) -> OneList:
    whole = read_json((files(__name__) / f"{name}.json").read_bytes())
    return OneList(tuple(whole["rows"]), whole["complete"])
