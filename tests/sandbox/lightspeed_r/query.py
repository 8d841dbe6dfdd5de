"""Query strings: paging, sorting, relations, filters, and what all of that costs."""

import json
from dataclasses import dataclass, field

from tests.sandbox.lightspeed_r.entities import SORTABLE, Tree, relations
from tests.sandbox.lightspeed_r.errors import api
from tests.sandbox.lightspeed_r.filters import Filter, parse_filter
from tests.sandbox.lightspeed_r.world import KEYS, Settings

LARGEST_PAGE = 100
_PAGING = ("limit", "sort", "after", "before")
_RESERVED = {*_PAGING, "count", "archived", "load_relations", "or", "pretty_print"}
TO_ONE, TO_MANY, COUNT = 0.1, 0.2, 10.0
GONE = {"offset", "orderby", "orderby_desc"}


@dataclass
class Query:
    """A checked query string. `sort` is the field, `filters` must all hold, `either` one of them if there are any."""

    entity: str
    limit: int = LARGEST_PAGE
    sort: str = ""
    descending: bool = False
    after: str | None = None
    before: str | None = None
    count: bool = False
    archived: str = "false"
    tree: Tree = field(default_factory=dict)
    filters: list[Filter] = field(default_factory=list)
    either: list[Filter] = field(default_factory=list)
    cost: float = 1.0


def parse(entity: str, given: dict[str, str], settings: Settings) -> Query:
    """Query of a list; Refused 400 for anything R-Series would not take."""
    if gone := sorted(GONE & set(given)):
        raise api(400, f"{gone[0]} was removed in V3")
    query = Query(entity, sort=KEYS[entity])
    if "count" in given:
        _count(query, given)
    _paging(query, given)
    _relations(query, given.get("load_relations"), many=True)
    query.archived = {"1": "true", "0": "false"}.get(given.get("archived", "false"), given.get("archived", "false"))
    if query.archived not in {"true", "false", "only"}:
        raise api(400, "archived must be true, false or only")
    for name, value in given.items():
        if name not in _RESERVED:
            query.filters.append(_filter(query, name, value, settings))
    if "or" in given:
        _either(query, given["or"], settings)
    if query.count:
        query.cost = COUNT
    return query


def parse_single(entity: str, given: dict[str, str]) -> Query:
    """Query of one record: only relations."""
    if extra := sorted(set(given) - {"load_relations", "archived", "pretty_print"}):
        raise api(400, f"{extra[0]} cannot be used on a single record")
    query = Query(entity, sort=KEYS[entity])
    _relations(query, given.get("load_relations"), many=False)
    return query


def _count(query: Query, given: dict[str, str]) -> None:
    if given["count"] != "1":
        raise api(400, "count must be 1")
    if mixed := [name for name in _PAGING if name in given]:
        raise api(400, f"count cannot be combined with {', '.join(mixed)}")
    query.count = True


def _paging(query: Query, given: dict[str, str]) -> None:
    limit = given.get("limit", str(LARGEST_PAGE))
    if not limit.isdigit() or not 1 <= int(limit) <= LARGEST_PAGE:
        raise api(400, f"limit must be between 1 and {LARGEST_PAGE}")
    query.limit = int(limit)
    sort = given.get("sort", query.sort)
    query.descending, query.sort = sort.startswith("-"), sort.removeprefix("-")
    if query.sort not in SORTABLE[query.entity]:
        allowed = ", ".join(SORTABLE[query.entity])
        raise api(400, f"'{query.sort}' is not a valid sort field. Allowed sort fields: {allowed}")
    query.after, query.before = given.get("after"), given.get("before")
    if query.after and query.before:
        raise api(400, "after and before cannot be combined")


def _relations(query: Query, wanted: str | None, *, many: bool) -> None:
    if not wanted:
        return
    paths = _all(query.entity) if wanted == "all" else _named(wanted)
    for path in paths:
        query.cost += _grow(query.tree, query.entity, path, doubled=many)


def _all(entity: str) -> list[str]:
    found = []
    for name, relation in relations(entity).items():
        if not relation.by_name_only:
            found.append(name)
            below = relations(relation.entity)
            found += [
                f"{name}.{inner}" for inner in below if not below[inner].by_name_only and entity != "CreditAccount"
            ]
    return found


def _named(wanted: str) -> list[str]:
    try:
        paths = json.loads(wanted)
    except ValueError:
        paths = None
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise api(400, "load_relations must be a JSON encoded array, or all")
    return paths


def _grow(tree: Tree, entity: str, path: str, *, doubled: bool) -> float:
    """Adds the path to the tree; what the parts that were not there yet cost."""
    cost = 0.0
    for name in path.split("."):
        relation = relations(entity).get(name)
        if relation is None:
            raise api(400, f"'{path}' is not a valid relation of this endpoint")
        if name not in tree:
            cost += (TO_MANY if relation.many else TO_ONE) * (2 if doubled else 1)
        doubled = doubled or relation.many
        tree, entity = tree.setdefault(name, {}), relation.entity
    return cost


def _filter(query: Query, name: str, value: str, settings: Settings) -> Filter:
    if name.lower() in {"updatetime", "createtime"} and query.entity == "Sale":
        name = {"updatetime": "updatetime", "createtime": "createTime"}[name.lower()]
    if name == "updatetime" and not settings.updatetime_filters:
        raise api(400, "updatetime is not a searchable field", "that updatetime filters is documented nowhere")
    relation, dot, inner = name.partition(".")
    if dot and relation not in query.tree:
        raise api(400, f"'{relation}' must be loaded to search in it")
    if "." in inner:
        raise api(400, "only one level of relations can be searched")
    return parse_filter(query.entity, name, value)


def _either(query: Query, value: str, settings: Settings) -> None:
    for operand in value.split("|"):
        name, equals, rest = operand.partition("=")
        if not equals:
            raise api(400, "an or operand is written field=operator,value")
        query.either.append(_filter(query, name, rest, settings))
    fields = {one.name for one in query.either}
    if len(fields) > 1:
        query.cost += len(query.either)
