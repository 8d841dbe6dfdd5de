"""NRS's code lists as one value; the `nrs` package builds it from the shipped copies, rules and converter only read it.

Membership is enforced for complete lists only. Where the public knows a part of a list (payment means, LGAs, HS codes,
units: reference, section 18), the documented form of a code is all that can be checked without refusing good codes, and
for means of payment the list NRS's is taken from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

V = TypeVar("V")

UNCL_4461 = frozenset({*(str(code) for code in (*range(1, 71), *range(74, 79), *range(91, 99))), "ZZZ"})
"""Every means of payment of UN/EDIFACT 4461, which NRS's list follows: what is not among them NRS cannot know."""


@dataclass(frozen=True, slots=True)
class Country:
    """One row of the countries resource: `Nigeria`, `NG`, `NGA`."""

    name: str
    alpha_2: str
    alpha_3: str


@dataclass(frozen=True, slots=True)
class CodeList(Generic[V]):
    """Codes of one resource and what belongs to each; `version` names the copy, for the record of an invoice."""

    rows: Mapping[str, V]
    complete: bool
    version: str

    def __contains__(self, code: object) -> bool:
        return code in self.rows

    def get(self, code: str) -> V | None:
        """What the list says of `code`."""
        return self.rows.get(code)

    def allows(self, code: str) -> bool:
        """False only when the whole list is known and `code` is not in it."""
        return not self.complete or code in self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLists:
    """Every list a document refers to (reference, section 5.1 "resource row shapes" and section 8).

    currencies: code → minor digits; tax_categories: id → percent, None where NRS publishes none;
    version: of all of them together, the hash of what they were read from;
    hs_codes: `8471.30` → description; states: `NG-LA` → name; lgas: `NG-LA-IKE` → name; the others code → words.
    """

    countries: CodeList[Country]
    currencies: CodeList[int]
    tax_categories: CodeList[Decimal | None]
    payment_means: CodeList[str]
    invoice_types: CodeList[str]
    service_codes: CodeList[str]
    hs_codes: CodeList[str]
    states: CodeList[str]
    lgas: CodeList[str]
    units: CodeList[str]
    version: str = ""
    _country_index: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _state_index: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        countries: dict[str, str] = {}
        for row in self.countries.rows.values():
            for word in (row.name, row.alpha_3, row.alpha_2):
                countries[_folded(word)] = row.alpha_2
        states = {_folded(name): code for code, name in self.states.rows.items()}
        object.__setattr__(self, "_country_index", countries)
        object.__setattr__(self, "_state_index", states)

    def allows_means(self, code: str) -> bool:
        """May `code` be a means of payment? By NRS's list, or by UNCL 4461 while a part of NRS's is known."""
        return self.payment_means.allows(code) and (code in self.payment_means or code in UNCL_4461)

    def country_code(self, text: str) -> str | None:
        """Alpha-2 for a country's name, alpha-3 or alpha-2 in any case; None when the list does not know it."""
        return self._country_index.get(_folded(text))

    def state_code(self, text: str) -> str | None:
        """`NG-LA` for `Lagos`, `lagos state` or `NG-LA`; None when the list does not know it."""
        code = text.strip().upper()
        return code if code in self.states else self._state_index.get(_folded(text))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).removesuffix(" state")
