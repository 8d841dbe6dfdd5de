"""May this value be supplied? The same numbered rules that judge the invoice judge it, before it is kept.

SUP-001 not a value that may be supplied · SUP-002 empty, too long or with control characters · SUP-003 not one of the
choices · SUP-004 the line is not there; every other code is a rule's own (docs/reference/rules.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.conversion.rates import rate_of
from taxpoynt.conversion.suppliable import Place, facts, index_of, place_of, stated
from taxpoynt.conversion.supplied import supply
from taxpoynt.domain.connection import LegalClock
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.supplied import SuppliedValue, SuppliedValues
from taxpoynt.errors import Fault, FaultsFound

KINDS = ("person", "organisation", "government")
MOST = 255


def checked(
    sale: Sale,
    wanted: Mapping[str, str],
    signed: SuppliedValue,
    known: SuppliedValues,
    *,
    merchant: Merchant,
    clock: LegalClock,
    lists: CodeLists,
) -> SuppliedValues:
    """`known` and the wanted values together; FaultsFound with everything that stands against the wanted ones.

    signed: who, why and when, its other fields unused.
    """
    places, faults = _places(sale, wanted, clock, lists)
    if faults:
        raise FaultsFound(faults)
    newer = tuple(
        signed.model_copy(
            update={
                "path": place.path,
                "value": " ".join(wanted[place.path].split()),
                "instead_of": stated(sale, place),
                "about": facts(sale, place),
            }
        )
        for place in places
    )
    both = known.with_those(newer)
    if against := _judged(sale, places, both, merchant, clock, lists):
        raise FaultsFound(against)
    return both


def _places(
    sale: Sale, wanted: Mapping[str, str], clock: LegalClock, lists: CodeLists
) -> tuple[list[Place], list[Fault]]:
    places, faults = [], []
    for path, value in wanted.items():
        place = place_of(path)
        fault = _plain_fault(sale, path, place, value, clock, lists)
        if fault:
            faults.append(fault)
        elif place:
            places.append(place)
    return places, faults


def _plain_fault(
    sale: Sale, path: str, place: Place | None, value: str, clock: LegalClock, lists: CodeLists
) -> Fault | None:
    if place is None or (
        sale.exact_taxes and place.field in ("taxes", "tax_reason")
    ):  # a correction's are its invoice's
        return Fault("SUP-001", path[:80], "This value cannot be supplied here.", "Mend it in the source record.")
    if place.line is not None and index_of(sale, place.line) is None:
        return Fault("SUP-004", path, "The sale has no such line any more.", "Open the page again.")
    if not value.strip() or len(value) > MOST or not value.isprintable():
        return Fault("SUP-002", path, "Nothing was given, or too much.", f"Give 1 to {MOST} plain characters.")
    choices: tuple[str, ...] | None = KINDS if place.field == "kind" else None
    if place.field == "taxes" and (rate_of(value, clock.issue_date) is None or not lists.tax_categories.allows(value)):
        choices = tuple(code for code in lists.tax_categories.rows if rate_of(code, clock.issue_date) is not None)
    if choices is not None and value not in choices:
        return Fault("SUP-003", path, "This is not one of the choices.", f"Choose one of: {', '.join(choices)}.")
    return None


def _judged(
    sale: Sale, places: list[Place], values: SuppliedValues, merchant: Merchant, clock: LegalClock, lists: CodeLists
) -> list[Fault]:
    """The rules' faults at the places of the new values, as the whole invoice would have them."""
    made, _ = supply(sale, values)
    if made.buyer and any(place.line is None and place.field != "kind" for place in places):
        # a consumer's details are left out where they are not whole, so they are judged as a business's
        made = made.model_copy(update={"buyer": made.buyer.model_copy(update={"kind": "organisation"})})
    _, faults = convert(made, merchant, issue_date=clock.issue_date, issue_time=clock.issue_time, lists=lists)
    return [fault for fault in faults if any(_concerns(fault, place) for place in places)]


def _concerns(fault: Fault, place: Place) -> bool:
    if place.field == "tax_reason":
        return False
    if place.field == "taxes":
        return fault.path == f"lines[{place.line}].tax_category"
    if place.field.startswith("classification."):
        line = f"lines[{place.line}]"
        whole = fault.path == line and fault.code.startswith("CLASS-")
        return whole or fault.path.startswith(f"{line}.classification")
    return fault.path == place.path
