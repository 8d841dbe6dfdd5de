"""Seller and buyer in NRS's form (reference, section 7.2); what cannot be put right is left to the rules."""

from __future__ import annotations

import re
from typing import TypeVar

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.notes import Notes
from taxpoynt.domain.invoice import InvoiceKind
from taxpoynt.domain.party import Address, Merchant, MerchantDefaults, Party

NAME_LENGTH = 100
_DESCRIPTION = range(5, 256)
_E164 = re.compile(r"\+[1-9][0-9]{6,18}")
_NIGERIAN = re.compile(r"0([1-9][0-9]{9})")

_P = TypeVar("_P", Merchant, Party)


def kind_of(buyer: Party | None, defaults: MerchantDefaults, notes: Notes) -> InvoiceKind:
    """B2G for the government, B2B for organisations and buyers with a tax number, B2C for everyone else.

    An organisation without tax number stays B2B and is held by rule BUYER-002, unless the merchant's default says
    that such buyers are consumers (`buyer_without_tin: b2c`).
    """
    if buyer is None:
        notes.trace("kind", "kind", "no buyer: B2C")
        return "B2C"
    if buyer.kind == "government":
        return "B2G"
    if buyer.kind == "organisation" and not buyer.tin and defaults.buyer_without_tin == "b2c":
        notes.trace("kind", "kind", "organisation without tax number: B2C by the merchant's default")
        return "B2C"
    kind: InvoiceKind = "B2B" if buyer.tin or buyer.kind == "organisation" else "B2C"
    notes.trace("kind", "kind", f"{buyer.kind or 'buyer'} {'with' if buyer.tin else 'without'} tax number: {kind}")
    return kind


def in_nrs_form(party: _P, path: str, defaults: MerchantDefaults, lists: CodeLists, notes: Notes) -> _P:
    """`party` with telephone, address, name and description as NRS takes them; `path` is `seller` or `buyer`."""
    address = _address(party.address, path, lists, notes) if party.address else None
    country = address.country if address else None
    return party.model_copy(
        update={
            "name": shortened(_trimmed(party.name), f"{path}.name", defaults, notes),
            "tin": _tin(party.tin),
            "email": _trimmed(party.email),
            "telephone": _telephone(party.telephone, country, path, notes),
            "business_description": _description(party.business_description, path, notes),
            "address": address,
        }
    )


def shortened(name: str | None, path: str, defaults: MerchantDefaults, notes: Notes) -> str | None:
    """At most 100 characters (reference case 62); with `long_names: reject` the rules refuse the long one."""
    if name is None or len(name) <= NAME_LENGTH or defaults.long_names == "reject":
        return name
    notes.trace("name-shortened", path, f"{len(name)} characters cut to {NAME_LENGTH}")
    return name[: NAME_LENGTH - 1].rstrip() + "…"


def e164(text: str, country: str | None) -> str | None:
    """`0801 111 0001` → `+2348011110001`; numbers with a country code as they are; None when it is neither.

    A leading zero is read as Nigerian only for an address in Nigeria or no address.
    """
    compact = re.sub(r"[\s().\-/]", "", text)
    compact = "+" + compact[2:] if compact.startswith("00") else compact
    local = _NIGERIAN.fullmatch(compact)
    if local and country in (None, "NG"):
        return "+234" + local[1]
    if compact.startswith("234") and len(compact) == len("2348011110001"):
        compact = "+" + compact
    return compact if _E164.fullmatch(compact) else None


def _telephone(text: str | None, country: str | None, path: str, notes: Notes) -> str | None:
    text = _trimmed(text)
    number = e164(text, country) if text else None
    if text and number is None:
        notes.trace("telephone-left-out", f"{path}.telephone", "no country code, and not a Nigerian number")
    return number


def _description(text: str | None, path: str, notes: Notes) -> str | None:
    text = _trimmed(text)
    if text is None or len(text) in _DESCRIPTION:
        return text
    notes.trace("description-left-out", f"{path}.business_description", f"{len(text)} characters; 5 to 255 are taken")
    return None


def _tin(text: str | None) -> str | None:
    """Without the blanks and long dashes that word processors put in."""
    text = _trimmed(text)
    return re.sub(r"\s", "", text).translate({0x2010: "-", 0x2011: "-", 0x2013: "-"}).upper() if text else None


def _address(address: Address, path: str, lists: CodeLists, notes: Notes) -> Address:
    known = {name: _trimmed(value) for name, value in address.model_dump().items()}
    country = known["country"]
    if country:
        code = lists.country_code(country)
        if code and code != country:
            notes.trace("country", f"{path}.address.country", f"{country} is {code}")
        known["country"] = code or country
    if known["country"] == "NG":
        state = known["state"] or known["region"]
        code = lists.state_code(state) if state else None
        if code and code != state:
            notes.trace("state", f"{path}.address.state", f"{state} is {code}")
        known["state"] = code or known["state"]
    return Address(**known)


def _trimmed(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None
