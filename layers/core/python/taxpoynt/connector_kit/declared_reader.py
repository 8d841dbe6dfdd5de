"""Runs mapping rules over the lists of a record: scopes, items, lookups, and the values they give. Pure.

Codes: MAP-020 a sale needs this and no rule gives it; MAP-021 a list of the record is none, or cannot be computed;
MAP-022 more items than any sale has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from taxpoynt.connector_kit.template_sale import ItemList, Lookup
from taxpoynt.errors import Fault
from taxpoynt.mapping.engine import Explained, Layer, apply, holds
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.roots import roots_of
from taxpoynt.mapping.targets import Kind, of_scope
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.mapping.typed import moment_of
from taxpoynt.mapping.values import number_of, text_of

MAX_ITEMS = 5000
"""Lines, taxes, discounts, payments … of one sale together."""
_UNTURNED = frozenset({"unit_price", "percent", "rate_percent"})
"""Numbers that a refund writes as a sale does."""
AT_SOURCE = "correct it at the source, or change the mapping rule; the sale goes on by itself"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where rules are asked: name as in mapping/targets.py, place in the sale (`lines[0].taxes[1].`), what they see."""

    name: str
    path: str
    roots: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Values:
    """What the rules of one scope gave, read as what their targets are; they passed the engine's checks."""

    scope: Scope
    found: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """The value of a target of this scope, by its last names."""
        return self.found.get(f"{self.scope.name}.{name}" if self.scope.name else name)

    def word(self, name: str) -> Any:
        """As `text`, for targets with a closed list of words."""
        return self.text(name)

    def number(self, name: str) -> Decimal | None:
        """The value as a number."""
        value = self.text(name)
        return None if value is None else number_of(value)

    def moment(self, name: str) -> datetime | None:
        """The value as a moment, in UTC."""
        value = self.text(name)
        return None if value is None else moment_of(value)

    def day(self, name: str) -> date | None:
        """The value as a day."""
        value = self.text(name)
        return None if value is None else date.fromisoformat(value)

    def flag(self, name: str) -> bool:
        """The value as a truth; False where there is none."""
        return self.text(name) == "true"


