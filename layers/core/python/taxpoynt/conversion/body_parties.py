"""Rules over seller and buyer of an NRS body. Source: nrs-einvoice reference, section 7.2."""

from __future__ import annotations

import re
from typing import Any

from taxpoynt.conversion.body_values import Findings, as_text

NIGERIA = "NG"

_TIN = re.compile(r"[0-9]{8}-[0-9]{4}|RN-[0-9]{4,17}|[0-9]{10}|[0-9]{12,13}")
_FOREIGN_TIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./-]{4,19}")
"""Abroad only the general limits hold: at least 5 characters (the API), at most 20."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_TELEPHONE = re.compile(r"\+[0-9]{6,19}")
_STATE = re.compile(r"NG-[A-Z]{2}")
_LGA = re.compile(r"NG-[A-Z]{2}-[A-Z0-9]{2,4}")


def check_party(party: dict[str, Any], group: str, path: str, found: Findings) -> None:
    """`group` is SELLER or BUYER; `path` where the party stands in the body."""
    address = party.get("postal_address")
    country = address.get("country") if isinstance(address, dict) else None
    _check_tin(party, country, group, path, found)
    name = as_text(party.get("party_name"))
    if name is None or len(name.strip()) < 2:
        found.fault(f"{group}-004", f"{path}.party_name")
    elif len(name) > 100:
        found.fault(f"{group}-005", f"{path}.party_name")
    email = party.get("email")
    if not isinstance(email, str) or len(email) > 100 or not _EMAIL.fullmatch(email):
        found.fault(f"{group}-006", f"{path}.email")
    telephone = party.get("telephone")
    if telephone not in (None, "") and not (isinstance(telephone, str) and _TELEPHONE.fullmatch(telephone)):
        found.fault(f"{group}-007", f"{path}.telephone")
    about = party.get("business_description")
    if about not in (None, "") and not (isinstance(about, str) and 5 <= len(about) <= 255):
        found.fault(f"{group}-008", f"{path}.business_description")
    if isinstance(address, dict) and address:
        _check_address(address, group, f"{path}.postal_address", found)
    elif not as_text(party.get("postal_address_id")):
        found.fault(f"{group}-009", f"{path}.postal_address")


def _check_tin(party: dict[str, Any], country: object, group: str, path: str, found: Findings) -> None:
    tin = party.get("tin")
    if tin is None or (isinstance(tin, str) and not tin.strip()):
        found.fault(f"{group}-002", f"{path}.tin")
        return
    form = _FOREIGN_TIN if _is_abroad(country, found) else _TIN
    if not isinstance(tin, str) or not form.fullmatch(tin):
        found.fault(f"{group}-003", f"{path}.tin")


def _is_abroad(country: object, found: Findings) -> bool:
    return isinstance(country, str) and country != NIGERIA and country in found.lists.countries


def _check_address(address: dict[str, Any], group: str, path: str, found: Findings) -> None:
    for key, most, number in (("street_name", 150, "010"), ("city_name", 100, "011"), ("postal_zone", 20, "012")):
        text = as_text(address.get(key))
        if text is None or len(text) > most:
            found.fault(f"{group}-{number}", f"{path}.{key}")
    country = address.get("country")
    if (
        not isinstance(country, str)
        or not re.fullmatch("[A-Z]{2}", country)
        or not found.lists.countries.allows(country)
    ):
        found.fault(f"{group}-013", f"{path}.country")
    elif country == NIGERIA:
        _check_place(address, group, path, found)
    elif as_text(address.get("state")) or as_text(address.get("lga")):
        found.fault(f"{group}-016", f"{path}.state")


def _check_place(address: dict[str, Any], group: str, path: str, found: Findings) -> None:
    """State and local government area in Nigeria; the area's first five characters are its state."""
    state, lga = address.get("state"), address.get("lga")
    if state in (None, ""):
        if found.require_state_lga:
            found.fault(f"{group}-014", f"{path}.state")
    elif not isinstance(state, str) or not _STATE.fullmatch(state) or not found.lists.states.allows(state):
        found.fault(f"{group}-014", f"{path}.state")
    if lga in (None, ""):
        if found.require_state_lga:
            found.fault(f"{group}-015", f"{path}.lga")
    elif not _is_area(lga, state, found):
        found.fault(f"{group}-015", f"{path}.lga")


def _is_area(lga: object, state: object, found: Findings) -> bool:
    """Is it an area, and in its state? An area is held against a state of the list only: a wrong state is told once."""
    if not isinstance(lga, str) or not _LGA.fullmatch(lga) or not found.lists.lgas.allows(lga):
        return False
    return lga[:5] == state or (isinstance(state, str) and not found.lists.states.allows(state))
