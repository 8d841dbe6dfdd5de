"""Records in order, of which hundreds of thousands may exist only as a rule, so that a big account costs no memory."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

Record = dict[str, Any]
Key = Any  # all keys of one table are of one kind: numbers, or texts
Place = tuple[bool, Any, Key]  # (has a value, the value, the key): where a record stands in an order
Rank = tuple[Place, Record]


@dataclass(frozen=True)
class Crowd:
    """`size` records made on demand: number `index` has the key `key(index)` and is what `make(index)` gives.

    Keys, and the values of every field in `rising`, never fall from one index to the next: that makes any place in
    such an order findable by bisection. `index_of` is the inverse of `key`, None for keys of somebody else.
    """

    size: int
    key: Callable[[int], Key]
    index_of: Callable[[Key], int | None]
    make: Callable[[int], Record]
    rising: frozenset[str]


@dataclass
class Table:
    """One kind of record, by key. A crowd's record that is `put` is kept like any other from then on."""

    key_field: str
    kept: dict[Key, Record] = field(default_factory=dict)
    crowds: list[Crowd] = field(default_factory=list)
    _orders: dict[str, list[Place]] = field(default_factory=dict)
    _highest: int = 0

    def get(self, key: Key) -> Record | None:
        """The record, or None."""
        if key in self.kept:
            return self.kept[key]
        for crowd in self.crowds:
            index = crowd.index_of(key)
            if index is not None and 0 <= index < crowd.size:
                return crowd.make(index)
        return None

    def put(self, record: Record) -> Record:
        """Keeps it (again): to be called after each change, because the order depends on its fields."""
        key = record[self.key_field]
        self.kept[key] = record
        self._orders.clear()
        if isinstance(key, int):
            self._highest = max(self._highest, key)
        return record

    def forget(self, key: Key) -> None:
        """As if the kept record had never been."""
        self.kept.pop(key, None)
        self._orders.clear()

    def restore(self, kept: dict[Key, Record]) -> None:
        """Puts back what `kept` was when someone copied it; numbers given since then stay used."""
        self.kept = kept
        self._orders.clear()

    def add_crowd(self, crowd: Crowd) -> None:
        """One more crowd; its keys must be new."""
        self.crowds.append(crowd)

    def next_number(self) -> int:
        """For tables with number keys: one above the highest that was ever put."""
        ends: list[int] = [crowd.key(crowd.size - 1) for crowd in self.crowds if crowd.size]
        return max([self._highest, *ends]) + 1

    def __len__(self) -> int:
        """How many records there are, without making them."""
        own = sum(1 for key in self.kept if not any(_has(crowd, key) for crowd in self.crowds))
        return own + sum(crowd.size for crowd in self.crowds)

    def __iter__(self) -> Iterator[Record]:
        """All records by key."""
        return self.walk(self.key_field)

    def walk(self, by: str, after: Place | None = None, *, descending: bool = False) -> Iterator[Record]:
        """Records in the order of field `by`, then of the key, from the first one past `after` on.

        Records without the field come first (last when descending).
        """
        ranks = [self._kept_ranks(by, after, descending=descending)]
        ranks += [self._crowd_ranks(crowd, by, after, descending=descending) for crowd in self.crowds]
        for _place, record in heapq.merge(*ranks, key=itemgetter(0), reverse=descending):
            yield record

    def place(self, record: Record, by: str) -> Place:
        """Where it stands in the order of `by`."""
        return _place(record, by, self.key_field)

    def _kept_ranks(self, by: str, after: Place | None, *, descending: bool) -> Iterator[Rank]:
        if by not in self._orders:
            self._orders[by] = sorted(_place(record, by, self.key_field) for record in self.kept.values())
        places = self._orders[by]
        if descending:
            chosen = places[: len(places) if after is None else bisect_left(places, after)][::-1]
        else:
            chosen = places[0 if after is None else bisect_left(places, after) :]
        return ((place, self.kept[place[2]]) for place in chosen if place != after)

    def _crowd_ranks(self, crowd: Crowd, by: str, after: Place | None, *, descending: bool) -> Iterator[Rank]:
        if by != self.key_field and by not in crowd.rising:
            raise ValueError(f"a crowd has no order by {by}")

        def place(index: int) -> Place:
            return _place(crowd.make(index), by, self.key_field)

        def ranks(indexes: range) -> Iterator[Rank]:
            for index in indexes:
                if crowd.key(index) not in self.kept:
                    record = crowd.make(index)
                    found = _place(record, by, self.key_field)
                    if found != after:
                        yield found, record

        if descending:
            end = crowd.size if after is None else bisect_left(range(crowd.size), after, key=place)
            return ranks(range(end - 1, -1, -1))
        return ranks(range(0 if after is None else bisect_left(range(crowd.size), after, key=place), crowd.size))


def _place(record: Record, by: str, key_field: str) -> Place:
    value = record.get(by)
    return (False, 0, record[key_field]) if value is None else (True, value, record[key_field])


def _has(crowd: Crowd, key: Key) -> bool:
    index = crowd.index_of(key)
    return index is not None and 0 <= index < crowd.size
