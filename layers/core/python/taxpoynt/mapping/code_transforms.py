"""Transforms into codes: tables, countries, states, units, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from taxpoynt.mapping.tables import countries, states, units
from taxpoynt.mapping.values import NoValue, stripped, text_of


def lookup(value: Any, argument: Mapping[str, str]) -> str:
    """What the table says of the value; `*` stands for every other. Truth values are `true` and `false`."""
    key = str(value).lower() if isinstance(value, bool) else text_of(value).strip()
    found = argument.get(key, argument.get("*"))
    if found is None:
        raise NoValue("not in the lookup table")
    return found


def country(value: Any, _argument: Any) -> str:
    """The two-letter code of a country, from its name in English or its own language, or a code."""
    return _from_table(countries(), value, "not a country we know")


def nigerian_state(value: Any, _argument: Any) -> str:
    """NRS's code of a state, such as NG-LA, from its name with or without "State", or a code."""
    return _from_table(states(), value, "not a state of Nigeria")


def nigerian_lga(value: Any, _argument: Any) -> str:
    """NRS's code of a local government area, such as NG-LA-IKE, from that code in any case.

    From a name nothing is made: NRS's list of 774 areas is not public, so names cannot be told apart.
    """
    code = stripped(value).upper()
    if not re.fullmatch(r"NG-[A-Z]{2}-[A-Z]{2,3}", code):
        raise NoValue("not an NRS area code such as NG-LA-IKE")
    return code


def unit(value: Any, _argument: Any) -> str:
    """The UN/ECE code of a unit, from its usual words (`kg`, `hours`, `pcs`) or the code."""
    return _from_table(units(), value, "not a unit we know")


def phone(value: Any, _argument: Any) -> str:
    """A telephone number in E.164: `+` and 7 to 15 digits.

    Without a country code only Nigerian numbers are clear (0803…, or 234803… without the plus).
    """
    text = text_of(value)
    digits = re.sub(r"[^0-9]", "", text)
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


def _from_table(table: Mapping[str, str], value: Any, why: str) -> str:
    found = table.get(stripped(value).casefold())
    if found is None:
        raise NoValue(why)
    return found
