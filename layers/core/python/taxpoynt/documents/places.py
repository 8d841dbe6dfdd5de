"""Names of places for people: NRS's codes say nothing to a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.domain.party import Address


@dataclass(frozen=True, slots=True)
class Places:
    """Names by code: states `NG-LA`, LGAs `NG-LA-IKE`, countries `NG`. Without lists, the source's own words serve."""

    states: Mapping[str, str] = field(default_factory=dict)
    lgas: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lists: CodeLists) -> Places:
        """The names in NRS's lists."""
        countries = {code: row.name for code, row in lists.countries.rows.items()}
        return cls(lists.states.rows, lists.lgas.rows, countries)

    def state(self, address: Address) -> str | None:
        """`Lagos`; abroad the region as the source has it; never a code."""
        if address.country not in (None, "NG"):
            return address.region
        return self.states.get(address.state or "") or address.region

    def is_known(self, address: Address) -> bool:
        """Is the state one of the list's, so that its name is a state's name?"""
        return (address.state or "") in self.states

    def lga(self, address: Address) -> str | None:
        """`Ikeja`; None where the list knows the code alone."""
        return self.lgas.get(address.lga or "") or None

    def country(self, address: Address) -> str | None:
        """`Nigeria`; the code only when no list is at hand."""
        if address.country == "NG":
            return "Nigeria"
        return self.countries.get(address.country or "") or address.country
