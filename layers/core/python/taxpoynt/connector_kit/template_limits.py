"""A platform's limits as data: how many requests it takes in which time, and the headers in which it says so."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Header, Name
from taxpoynt.domain.model import Model

Amount = Annotated[float, Field(gt=0, le=1_000_000_000)]
Prefix = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_./-]*$")]


class EachOf(Model):
    """What a budget grows by with a fact of the account, counted from `beyond` on (`registers` beyond the first)."""

    fact: Name
    beyond: Annotated[int, Field(ge=0)] = 0
    size: Amount
    per_second: Annotated[float, Field(ge=0)] = 0


class BudgetHeaders(Model):
    """Where an answer tells how the budget stands.

    level: `12.5/90`, used of size, with any words around it. limit, remaining: numbers. cost: what this request took.
    drip: units a second that come back. reset: when it is whole again, in the form `reset_in`.
    """

    level: Header | None = None
    limit: Header | None = None
    remaining: Header | None = None
    cost: Header | None = None
    drip: Header | None = None
    reset: Header | None = None
    reset_in: Literal["seconds", "milliseconds", "epoch", "date"] = "seconds"


class Budget(Model):
    """One limit.

    window: `size` in any `seconds`, wherever the platform begins its windows. bucket: `size` at once, `per_second` come
    back. day: `size` until midnight; a used-up day is asked again now and then, because whose midnight is not told.
    size: absent, the platform's own headers tell it, and until then nothing is held back.
    counts: requests, or the cost of each (`cost` of its resource). only: paths that begin so; absent, all of them.
    """

    name: Name
    kind: Literal["window", "bucket", "day"]
    size: Amount | None = None
    seconds: Amount | None = None
    per_second: Amount | None = None
    each: EachOf | None = None
    counts: Literal["requests", "cost"] = "requests"
    only: tuple[Prefix, ...] = ()
    headers: BudgetHeaders = BudgetHeaders()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        needs = {"window": {"seconds"}, "bucket": {"per_second"}, "day": set()}[self.kind]
        said = {name for name in ("seconds", "per_second") if getattr(self, name) is not None}
        problems = [f"a {self.kind} needs {name!r}" for name in sorted(needs - said)]
        problems += [f"a {self.kind} has no {name!r}" for name in sorted(said - needs)]
        if self.size is None and self.headers.limit is None and self.headers.level is None:
            problems.append("nothing says how large it is: size, or a header with the limit or the level")
        if self.size is None and self.each is not None:
            problems.append("each adds to a size that is not said")
        if self.headers.remaining is not None and self.headers.limit is None and self.size is None:
            problems.append("what remains says nothing without a limit")
        if problems:
            raise ValueError("; ".join(problems))
        return self


class Limits(Model):
    """bulk_share: how much of each budget may go to work that is not urgent; the rest is kept for sales of now."""

    request_id_header: Header | None = None
    bulk_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    budgets: tuple[Budget, ...] = ()

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [budget.name for budget in self.budgets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two budgets are called {twice[0]!r}")
        return self
