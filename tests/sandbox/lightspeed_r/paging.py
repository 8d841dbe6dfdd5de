"""Pages by cursor: `next` and `previous` are complete URLs that carry where to go on."""

import base64
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from tests.sandbox.kit import Json, Place
from tests.sandbox.lightspeed_r.entities import relations
from tests.sandbox.lightspeed_r.errors import api
from tests.sandbox.lightspeed_r.filters import Filter, typed
from tests.sandbox.lightspeed_r.query import Query
from tests.sandbox.lightspeed_r.values import text
from tests.sandbox.lightspeed_r.world import KEYS, Account

_FROM_BELOW, _FROM_ABOVE = frozenset({">", ">=", "><"}), frozenset({"<", "<=", "><"})


def page(account: Account, query: Query, url: str, given: dict[str, str]) -> tuple[list[Json], dict[str, str]]:
    """The records of a page in the order asked for, and its `@attributes`."""
    backward = query.before is not None
    start = _start(account, query, query.before if backward else query.after)
    found = list(islice(_matching(account, query, start, backward=backward), query.limit + 1))
    more, found = len(found) > query.limit, found[: query.limit]
    if backward:
        found.reverse()
    has_next, has_previous = (bool(found), more) if backward else (more, bool(found) and query.after is not None)
    links = {"next": "", "previous": ""}
    if has_next:
        links["next"] = _link(url, given, query, "after", _cursor(query, found[-1]))
    if has_previous:
        links["previous"] = _link(url, given, query, "before", _cursor(query, found[0]))
    return found, links


def count(account: Account, query: Query) -> int:
    """All that match, over all pages."""
    if not query.filters and not query.either and query.entity != "CreditAccount":
        table = account.tables[query.entity]
        archived = sum(bool(record.get("archived")) for record in table.kept.values())  # no crowd has archived ones
        return {"true": len(table), "only": archived}.get(query.archived, len(table) - archived)
    return sum(1 for _ in _matching(account, query, None, backward=False))


def _matching(account: Account, query: Query, start: Place | None, *, backward: bool) -> Iterator[Json]:
    direct = _direct(account, query)
    descending = query.descending != backward
    if direct is not None:
        table = account.tables[query.entity]
        records = sorted(direct, key=lambda record: table.place(record, query.sort), reverse=descending)
        source: Iterator[Json] = iter(
            [one for one in records if start is None or _past(table.place(one, query.sort), start, descending)]
        )
    else:
        bound = _lowest(account, query, descending=descending)
        source = account.tables[query.entity].walk(query.sort, start or bound, descending=descending)
    for record in source:
        if _ends(query, record, descending=descending):
            return
        if _passes(account, query, record):
            yield record


def _past(place: Place, start: Place, descending: bool) -> bool:
    return place < start if descending else place > start


def _direct(account: Account, query: Query) -> list[Json] | None:
    """Records named by their key need no walk; nor does the stock of one item."""
    for one in query.filters:
        if one.operator not in {"=", "IN"} or not all(value.lstrip("-").isdigit() for value in one.values):
            continue
        keys = [int(value) for value in one.values]
        if one.name == KEYS[query.entity]:
            found = [account.tables[query.entity].get(key) for key in dict.fromkeys(keys)]
            return [record for record in found if record is not None]
        if (query.entity, one.name) == ("ItemShop", "itemID"):
            return [row for key in dict.fromkeys(keys) for row in account.stock_rows(key)]
    return None


def _passes(account: Account, query: Query, record: Json) -> bool:
    archived = record.get("archived", False)
    if (archived and query.archived == "false") or (query.archived == "only" and not archived):
        return False
    if (
        query.entity == "CreditAccount"
        and record["giftCard"]
        and not any(one.name == "giftCard" for one in query.filters)
    ):
        return False  # gift cards show only when asked for
    if not all(_holds(account, query, one, record) for one in query.filters):
        return False
    return not query.either or any(_holds(account, query, one, record) for one in query.either)


def _holds(account: Account, query: Query, one: Filter, record: Json) -> bool:
    relation, dot, inner = one.name.partition(".")
    if not dot:
        return one.holds(record)
    found = relations(query.entity)[relation].load(account, record)
    related = found if isinstance(found, list) else [found] if found else []
    return any(Filter(inner, one.operator, one.values).holds(other) for other in related)


def _lowest(account: Account, query: Query, *, descending: bool) -> Place | None:
    """Where a walk can begin, so that a filter on the sorted field costs no walk through what is before."""
    for one in query.filters:
        if not descending and one.name == query.sort and one.operator in _FROM_BELOW:
            return True, _typed(query, account, one.values[0]), -1
    return None


def _ends(query: Query, record: Json, *, descending: bool) -> bool:
    """Whether nothing after this record can match, because it is past a bound on the sorted field."""
    held = record.get(query.sort)
    for one in query.filters:
        if held is None or one.name != query.sort or one.operator not in (_FROM_BELOW if descending else _FROM_ABOVE):
            continue
        edge = typed(one.name, held, one.values[0 if descending else -1])
        if (held < edge) if descending else (held > edge):
            return True
    return False


def _typed(query: Query, account: Account, value: str) -> Any:
    sample = next(account.tables[query.entity].walk(query.sort, descending=True), None)
    held = sample.get(query.sort) if sample else None
    return value if held is None else typed(query.sort, held, value)


def _cursor(query: Query, record: Json) -> str:
    parts = [record[KEYS[query.entity]]]
    if query.sort != KEYS[query.entity]:
        held = record[query.sort]
        parts.insert(0, None if held is None else text(held))
    return base64.b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _start(account: Account, query: Query, cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.b64decode(cursor, validate=True))
    except ValueError:
        parts = None
    wanted = 1 if query.sort == KEYS[query.entity] else 2
    if not isinstance(parts, list) or len(parts) != wanted or not isinstance(parts[-1], int):
        raise api(400, "the cursor is not one that was given for this sort order")
    key = parts[-1]
    if len(parts) == 1:
        return True, key, key
    return (False, 0, key) if parts[0] is None else (True, _typed(query, account, parts[0]), key)


def _link(url: str, given: dict[str, str], query: Query, direction: str, cursor: str) -> str:
    kept = {name: value for name, value in given.items() if name not in {"after", "before", "sort", "limit"}}
    sort = ("-" if query.descending else "") + query.sort
    return f"{url}?{urlencode(kept | {'sort': sort, 'limit': str(query.limit), direction: cursor})}"