@dataclass(slots=True)
class Reader:
    """What is gathered on the way.

    turned: numbers below zero are how this record writes a refund. steady: roots that are the same for every item.
    """

    layers: Sequence[Layer]
    turned: bool = False
    steady: frozenset[str] = frozenset()
    faults: list[Fault] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    _left: int = MAX_ITEMS
    _indexes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def fault(self, code: str, path: str, message: str, remedy: str = AT_SOURCE) -> None:
        """One more thing that stands against the sale."""
        self.faults.append(Fault(code, path, message, remedy))

    def values(self, scope: Scope, targets: Mapping[str, Kind] | None = None) -> Values:
        """Asks all rules of a scope, or of some of its targets."""
        asked = of_scope(scope.name) if targets is None else targets
        turned = {name for name, kind in asked.items() if kind.form == "number" and _last(name) not in _UNTURNED}
        mapped = apply(self.layers, scope.roots, asked, path=scope.path, turned=turned if self.turned else ())
        self.faults += mapped.faults
        self.explained += mapped.explained
        return Values(scope, mapped.values)

    def needed(self, values: Values, name: str) -> None:
        """A fault unless the value is there, or has a fault of its own."""
        path = values.scope.path + name
        if values.text(name) is None and not self.is_faulty(path):
            self.fault("MAP-020", path, "the record does not say this, and no sale is without it", AT_SOURCE)

    def is_faulty(self, path: str) -> bool:
        """Is something known to be wrong exactly there?"""
        return any(fault.path == path for fault in self.faults)

    def drop(self, since: tuple[int, int]) -> None:
        """Forgets faults and explanations of an item that does not count after all."""
        del self.faults[since[0] :]
        del self.explained[since[1] :]

    @property
    def mark(self) -> tuple[int, int]:
        """How much there is up to here, for `drop`."""
        return len(self.faults), len(self.explained)

    def items(self, outer: Scope, wanted: ItemList | None, scope: str, plural: str) -> Iterator[tuple[int, Scope]]:
        """Each item that counts, with its place in the list of the record and the scope of its rules.

        `plural` names the list in paths. The scope's path counts the items given so far; a caller who drops some
        makes its own.
        """
        if wanted is None:
            return
        at = f"{outer.path}{plural}"
        root, count = _last(scope), 0
        for position, item in enumerate(self._list(outer, wanted, at)):
            roots = self.looked_up({**outer.roots, root: item}, wanted.lookups, at)
            if self._counts(wanted, roots, f"{at}[{count}]"):
                yield position, Scope(scope, f"{at}[{count}].", roots)
                count += 1

    def looked_up(self, roots: dict[str, Any], lookups: Mapping[str, Lookup], at: str) -> dict[str, Any]:
        """The roots and each lookup, in order, so that one may start from another."""
        for name, lookup in lookups.items():
            try:
                roots[name] = self._looked_up(roots, lookup)
            except NoValue as reason:
                roots[name] = None
                self.fault("MAP-021", at, f"{name} cannot be looked up: {reason}")
        return roots

    def _looked_up(self, roots: Mapping[str, Any], lookup: Lookup) -> Any:
        if lookup.value is not None:
            return find(lookup.value, roots)
        if lookup.at is not None:
            return _at(find(lookup.among or "", roots), find(lookup.at, roots))
        wanted = _key(find(lookup.equals or "", roots))
        return self._index(roots, lookup.among or "", lookup.by).get(wanted) if wanted else None

    def _index(self, roots: Mapping[str, Any], among: str, by: str) -> dict[str, Any]:
        """The items by key; kept where the list does not depend on an item, since every line asks again."""
        known = self._indexes.get((among, by))
        if known is not None:
            return known
        listed = find(among, roots)
        made: dict[str, Any] = {}
        for item in listed if isinstance(listed, list) else [listed]:
            key = "" if item is None else _key(find(by, item))
            if key:
                made.setdefault(key, item)
        if self.steady.issuperset(roots_of(among)):
            self._indexes[among, by] = made
        return made

    def _list(self, outer: Scope, wanted: ItemList, at: str) -> list[Any]:
        try:
            found = find(wanted.items, outer.roots)
        except NoValue as reason:
            self.fault("MAP-021", at, f"this list of the record cannot be read: {reason}")
            return []
        if found in (None, "", False):
            return []
        if isinstance(found, str | int | Decimal):
            self.fault("MAP-021", at, "a list was expected here")
            return []
        many = found if isinstance(found, list) else [found]
        self._left -= len(many)
        if self._left < 0:
            self.fault("MAP-022", at, f"more than {MAX_ITEMS} lines, taxes, discounts and payments together")
            return []
        return [item for item in many if item is not None]

    def _counts(self, wanted: ItemList, roots: Mapping[str, Any], at: str) -> bool:
        if wanted.when is None:
            return True
        try:
            return holds(wanted.when, roots)
        except NoValue as reason:
            self.fault("MAP-021", at, f"whether this counts cannot be told: {reason}")
            return False


def ids_of(found: Any) -> tuple[str, ...]:
    """Ids in what an expression found, one or a list, each once."""
    many = found if isinstance(found, list) else [found]
    return tuple(dict.fromkeys(key for one in many if (key := _key(one))))


def _at(listed: Any, place: Any) -> Any:
    """The item at a place; None where there is none."""
    key = _key(place)
    known = isinstance(listed, list) and key.isdecimal() and len(key) < 6 and int(key) < len(listed)
    return listed[int(key)] if known else None


def _key(value: Any) -> str:
    """An id as text; empty for what is none."""
    if value is None or isinstance(value, bool | list | dict):
        return ""
    try:
        return text_of(value).strip()
    except NoValue:
        return ""


def _last(name: str) -> str:
    return name.rpartition(".")[2]
