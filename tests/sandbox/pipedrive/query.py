"""Query strings: every name known, every value in its form, lists in pages with an opaque cursor."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.sandbox.kit import Json
from tests.sandbox.pipedrive.errors import bad_request
from tests.sandbox.pipedrive.times import parse_seconds

DEFAULT_PAGE, LARGEST_PAGE, MOST_IDS = 100, 500, 100
PAGING = frozenset({"cursor", "limit"})
SORTING = frozenset({"sort_by", "sort_direction"})


@dataclass(frozen=True)
class Query:
    """A checked query string; each reader refuses with 400 and names the parameter."""

    values: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """As given."""
        return self.values.get(name)

    def one_of(self, name: str, allowed: Sequence[str], default: str) -> str:
        """One of a few words."""
        value = self.values.get(name, default)
        if value not in allowed:
            raise bad_request(f"Parameter '{name}' must be one of: {', '.join(allowed)}")
        return value

    def words(self, name: str, allowed: Sequence[str] | None = None, most: int | None = None) -> list[str]:
        """A comma list."""
        given = [word for word in self.values.get(name, "").split(",") if word]
        if allowed is not None and (bad := [word for word in given if word not in allowed]):
            raise bad_request(f"Parameter '{name}' has unknown values: {', '.join(bad)}")
        if most is not None and len(given) > most:
            raise bad_request(f"Parameter '{name}' takes {most} values at most, not {len(given)}")
        return given

    def ids(self, name: str, *, required: bool = False) -> list[int]:
        """A comma list of ids, 100 at most."""
        given = self.words(name, most=MOST_IDS)
        if required and not given:
            raise bad_request(f"Parameter '{name}' is required")
        if not all(word.isdigit() for word in given):
            raise bad_request(f"Parameter '{name}' must be a comma list of ids")
        return [int(word) for word in given]

    def whole(self, name: str) -> int | None:
        """An id."""
        value = self.values.get(name)
        if value is not None and not value.isdigit():
            raise bad_request(f"Parameter '{name}' must be a whole number")
        return int(value) if value is not None else None

    def flag(self, name: str) -> bool:
        """`true` or `false`."""
        return self.one_of(name, ("true", "false", "1", "0"), "false") in {"true", "1"}

    def moment(self, name: str) -> datetime | None:
        """RFC 3339 in whole seconds; milliseconds are refused, as an integrator found out."""
        value = self.values.get(name)
        if value is None:
            return None
        moment = parse_seconds(value)
        if moment is None:
            raise bad_request(f"Parameter '{name}' must be a date-time in RFC3339 format with seconds precision")
        return moment


def checked(args: Mapping[str, Sequence[str]], known: frozenset[str]) -> Query:
    """The query string, if this endpoint knows every parameter in it and none is given twice."""
    if unknown := sorted(set(args) - known):
        raise bad_request(f"Unknown query parameter: {', '.join(unknown)}")
    if twice := sorted(name for name, values in args.items() if len(values) > 1):
        raise bad_request(f"Query parameter given more than once: {', '.join(twice)}")
    return Query({name: values[0] for name, values in args.items()})


def page(items: Sequence[Json], query: Query, sortable: Sequence[str] = ("id",)) -> tuple[list[Json], Json]:
    """One page and its `additional_data`. Goes on after the last record seen: what changes meanwhile may repeat."""
    sort_by = query.one_of("sort_by", sortable, sortable[0])
    direction = query.one_of("sort_direction", ("asc", "desc"), "asc")
    limit = query.whole("limit")
    limit = DEFAULT_PAGE if limit is None else limit
    if not 1 <= limit <= LARGEST_PAGE:
        raise bad_request(f"Parameter 'limit' must be from 1 to {LARGEST_PAGE}")
    ordered = sorted(items, key=lambda item: _place(item, sort_by), reverse=direction == "desc")
    cursor = query.text("cursor")
    if cursor:
        after = _read_cursor(cursor, sort_by, direction)
        ordered = [item for item in ordered if _is_after(_place(item, sort_by), after, direction)]
    shown = ordered[:limit]
    more = len(ordered) > limit
    return shown, {"next_cursor": _cursor(shown[-1], sort_by, direction) if more else None}


def _place(item: Json, sort_by: str) -> tuple[Any, Any]:
    value = item[sort_by]
    return ("" if value is None else value, item["id"])


def _is_after(place: tuple[Any, Any], after: tuple[Any, Any], direction: str) -> bool:
    return place > after if direction == "asc" else place < after


def _cursor(item: Json, sort_by: str, direction: str) -> str:
    value, number = _place(item, sort_by)
    data: Json = {"field": sort_by, "fieldValue": value, "sortDirection": direction, "id": number}
    return base64.urlsafe_b64encode(json.dumps(data | {"sum": _check_sum(data)}).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort_by: str, direction: str) -> tuple[Any, Any]:
    try:
        data = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        known = data.pop("sum") == _check_sum(data)
    except (binascii.Error, ValueError, AttributeError, KeyError, TypeError) as error:
        raise bad_request("Parameter 'cursor' is invalid") from error
    if not known or (data["field"], data["sortDirection"]) != (sort_by, direction):
        raise bad_request("Parameter 'cursor' is invalid: it was made by someone else or for another order")
    return data["fieldValue"], data["id"]


def _check_sum(data: Json) -> str:
    return hashlib.sha256(("never build a cursor" + json.dumps(data, sort_keys=True)).encode()).hexdigest()[:8]
