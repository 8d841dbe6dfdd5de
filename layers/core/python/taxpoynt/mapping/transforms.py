"""The named, typed transforms: value in, value out, or `NoValue` with the reason in words.

A transform never guesses: what it cannot read becomes no value. None of them rounds. docs/reference/transforms.md is
made from this table (transforms_doc.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taxpoynt.mapping import arguments as takes
from taxpoynt.mapping import code_transforms as codes
from taxpoynt.mapping import number_transforms as numbers
from taxpoynt.mapping import text_transforms as texts
from taxpoynt.mapping import time_transforms as times
from taxpoynt.mapping.values import MAX_TEXT, NoValue, text_of

__all__ = ["MAX_TEXT", "TRANSFORMS", "NoValue", "Transform", "argument_fault", "text_of"]


@dataclass(frozen=True, slots=True)
class Transform:
    """`argument`: what a rule must write beside the name. on_none: it is asked even where nothing was found."""

    run: Callable[[Any, Any], Any]
    argument: takes.Argument = takes.NOTHING
    on_none: bool = False


TRANSFORMS: dict[str, Transform] = {
    "strip": Transform(texts.strip),
    "upper": Transform(texts.upper),
    "lower": Transform(texts.lower),
    "title": Transform(texts.title),
    "digits": Transform(texts.digits),
    "html_to_text": Transform(texts.html_to_text),
    "concat": Transform(texts.concat, takes.TEXT),
    "join": Transform(texts.join, takes.TEXT),
    "split": Transform(texts.split, takes.SPLIT),
    "replace": Transform(texts.replace, takes.REPLACE),
    "between": Transform(texts.between, takes.BETWEEN),
    "cut": Transform(texts.cut, takes.CUT),
    "first": Transform(texts.first),
    "last": Transform(texts.last),
    "default": Transform(texts.default, takes.TEXT, on_none=True),
    "boolean": Transform(texts.boolean),
    "decimal": Transform(numbers.decimal, takes.POINT),
    "minor_units": Transform(numbers.minor_units, takes.CURRENCY),
    "percent_from_fraction": Transform(numbers.percent_from_fraction),
    "negate": Transform(numbers.negate),
    "abs": Transform(numbers.absolute),
    "sum": Transform(numbers.total),
    "datetime": Transform(times.to_datetime, takes.MOMENT),
    "date": Transform(times.to_date, takes.DAY),
    "unix_seconds": Transform(times.unix_seconds),
    "unix_millis": Transform(times.unix_millis),
    "lookup": Transform(codes.lookup, takes.TABLE),
    "country": Transform(codes.country),
    "nigerian_state": Transform(codes.nigerian_state),
    "nigerian_lga": Transform(codes.nigerian_lga),
    "unit": Transform(codes.unit),
    "phone": Transform(codes.phone),
}


def argument_fault(name: str, argument: Any) -> str | None:
    """What is wrong with the argument a rule gives to `name`; None when it fits."""
    wanted = TRANSFORMS[name].argument
    if wanted.fits(argument):
        return None
    return f"{wanted.wish}, as in {{{name}: {wanted.example}}}" if wanted.example else wanted.wish
