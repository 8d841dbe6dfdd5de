"""Named, typed transforms: value in, value out, or `NoValue` with the reason in words.

A transform never guesses: what it cannot read becomes no value, and the rules on the invoice say what is missing.
Values are text, whole numbers, lists of these, or None; numbers with fractions arrive as text (engine.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from taxpoynt.domain.money import decimal_of, plain
from taxpoynt.errors import BadInput
from taxpoynt.mapping.tables import countries, states, units

MAX_TEXT = 2000
"""Characters any value may have; the engine refuses more."""


class NoValue(Exception):
    """The value cannot be brought into the wanted form."""


@dataclass(frozen=True, slots=True)
class Transform:
    """`argument`: what a rule must write beside the name."""

    run: Callable[[Any, Any], Any]
    argument: Literal["none", "text", "optional text", "table", "split"] = "none"
    on_none: bool = False


def text_of(value: Any) -> str:
    """A scalar as text; NoValue for lists, objects and truth values."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NoValue(f"expected text, got {_kind(value)}")
    text = str(value) if not isinstance(value, int) or abs(value) < 10**40 else ""
    if not text and value != "":
        raise NoValue("number too long")
    return text


def _strip(value: Any, _argument: Any) -> str:
    return " ".join(text_of(value).split())


def _digits(value: Any, _argument: Any) -> str:
    return re.sub(r"[^0-9]", "", text_of(value))


def _default(value: Any, argument: Any) -> Any:
    return argument if value is None or value == "" else value


def _lookup(value: Any, argument: Any) -> str:
    table: Mapping[str, str] = argument
    found = table.get(text_of(value).strip(), table.get("*"))
    if found is None:
        raise NoValue("not in the lookup table")
    return found


def _country(value: Any, _argument: Any) -> str:
    return _from_table(countries(), value, "not a country we know")


def _state(value: Any, _argument: Any) -> str:
    return _from_table(states(), value, "not a state of Nigeria")


def _lga(value: Any, _argument: Any) -> str:
    """Codes only: NRS's list of 774 areas is not public, so names cannot be told apart here."""
    code = _strip(value, None).upper()
    if not re.fullmatch(r"NG-[A-Z]{2}-[A-Z]{2,3}", code):
        raise NoValue("not an NRS area code such as NG-LA-IKE")
    return code


def _unit(value: Any, _argument: Any) -> str:
    return _from_table(units(), value, "not a unit we know")


def _from_table(table: Mapping[str, str], value: Any, why: str) -> str:
    found = table.get(_strip(value, None).casefold())
    if found is None:
        raise NoValue(why)
    return found


def _phone(value: Any, _argument: Any) -> str:
    """E.164: `+` and 7 to 15 digits. Without a country code only Nigerian numbers are clear (0803… or 234803…)."""
    text = text_of(value)
    digits = _digits(text, None)
    if text.strip().startswith("+"):
        number = digits
    elif digits.startswith("00"):
        number = digits[2:]
    elif digits.startswith("0") and len(digits) == 11:
        number = "234" + digits[1:]
    elif digits.startswith("234") and len(digits) == 13:
        number = digits
    else:
        raise NoValue("a telephone number without country code")
    if not 7 <= len(number) <= 15 or number.startswith("0"):
        raise NoValue("not a telephone number")
    return "+" + number


def _decimal(value: Any, _argument: Any) -> str:
    try:
        return plain(decimal_of(text_of(value)))
    except BadInput as problem:
        raise NoValue(str(problem)) from None


def _concat(value: Any, argument: Any) -> str:
    if not isinstance(value, list):
        return text_of(value)
    parts = [_strip(part, None) for part in value if part is not None]
    return str(argument).join(part for part in parts if part)


def _split(value: Any, argument: Any) -> str:
    parts = text_of(value).split(argument["by"])
    index: int = argument["take"]
    if not -len(parts) <= index < len(parts):
        raise NoValue(f"has no part {index}")
    return parts[index].strip()


def _kind(value: Any) -> str:
    return {bool: "true or false", list: "a list", dict: "an object"}.get(type(value), type(value).__name__)


TRANSFORMS: dict[str, Transform] = {
    "strip": Transform(_strip),
    "upper": Transform(lambda value, _: text_of(value).upper()),
    "lower": Transform(lambda value, _: text_of(value).lower()),
    "digits": Transform(_digits),
    "default": Transform(_default, "text", on_none=True),
    "lookup": Transform(_lookup, "table"),
    "country": Transform(_country),
    "nigerian_state": Transform(_state),
    "nigerian_lga": Transform(_lga),
    "unit": Transform(_unit),
    "phone": Transform(_phone),
    "decimal": Transform(_decimal),
    "concat": Transform(_concat, "text"),
    "split": Transform(_split, "split"),
}


def argument_fault(name: str, argument: Any) -> str | None:
    """What is wrong with the argument a rule gives to `name`; None when it fits."""
    wanted = TRANSFORMS[name].argument
    if wanted == "none":
        return None if argument is None else "takes no argument"
    if wanted == "text":
        return None if isinstance(argument, str) and len(argument) <= 200 else "needs a text, as in {default: NG}"
    if wanted == "table":
        return None if _is_table(argument) else "needs a table of texts, as in {lookup: {'17': STANDARD_VAT}}"
    fits = (
        isinstance(argument, dict)
        and set(argument) == {"by", "take"}
        and isinstance(argument["by"], str)
        and bool(argument["by"])
        and isinstance(argument["take"], int)
        and not isinstance(argument["take"], bool)
    )
    return None if fits else "needs {by: text, take: whole number}"


def _is_table(argument: Any) -> bool:
    return (
        isinstance(argument, dict)
        and 0 < len(argument) <= 2000
        and all(isinstance(key, str) and isinstance(value, str) for key, value in argument.items())
    )
