"""Supplier, customer and other parties (reference, section 7.2)."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.sandbox.nrs.node import Node, check_uuid
from tests.sandbox.nrs.tables import Tables

TIN = re.compile(r"\d{8}-\d{4}|RN-\d{4,}|\d{10}|\d{12,13}|TIN-\d{6,}")
TELEPHONE = re.compile(r"\+[0-9]{6,19}")

Parties = Callable[[str], bool]
"""Whether an id names a stored party (endpoint 7)."""


def check_tin(node: Node, key: str = "tin", *, foreign: bool = False) -> str:
    """Length first, as NRS reports it, then the forms publicly known; nothing is known of a foreign party's."""
    tin = node.text(key, least=5, most=20)
    if not TIN.fullmatch(tin) and not foreign:
        node.refuse(key, "must be a valid tin")
    return tin


def check_party(node: Node, tables: Tables, stored: Parties) -> None:
    """A party given inline, or by the id of a stored one."""
    if node.has("id"):
        if not stored(check_uuid(node.text("id"))):
            node.refuse("id", "must be a valid party")
        return
    node.text("party_name", least=2, most=100)
    address = node.child("postal_address")
    check_tin(node, foreign=address.text("country") != "NG")
    check_contact(node)
    check_address(address, tables)


def check_contact(node: Node) -> None:
    """E-mail, telephone, description: shared by invoices and endpoint 7."""
    node.email("email")
    telephone = node.optional_text("telephone", least=7, most=20)
    if telephone is not None and not TELEPHONE.fullmatch(telephone):
        node.refuse("telephone", "must begin with + and the country code")
    node.optional_text("business_description", least=5, most=255)


def check_address(node: Node, tables: Tables) -> None:
    """State and local government area belong to Nigerian addresses; the area's code begins with the state's."""
    node.text("street_name", most=150)
    node.text("city_name", most=100)
    if node.value.get("postal_zone") is None:
        node.refuse("postal_zone", "is required")  # an empty text passes: working clients send one
    node.optional_text("postal_zone", most=20)
    country = node.text("country")
    if not tables.has("countries", country):
        node.refuse_list("country", "country code")
    if country == "NG" or node.has("state"):
        node.choice("state", [row["code"] for row in tables.rows("states")], "state code")
    if country == "NG" or node.has("lga"):
        lga = node.choice("lga", [row["code"] for row in tables.rows("lgas")], "lga code")
        if not lga.startswith(f"{node.value.get('state')}-"):
            node.refuse("lga", "must belong to state")
