"""What mapping rules may say for a template: targets it asks, roots it has; and what is wrong with its own block.

Over plain data, so that `templates check` reports it beside everything else; what has the wrong shape is left to the
models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taxpoynt.connector_kit.declared_view import ACCOUNT, PART, RESOURCE, RESOURCE_ID, SETTINGS
from taxpoynt.connector_kit.template import Template
from taxpoynt.mapping.rules import likely
from taxpoynt.mapping.surface import Surface, root_faults, rule_faults
from taxpoynt.mapping.targets import DOCUMENT_TARGETS, LINE_TARGETS, SCOPES, of_scope

Place = tuple[str | int, ...]

_ALWAYS = (ACCOUNT, SETTINGS)
_OF_RECORD = (RESOURCE, RESOURCE_ID, PART)
_BY_PYTHON = ("address",)
_LINE_BY_PYTHON = ("line", "product")
"""What a connector's own `view` and `sale` offer beside the resources: reading.py."""
LISTS: dict[str, tuple[str, ...]] = {
    "line": ("lines",),
    "line.tax": ("lines", "taxes"),
    "line.discount": ("lines", "discounts"),
    "line.fee": ("lines", "fees"),
    "line.fee.tax": ("lines", "fees", "taxes"),
    "discount": ("discounts",),
    "charge": ("charges",),
    "charge.tax": ("charges", "taxes"),
    "payment": ("payments",),
    "withholding": ("withholding",),
}
"""Where the sale block says over which items the rules of a scope run."""
_NEEDED = ("sale_id", "currency", "completed_at", "line.quantity", "payment.method", "payment.amount")
_EITHER = (("line.description", "line.name"), ("line.unit_price", "line.amount"))


def surface(template: Template) -> Surface:
    """For `mapping check` and for whoever stores rules of merchants."""
    return _surface(template.model_dump(mode="json", exclude={"mapping"}))


def cross_checks(data: Mapping[str, Any]) -> list[tuple[Place, str]]:
    """(place, message) of what the mapping and the sale block of a template say that its other blocks deny."""
    known = _surface(data)
    found = [(("mapping", *place), message) for _, place, message, _ in rule_faults(_object(data, "mapping"), known)]
    if isinstance(data.get("sale"), Mapping):
        found += _own_expressions(data, known)
        found += _missing_rules(data, known)
        found += _taken_names(data)
    return found


def _surface(data: Mapping[str, Any]) -> Surface:
    sale = data.get("sale")
    names = {*_object(data, "resources"), *_ALWAYS}
    if not isinstance(sale, Mapping):
        names |= {*_object(_object(data, "places"), "roots"), *_BY_PYTHON} - set(_LINE_BY_PYTHON)
        return Surface(DOCUMENT_TARGETS | LINE_TARGETS, {"": names, "line": names | set(_LINE_BY_PYTHON)})
    roots = {"": names | {*_OF_RECORD, *_object(sale, "lookups")}}
    targets = dict(of_scope(""))
    for scope in sorted(SCOPES):
        listed = _list(sale, scope)
        if listed is not None:
            above = scope.rpartition(".")[0]
            roots[scope] = {*roots.get(above, roots[""]), scope.rpartition(".")[2], *_object(listed, "lookups")}
            targets |= of_scope(scope)
    return Surface(targets, roots)


def _list(sale: Mapping[str, Any], scope: str) -> Mapping[str, Any] | None:
    here: Any = sale
    for step in LISTS[scope]:
        here = here.get(step) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else None


def _own_expressions(data: Mapping[str, Any], known: Surface) -> Iterator[tuple[Place, str]]:
    """The expressions of the sale block, each with what it may start from."""
    sale = _object(data, "sale")
    head = set(known.roots[""])
    for place, expression, roots in _expressions(sale, head):
        yield from ((("sale", *place), message) for message in root_faults(expression, roots))
    resources = _object(data, "resources")
    for name in _object(sale, "depends_on"):
        if name not in resources:
            message = f"resource {name!r} is not described under resources{likely(str(name), resources)}"
            yield ("sale", "depends_on", name), message


def _expressions(sale: Mapping[str, Any], head: set[str]) -> Iterator[tuple[Place, Any, set[str]]]:
    before = head - set(_object(sale, "lookups"))
    yield from _lookups(sale, (), before)
    yield ("buyer", "when"), _object(sale, "buyer").get("when"), head
    yield ("refers_to",), sale.get("refers_to"), head
    for name, expression in _object(sale, "depends_on").items():
        yield ("depends_on", name), expression, head
    inside: dict[str, set[str]] = {"": head}
    for scope, place in LISTS.items():
        listed = _list(sale, scope)
        if listed is None:
            continue
        outer = inside.get(scope.rpartition(".")[0], head)
        yield (*place, "items"), listed.get("items"), outer
        own = outer | {scope.rpartition(".")[2]}
        yield from _lookups(listed, place, own)
        inside[scope] = own | set(_object(listed, "lookups"))
        yield (*place, "when"), listed.get("when"), inside[scope]


def _lookups(holder: Mapping[str, Any], place: Place, roots: set[str]) -> Iterator[tuple[Place, Any, set[str]]]:
    """Each may start from those before it."""
    seen = set(roots)
    for name, lookup in _object(holder, "lookups").items():
        if isinstance(lookup, Mapping):
            for key in ("value", "among", "equals", "at"):
                yield (*place, "lookups", name, key), lookup.get(key), set(seen)
        seen.add(name)


def _missing_rules(data: Mapping[str, Any], known: Surface) -> Iterator[tuple[Place, str]]:
    """What no sale is without must have a rule somewhere in the template."""
    rules = _object(data, "mapping").get("rules")
    listed = rules if isinstance(rules, list | tuple) else ()
    given = {rule.get("target") for rule in listed if isinstance(rule, Mapping)}
    for target in _NEEDED:
        if target in known.targets and target not in given:
            yield ("mapping", "rules"), f"no rule gives {target!r}, and no sale is without it"
    for one, other in _EITHER:
        if not given & {one, other}:
            yield ("mapping", "rules"), f"no rule gives {one!r} or {other!r}, and no line is without it"


def _taken_names(data: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """A resource or lookup with the name of an item would be hidden by it."""
    taken = {scope.rpartition(".")[2] for scope in SCOPES} | {*_ALWAYS, *_OF_RECORD}
    sale = _object(data, "sale")
    holders = [((), sale), *((LISTS[scope], listed) for scope in SCOPES if (listed := _list(sale, scope)) is not None)]
    named: list[tuple[Place, str]] = [(("resources", name), name) for name in _object(data, "resources")]
    named += [(("sale", *place, "lookups", name), name) for place, one in holders for name in _object(one, "lookups")]
    for place, name in named:
        if name in taken:
            yield place, f"{name!r} has a meaning of its own in rules; name it differently"


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}
