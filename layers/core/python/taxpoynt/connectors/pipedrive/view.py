"""One shape of a deal and what belongs to it, whatever the API version, envelope or paging of the answers.

v1 answers (retired for deals, still seen) nest ids under `value`, keep addresses in flat keys and write times
without a zone; v2 has plain ids, an `address` object and `Z` times. Rules and lines see v2's shape only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput

View = dict[str, Any]

_PARTS = (
    "street_number",
    "route",
    "subpremise",
    "sublocality",
    "locality",
    "admin_area_level_1",
    "admin_area_level_2",
    "postal_code",
    "country",
)
_ACCOUNT = frozenset(
    {
        "default_currency",
        "timezone_name",
        "timezone_offset",
        "company_id",
        "company_name",
        "company_domain",
        "company_country",
        "locale",
    }
)
_NO_DATE = "0000-00-00 00:00:00"


def view(bundle: SourceBundle, account: Mapping[str, Any]) -> View:
    """The deal and everything beside it, by name; absent records are None.

    `products` by id; `deal_products` None when they were never asked for; `address` is the buyer's.
    """
    answers = bundle.parsed()
    deals = list(_all(answers.get("deal")))
    if len(deals) > 1:
        raise BadInput(f"{len(deals)} deals where one was expected")
    deal = _deal(deals[0] if deals else None)
    organization = _party(_first(answers.get("organization")))
    person = _party(_first(answers.get("person")))
    lines, products = _products(answers)
    organization = _linked(deal, "org_id", organization)
    person = _linked(deal, "person_id", person)
    buyer = organization or person
    return {
        "deal": deal,
        "organization": organization,
        "person": person,
        "address": (buyer or {}).get("address"),
        "products": products,
        "deal_products": None if lines is None else sorted(lines, key=_order),
        "deal_discounts": list(_all(answers.get("deal_discounts"))),
        "deal_installments": list(_all(answers.get("deal_installments"))),
        "account": {**_account(_first(answers.get("account"))), **account},
    }


def _products(answers: Mapping[str, list[Any]]) -> tuple[list[dict[str, Any]] | None, dict[str, dict[str, Any]]]:
    """The deal's lines and the catalogue by id. Pipedrive calls both "products"; only lines have an `item_price`."""
    named = list(_all(answers.get("products")))
    lines = [item for item in named if "item_price" in item]
    catalogue = {str(item.get("id")): item for item in named if "item_price" not in item}
    if "deal_products" in answers:
        return [*_all(answers["deal_products"])], catalogue
    return lines or None, catalogue


def _all(answers: list[Any] | None) -> Iterator[dict[str, Any]]:
    """Every record in answers that may be bare, enveloped, lists, or pages of lists."""
    for answer in answers or ():
        if isinstance(answer, list):
            yield from _all(answer)
        elif isinstance(answer, Mapping):
            inner = _inner(answer)
            if inner is answer:
                yield dict(answer)
            else:
                yield from _all([inner])


def _inner(answer: Mapping[str, Any]) -> Any:
    """What an envelope holds: Pipedrive's own, or a recorded `{request, status, headers, body}`."""
    if "body" in answer and "status" in answer and "request" in answer:
        return answer["body"]
    if "data" in answer and ("success" in answer or "additional_data" in answer or len(answer) == 1):
        return answer["data"]
    return answer


def _first(answers: list[Any] | None) -> dict[str, Any] | None:
    return next(_all(answers), None)


def _order(line: Mapping[str, Any]) -> tuple[bool, int]:
    number = line.get("order_nr")
    known = isinstance(number, int) and not isinstance(number, bool)
    return (not known, number if known and isinstance(number, int) else 0)


def _deal(record: dict[str, Any] | None) -> dict[str, Any] | None:
    if record is None:
        return None
    if "id" not in record or not {"status", "stage_id", "title"} & set(record):
        raise BadInput("this is not a Pipedrive deal")
    deal = {name: None if value == _NO_DATE else value for name, value in record.items()}
    for name in ("org_id", "person_id", "user_id", "owner_id"):
        linked = deal.get(name)
        if isinstance(linked, Mapping):
            deal[name] = linked.get("value")
    if deal.get("deleted") is True or deal.get("status") == "deleted":
        deal["is_deleted"] = True
    return deal


def _party(record: dict[str, Any] | None) -> dict[str, Any] | None:
    """An organisation or person; `address` is an object or None, contacts stand under emails and phones."""
    if record is None:
        return None
    party = dict(record)
    for flat, listed in (("email", "emails"), ("phone", "phones")):
        if listed not in party and isinstance(party.get(flat), list):
            party[listed] = party[flat]
    for name in ("address", "postal_address"):
        if isinstance(party.get(name), str) or f"{name}_locality" in party:
            party[name] = {"value": party.get(name)} | {part: party.get(f"{name}_{part}") for part in _PARTS}
    if not isinstance(party.get("address"), Mapping):
        party["address"] = party.get("postal_address")
    return party


def _linked(deal: Mapping[str, Any] | None, name: str, party: dict[str, Any] | None) -> dict[str, Any] | None:
    """The party the deal names.

    Without its answer only its id is known: an organisation is still the buyer, its person does not step in for it.
    """
    wanted = (deal or {}).get(name)
    if wanted is None or party is None or str(party.get("id", wanted)) != str(wanted):
        return None if wanted is None else {"id": wanted}
    return party


def _account(record: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (record or {}).items() if name in _ACCOUNT}
