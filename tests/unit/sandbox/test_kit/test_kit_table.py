"""Tables with crowds behave like tables in which every record is kept."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.kit import Crowd, Table


def crowd(first: int, size: int) -> Crowd:
    return Crowd(
        size,
        key=lambda index: first + index,
        index_of=lambda key: key - first,
        make=lambda index: {"id": first + index, "at": index // 3},
        rising=frozenset({"at"}),
    )


def naive(kept: dict[int, Any], sizes: list[int]) -> dict[int, Any]:
    records: dict[int, Any] = {}
    first = 1
    for size in sizes:
        records |= {first + index: {"id": first + index, "at": index // 3} for index in range(size)}
        first += size
    return records | kept


def order(record: dict[str, Any], by: str) -> tuple[bool, int, int]:
    value = record.get(by)
    return (value is not None, value or 0, record["id"])


kept_records = st.dictionaries(st.integers(1, 40), st.one_of(st.none(), st.integers(0, 12)), max_size=12)


@given(kept_records, st.lists(st.integers(0, 12), max_size=3), st.sampled_from(["id", "at"]), st.booleans(), st.data())
def test_a_walk_meets_every_record_once_in_order_from_any_place(
    values: dict[int, int | None], sizes: list[int], by: str, descending: bool, data: st.DataObject
) -> None:
    table = Table("id")
    for key, value in values.items():
        table.put({"id": key, "at": value})
    first = 1
    for size in sizes:
        table.add_crowd(crowd(first, size))
        first += size
    expected = sorted(
        naive({key: {"id": key, "at": value} for key, value in values.items()}, sizes).values(),
        key=lambda record: order(record, by),
        reverse=descending,
    )
    assert list(table.walk(by, descending=descending)) == expected
    assert len(table) == len(expected)
    if expected:
        index = data.draw(st.integers(0, len(expected) - 1))
        after = table.place(expected[index], by)
        assert list(table.walk(by, after, descending=descending)) == expected[index + 1 :]
        assert table.get(expected[index]["id"]) == expected[index]


@given(kept_records, st.lists(st.integers(0, 12), max_size=3))
def test_the_next_number_is_above_all(values: dict[int, int | None], sizes: list[int]) -> None:
    table, first = Table("id"), 1
    for key in values:
        table.put({"id": key})
    for size in sizes:
        table.add_crowd(crowd(first, size))
        first += size
    assert table.next_number() == max([0, *values, *([first - 1] if any(sizes) else [])]) + 1


def test_what_was_put_since_a_copy_can_be_taken_back_but_its_number_stays_used() -> None:
    table = Table("id")
    table.put({"id": 1})
    before = dict(table.kept)
    table.put({"id": 2})
    table.restore(before)
    assert list(table) == [{"id": 1}]
    assert table.next_number() == 3
