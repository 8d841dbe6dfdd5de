"""Which things became less and which more, and what of the whole difference falls on either side."""

from __future__ import annotations

from dataclasses import dataclass

from taxpoynt.conversion.differences import amount_of
from taxpoynt.conversion.standing import Group, Item, Items, Sums, is_nameless

_NOISE = 10
"""Minor units a thing may move when only its neighbours changed: shares of discounts, prices with tax, `folded`."""


@dataclass(frozen=True, slots=True)
class Split:
    """Differences by group and thing."""

    down: Items
    up: Items

    @property
    def exchange(self) -> bool:
        """Some became less and some more, whatever the sums say."""
        return _moves(self.down, _NOISE) and _moves(self.up, _NOISE)

    @property
    def swapped(self) -> bool:
        """Pieces of one thing gave way to pieces of another; amounts alone may have moved by rounding."""
        gone = any(item.quantity < 0 and -item.net > _NOISE for many in self.down.values() for item in many.values())
        come = any(item.quantity > 0 and item.net > _NOISE for many in self.up.values() for item in many.values())
        return gone and come

    def shares(self, wanted: Sums) -> tuple[dict[Group, int], dict[Group, int]]:
        """The bases that become less and more, both positive: more − less = wanted in every group."""
        less: dict[Group, int] = {}
        more: dict[Group, int] = {}
        for group in dict.fromkeys((*wanted, *(self.down if self.exchange else ()))):
            base = wanted.get(group, (0, 0))[0]
            gone = sum(-item.net for item in self.down.get(group, {}).values()) if self.exchange else 0
            less[group] = max(gone, -base, 0)
            more[group] = base + less[group]
        return {group: units for group, units in less.items() if units}, {
            g: units for g, units in more.items() if units
        }

    def told(self, currency: str) -> list[str]:
        """Each thing that changed, in words."""
        said = [_told(name, item, currency) for group in self.down.values() for name, item in group.items()]
        said += [_told(name, item, currency) for group in self.up.values() for name, item in group.items()]
        return [one for one in said if one]


def split(before: Items, after: Items) -> Split:
    """What is less and what is more in `after`. A thing that only has another name is the same thing."""
    down: Items = {}
    up: Items = {}
    for group in dict.fromkeys((*before, *after)):
        for name, item in _changes(before.get(group, {}), after.get(group, {})).items():
            side = down if item.net < 0 else up
            side.setdefault(group, {})[name] = item
    return Split(down, up)


def _moves(many: Items, least: int) -> bool:
    return any(abs(item.net) > least for group in many.values() for item in group.values())


def _changes(before: dict[str, Item], after: dict[str, Item]) -> dict[str, Item]:
    renamed = _renamed(before, after)
    found: dict[str, Item] = {}
    for name in dict.fromkeys((*before, *(renamed.get(one, one) for one in after))):
        one = before.get(name, Item(None))
        other = after.get(name) or after.get(_key(renamed, name), Item(None))
        less = other.net < one.net
        old_words = one.line is not None and (less or name not in after)  # a new name alone is told by the old one
        line = (one.line if old_words else other.line) or one.line or other.line
        item = Item(line, other.quantity - one.quantity, other.raw - one.raw, other.net - one.net)
        if item.quantity or item.net:
            found[name] = item
    return found


def _key(renamed: dict[str, str], old: str) -> str:
    return next((new for new, known in renamed.items() if known == old), old)


def _renamed(before: dict[str, Item], after: dict[str, Item]) -> dict[str, str]:
    """New name → old name, for things without a product code that came and went in the same quantity and net."""
    gone = [name for name, item in before.items() if name not in after and item.net]
    found: dict[str, str] = {}
    for name, item in after.items():
        same = [old for old in gone if name not in before and _alike(before[old], item)]
        if same:
            gone.remove(same[0])
            found[name] = same[0]
    return found


def _alike(one: Item, other: Item) -> bool:
    nameless = any(item.line is None or is_nameless(item.line) for item in (one, other))
    return nameless and one.quantity == other.quantity and abs(one.net - other.net) <= _NOISE


def _told(name: str, item: Item, currency: str) -> str:
    words = name if item.line is None else item.line.name
    if item.quantity:
        sign = "+" if item.quantity > 0 else "−"
        return f"{words}: {sign}{abs(item.quantity).normalize():f}"
    if abs(item.net) > _NOISE:
        return f"{words}: {'+' if item.net > 0 else '−'}{amount_of(abs(item.net), currency)}"
    return ""
