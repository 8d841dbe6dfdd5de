"""How a platform hands out a long list, as data. One block a template, and one for each resource that differs."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Count, Origin
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression

Parameter = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\[\]-]{1,60}$")]

Style = Literal["none", "cursor", "page", "offset", "link", "url", "version"]

NEEDS: dict[Style, frozenset[str]] = {
    "none": frozenset(),
    "cursor": frozenset({"parameter", "next"}),
    "page": frozenset({"parameter", "ends"}),
    "offset": frozenset({"parameter", "ends"}),
    "link": frozenset(),
    "url": frozenset({"next"}),
    "version": frozenset({"parameter", "newest"}),
}
"""What a style cannot do without."""

MAY: dict[Style, frozenset[str]] = {
    "none": frozenset(),
    "cursor": frozenset({"size", "more"}),
    "page": frozenset({"size", "first", "total", "more"}),
    "offset": frozenset({"size", "total", "more"}),
    "link": frozenset({"size", "rel", "origins"}),
    "url": frozenset({"size", "more", "origins"}),
    "version": frozenset({"size"}),
}
"""What it may say besides; `items`, `single_as_object` and `max_pages` go with every style."""

ENDS: dict[str, frozenset[str]] = {
    "short": frozenset({"size"}),
    "empty": frozenset(),
    "total": frozenset({"total"}),
    "flag": frozenset({"more"}),
}
"""What each way to end needs."""


class Size(Model):
    """The parameter that says how many items a page shall have, and how many we ask for."""

    parameter: Parameter
    value: Annotated[int, Field(ge=1, le=10_000)]


class Paging(Model):
    """One way to walk a list. Parameters go where the request's own go: the query, or the body of a search by POST.

    cursor: an opaque value, found by `next`, goes into `parameter`. page: numbers from `first` on. offset: how many
    items came already. link: the `Link` header of RFC 8288, relation `rel`. url: a complete address, found by `next`.
    version: `parameter` is the highest version so far (`newest`), until a page is empty. none: one answer holds all.
    ends (page, offset): `empty` page; `short` page, where the platform promises full ones; `total` many items; `flag`,
    where `more` is not true. An empty page always ends. more: with cursor and url, false ends although a next is given.
    origins: other origins that a link may name; it is followed on the account's own origin all the same.
    items: where the list stands, unless the request says; single_as_object: one item stands there without a list.
    """

    style: Style
    items: Expression | None = None
    single_as_object: bool = False
    max_pages: Count = 200
    parameter: Parameter | None = None
    next: Expression | None = None
    size: Size | None = None
    first: Annotated[int, Field(ge=0, le=1)] | None = None
    ends: Literal["short", "empty", "total", "flag"] | None = None
    total: Expression | None = None
    more: Expression | None = None
    rel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]*$")] | None = None
    origins: tuple[Origin, ...] = ()
    newest: Expression | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        said = {name for name in _OF_A_STYLE if getattr(self, name) not in (None, ())}
        needs, may = NEEDS[self.style], MAY[self.style] | NEEDS[self.style]
        problems = [f"style {self.style!r} needs {name!r}" for name in sorted(needs - said)]
        problems += [f"style {self.style!r} has no {name!r}" for name in sorted(said - may)]
        problems += _end_problems(self.ends, said & may) if "ends" in needs else []
        if self.size and self.size.parameter == self.parameter:
            problems.append(f"{self.parameter!r} cannot be both the place and the size")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _end_problems(ends: str | None, said: set[str]) -> list[str]:
    """`total` and `more` each belong to one way to end; to give both, or the wrong one, is a contradiction."""
    if ends is None:
        return []
    lacking = [f"ends {ends!r} needs {name!r}" for name in sorted(ENDS[ends] - said)]
    foreign = sorted((said & {"total", "more"}) - ENDS[ends])
    return lacking + [f"ends {ends!r} does not go by {name!r}" for name in foreign]


_OF_A_STYLE = ("parameter", "next", "size", "first", "ends", "total", "more", "rel", "origins", "newest")
