"""Which places of a template hold an expression: found in the models, so that a new block needs no list of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from taxpoynt.connector_kit.findings import Place
from taxpoynt.mapping.rules import Expression

_MARK = get_args(Expression)[1]


def expressions(kind: Any, data: Any, place: Place = ()) -> Iterator[Place]:
    """The places of `data` that `kind`, a model or any annotation, takes for JMESPath."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _marked(arguments[0], arguments[1:], data, place)
    elif origin in (Union, UnionType):
        for one in arguments:
            yield from expressions(one, data, place)
    elif isinstance(data, Mapping):
        yield from _in_mapping(kind, data, place)
    elif isinstance(data, list | tuple) and origin in (tuple, list):
        for index, value in enumerate(data):
            yield from expressions(arguments[0], value, (*place, index))


def _in_mapping(kind: Any, data: Mapping[str, Any], place: Place) -> Iterator[Place]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if name in data:
                yield from _marked(field.annotation, field.metadata, data[name], (*place, name))
    elif get_origin(kind) is dict:
        for key, value in data.items():
            yield from expressions(get_args(kind)[1], value, (*place, str(key)))


def _marked(kind: Any, marks: Any, data: Any, place: Place) -> Iterator[Place]:
    if any(mark is _MARK for mark in marks):
        if isinstance(data, str):
            yield place
    else:
        yield from expressions(kind, data, place)
