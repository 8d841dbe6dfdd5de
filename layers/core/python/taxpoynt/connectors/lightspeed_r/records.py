"""R-Series answers as plain records.

Everything is text ("true", "9.99"); a missing foreign key is "0"; a collection of one is an object, an empty one "" or
absent; the case of a name differs between pages (`updatetime`, `updateTime`). Reference, A3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from taxpoynt.domain.money import decimal_of
from taxpoynt.errors import BadInput

Record = Mapping[str, Any]


def many(value: Any, name: str) -> list[Record]:
    """The records of a collection such as `{"SaleLine": {…}}`, of a list, or of a bare record called `name`."""
    if isinstance(value, Mapping):
        inner = value.get(name)
        if inner is None or inner == "":
            return [value] if name not in value and _is_record(value) else []
        return [value] if not isinstance(inner, Mapping | list) else many(inner, name)
    if isinstance(value, list):
        return [record for one in value for record in many(one, name)]
    return []


def _is_record(value: Record) -> bool:
    return bool(value) and "@attributes" not in value


def first(value: Any, name: str) -> Record | None:
    """The one record of a relation; None where there is none."""
    return next(iter(many(value, name)), None)


def related(record: Record | None, name: str) -> Record | None:
    """The object of a to-one relation, which is called as its kind (`Item`, `Note`); None where there is none."""
    found = get(record, name)
    if isinstance(found, Mapping) and found:
        return first(found, name) if isinstance(found.get(name), Mapping | list) else found
    return None


def get(record: Record | None, name: str) -> Any:
    """A field, whatever the case of its name; None where it is absent or empty."""
    if record is None:
        return None
    found = record.get(name)
    if found is None:
        lowered = name.lower()
        found = next((value for key, value in record.items() if str(key).lower() == lowered), None)
    return None if found == "" else found


def text(record: Record | None, name: str) -> str | None:
    """A field as text without spaces around it; None for nothing and for objects."""
    found = get(record, name)
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        return None
    return " ".join(str(found).split()) or None


def number(record: Record | None, name: str) -> Decimal:
    """A number, 0 where the field is absent; BadInput for what is none."""
    found = get(record, name)
    try:
        return Decimal(0) if found is None else decimal_of(found)
    except BadInput as problem:
        raise BadInput(f"{name}: {problem}") from None


def flag(record: Record | None, name: str) -> bool:
    """The text `true` and nothing else."""
    return str(get(record, name)).lower() == "true"


def link(record: Record | None, name: str) -> str | None:
    """The id a foreign key names; None for "0", which means that there is none."""
    found = text(record, name)
    return None if found in (None, "0") else found


def instant(record: Record | None, *names: str) -> datetime | None:
    """The first of the fields that is a time, in UTC (they are written with an offset)."""
    for name in names:
        try:
            found = datetime.fromisoformat(str(get(record, name)))
        except ValueError:
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None


def bare(answers: list[Any] | None, name: str) -> Iterator[Record]:
    """The records of all answers of one resource, enveloped (`{"@attributes": …, "Sale": …}`) or bare."""
    for answer in answers or ():
        yield from many(answer, name)
