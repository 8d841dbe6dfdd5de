"""Small tables behind the named transforms; each with its source."""

from __future__ import annotations

import re
from functools import cache

from taxpoynt.mapping.countries import code_by_name

_STATES = """AB Abia, AD Adamawa, AK Akwa Ibom, AN Anambra, BA Bauchi, BE Benue, BO Borno, BY Bayelsa, CR Cross River,
DE Delta, EB Ebonyi, ED Edo, EK Ekiti, EN Enugu, FC Federal Capital Territory, GO Gombe, IM Imo, JI Jigawa, KD Kaduna,
KE Kebbi, KN Kano, KO Kogi, KT Katsina, KW Kwara, LA Lagos, NA Nasarawa, NI Niger, OG Ogun, ON Ondo, OS Osun, OY Oyo,
PL Plateau, RI Rivers, SO Sokoto, TA Taraba, YO Yobe, ZA Zamfara"""
"""ISO 3166-2:NG; nrs-einvoice reference, section 8.6."""

_UNITS = """EA each ea unit units; H87 piece pieces pc pcs pce; C62 one; KGM kilogram kilograms kilo kilos kg kgs;
GRM gram grams g; LTR litre litres liter liters l ltr; MLT millilitre millilitres milliliter milliliters ml;
MTR metre metres meter meters m; MTK m2 m² sqm; HUR hour hours hr hrs h; DAY day days; MON month months;
ANN year years yr yrs; SET set sets; PR pair pairs; DZN dozen dozens dz; XBX box boxes; XPK pack packs package packages;
XBG bag bags"""
"""UN/ECE recommendations 20 and 21 as nrs-einvoice reference, section 8.5, lists them."""


@cache
def countries() -> dict[str, str]:
    """Case-folded country name to alpha-2."""
    return code_by_name()


@cache
def states() -> dict[str, str]:
    """Case-folded state name, short code or full code to `NG-XX`."""
    found = {"abuja": "NG-FC", "fct": "NG-FC"}
    for row in re.split(r",\s+", _STATES):
        code, name = row.split(" ", 1)
        for written in (name, f"{name} state", f"NG-{code}"):
            found[written.casefold()] = f"NG-{code}"
    return found


@cache
def units() -> dict[str, str]:
    """Case-folded unit word or code to the UN/ECE code."""
    found: dict[str, str] = {}
    for row in re.split(r";\s+", _UNITS):
        code, *words = row.split()
        for word in (code, *words):
            found[word.casefold()] = code
    return found
