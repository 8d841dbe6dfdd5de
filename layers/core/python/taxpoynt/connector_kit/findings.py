"""One thing that is wrong with a template, before it has a line; and the plain data it is found in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from taxpoynt.mapping.rules import likely

Place = tuple[str | int, ...]
MAX_VALUES = 50_000
"""Values of one template, references followed; the longest we have holds two thousand."""

FILL = "FILL "
"""How a value begins that only a person can know; what follows says what is wanted."""


class Finding(NamedTuple):
    """code: TPL-…, docs/reference/faults.md; remedy: empty where the message says it all."""

    place: Place
    code: str
    message: str
    remedy: str = ""


def unknown(place: Place, name: Any, known: Iterable[Any], where: str) -> Iterator[Finding]:
    """Nothing, or that `name` is not described under `where` and which was probably meant."""
    names = [str(one) for one in known]
    if isinstance(name, str) and name not in names and not name.startswith(FILL):
        yield Finding(place, "TPL-007", f"{name!r} is not described under {where}{likely(name, names)}")


def block(data: Any, *steps: str | int) -> Mapping[str, Any]:
    """The mapping that stands there; an empty one where there is none."""
    found = at(data, *steps)
    return found if isinstance(found, Mapping) else {}


def items(data: Any, *steps: str | int) -> Sequence[Any]:
    """The list that stands there; an empty one where there is none."""
    found = at(data, *steps)
    return found if isinstance(found, list | tuple) else ()


def at(data: Any, *steps: str | int) -> Any:
    """What stands at a place; None where nothing does."""
    for step in steps:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list | tuple) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def texts(data: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text with its place."""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from texts(value, (*place, str(key)))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from texts(value, (*place, index))


def expanded(data: Any) -> int:
    """How many values there are once every reference (`*name`) is followed; a list inside itself has too many.

    Ten lines of YAML can stand for more values than any machine holds, so this is asked before they are walked.
    """
    return _expanded(data, {}, set())


def _expanded(data: Any, known: dict[int, int], open_: set[int]) -> int:
    if not isinstance(data, Mapping | list | tuple):
        return 1
    here = id(data)
    if here in open_:
        return MAX_VALUES + 1
    if here not in known:
        open_.add(here)
        inner = data.values() if isinstance(data, Mapping) else data
        known[here] = 1 + sum(_expanded(one, known, open_) for one in inner)
        open_.discard(here)
    return known[here]
