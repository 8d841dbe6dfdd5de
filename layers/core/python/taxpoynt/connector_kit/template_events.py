"""What a delivery says, as data: which events are in it, what each is about and what it means to us.

Every expression sees one object: `body` (the whole), `item` (one event of it; the body itself where there is one),
`headers` (those named under `headers`, lower case) and `form` (the fields beside the JSON of a form body).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Header, Name
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression

XmlName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,79}$")]


class Body(Model):
    """The shape of a delivery.

    json: one JSON document, an object or a list. form: `application/x-www-form-urlencoded`, the JSON is in `field`.
    soap: a SOAP 1.1 envelope whose body holds one `root` element of the first of `namespaces`; what stands in other
    namespaces is left out. There an element is a text, or an object by local names; `lists` names those that are
    always lists; `@type` is the local name of xsi:type, xsi:nil is null.
    """

    format: Literal["json", "form", "soap"]
    field: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")] | None = None
    root: XmlName | None = None
    namespaces: tuple[str, ...] = ()
    lists: tuple[XmlName, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.format == "form") != (self.field is not None):
            raise ValueError("field names the JSON of a form body, and only there")
        if (self.format == "soap") != bool(self.root and self.namespaces):
            raise ValueError("root and namespaces belong to a soap body, and only there")
        return self


class Moment(Model):
    """When it happened, by the sender's clock."""

    source: Expression
    unit: Literal["iso", "s", "ms"] = "iso"


class EventRule(Model):
    """What an event of one of `types` means, if `when` holds; the first rule that fits counts.

    means: fetch (read this record, it may be a sale), changed (a sale that is held may depend on it), ignore,
    uninstall (the merchant removed our app), park (a person must look). named: how we call the event, where the
    sender's word says less. resource: of our `resources`; resource_id: where it stands elsewhere.
    """

    types: Annotated[tuple[str, ...], Field(min_length=1)]
    when: Expression | None = None
    means: Literal["fetch", "changed", "ignore", "uninstall", "park"]
    resource: Name | None = None
    resource_id: Expression | None = None
    named: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,80}$")] | None = None
    why: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.means in ("fetch", "changed") and self.resource is None:
            raise ValueError(f"{self.means} needs a resource")
        return self


class Events(Model):
    """How one kind of body is read; of several, the first whose `when` holds (over `body`, `headers` and `form`).

    items: the events in it (absent: the body is one). id: the sender's own id. dedupe: what tells two events apart
    where the id alone does not; all parts together are the key. fallback_id: the same, where id is absent or no use.
    account: whose it is; account_characters: as many decide (Salesforce writes ids of 15 and of 18).
    An event whose type no rule names is of no matter and is settled so.
    """

    when: Expression | None = None
    items: Expression | None = None
    id: Expression | None = None
    dedupe: tuple[Expression, ...] = ()
    fallback_id: tuple[Expression, ...] = ()
    account: Expression
    account_characters: Annotated[int, Field(ge=8, le=64)] | None = None
    type: Expression
    resource_id: Expression
    occurred_at: Moment | None = None
    headers: tuple[Header, ...] = ()
    rules: Annotated[tuple[EventRule, ...], Field(min_length=1)]
    embedded: Expression | None = None
    """The record inside an event, as the API would show it: for previews only."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.id is None and not self.dedupe:
            raise ValueError("without an id, dedupe must say what tells two events apart")
        return self
