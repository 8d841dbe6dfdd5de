"""Does a mapped value come from a field that the template classes as personal or secret? Pure.

The names that rules use are followed back to fields of resources: lookups, lists and their items as the sale block
defines them, a connector's own roots as `places` do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from taxpoynt.connector_kit.declared_surface import LISTS
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_data import DataClass, DataClasses
from taxpoynt.connector_kit.template_sale import ItemList, Lookup
from taxpoynt.mapping.engine import Explained
from taxpoynt.mapping.roots import Reference, references, sees_all

Hides = Callable[[Explained], DataClass | None]
Classes = Callable[[str], DataClass | None]
"""The class of what an expression looks at; None where it is of none."""

HIDDEN_FROM_OTHERS: tuple[DataClass, ...] = ("secret", "personal")
"""What is hidden from whoever is not the merchant. What a business keeps to itself is on its invoices anyhow."""

MOST_STEPS = 8
"""How many names may stand for one another in a row."""


def hides(template: Template, kinds: tuple[DataClass, ...] = HIDDEN_FROM_OTHERS) -> Hides:
    """The class of what a rule looked at, where it is one of `kinds`: a field, a part of it, or all that it is in."""
    of = classes(template, kinds)
    return lambda one: of(one.expression)


def classes(template: Template, kinds: tuple[DataClass, ...] = HIDDEN_FROM_OTHERS) -> Classes:
    """The same of a sound expression; one that looks at the whole view has the strictest class that there is."""
    names = _names(template)

    def of(expression: str) -> DataClass | None:
        if sees_all(expression):
            return next((kind for kind in kinds if template.data.by_class()[kind]), None)
        fields = [field for found in references(expression) for field in _fields(names, found, MOST_STEPS)]
        return next((kind for kind in kinds for field in fields if _touches(template.data, kind, field)), None)

    return of


def _names(template: Template) -> dict[str, list[Reference]]:
    """What each name that is no resource stands for."""
    found: dict[str, list[Reference]] = {}
    for root, records in (template.places.roots if template.places else {}).items():
        if root not in template.resources:
            found[root] = [(record, (root,)) for record in records]
    if template.sale is None:
        return found
    for name, lookup in _lookups(template):
        found.setdefault(name, []).extend(references(lookup.value or lookup.among or ""))
    for scope, listed in _lists(template):
        found.setdefault(scope.rpartition(".")[2], []).extend(references(listed.items))
    return found


def _lists(template: Template) -> Iterator[tuple[str, ItemList]]:
    for scope, place in LISTS.items():
        here: object = template.sale
        for step in place:
            here = getattr(here, step, None)
        if isinstance(here, ItemList):
            yield scope, here


def _lookups(template: Template) -> Iterator[tuple[str, Lookup]]:
    if template.sale is not None:
        yield from template.sale.lookups.items()
        for _, listed in _lists(template):
            yield from listed.lookups.items()


def _fields(names: Mapping[str, list[Reference]], found: Reference, steps: int) -> Iterator[Reference]:
    """The fields of resources a name stands for."""
    root, path = found
    if root not in names:
        yield found
    elif steps:
        for resource, before in names[root]:
            yield from _fields(names, (resource, (*before, *path)), steps - 1)


def _touches(classes: DataClasses, kind: DataClass, field: Reference) -> bool:
    resource, path = field
    for named in classes.by_class()[kind].get(resource, ()):
        steps = named.replace("[]", "").split(".")
        if all(want in ("*", step) for want, step in zip(steps, path, strict=False)):
            return True
    return False
