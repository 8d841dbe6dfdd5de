"""What a connector brings to the kit: its template, and the data of its evidence folder (docs/conformance.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from taxpoynt.connector_kit import folders, loader
from taxpoynt.connector_kit.connector import TemplateConnector
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.model import Model

ROOT = Path(__file__).parents[2]
OUTSIDE = Path(__file__).parent / "outside"
"""Connectors that live outside the package and are part of our own tests."""

Means = Literal["ok", "rate_limited", "unavailable", "refused", "not_found", "unauthorised", "ended"]


class Told(Model):
    """What must be read of one event; what is not said is not looked at."""

    means: str
    resource: str | None = None
    resource_id: str | None = None
    account: str | None = None
    type: str | None = None


class Sent(Model):
    """One delivery: `body` is JSON, `text` its exact bytes."""

    name: str
    source: str
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    text: str | None = None
    events: tuple[Told, ...]


class Whose(Model):
    """Scripted answers about the account, and what must come out."""

    token: dict[str, Any] = Field(default_factory=dict)
    asked: dict[str, str] = Field(default_factory=dict)
    read: dict[str, Any] = Field(default_factory=dict)
    merchant: str = "m_1"
    id: str
    name: str
    details: dict[str, Any] = Field(default_factory=dict)


class ErrorAnswer(Model):
    """One documented error and what it means to us; wait in seconds."""

    status: int
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    means: Means
    wait: float | None = None
    source: str


class Removed(Model):
    """The signal that the app was removed."""

    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    account: str


class Data(Model):
    """`conformance.yaml`."""

    deliveries: tuple[Sent, ...] = ()
    lists: tuple[dict[str, Any], ...] = ()
    account: Whose | None = None
    errors: tuple[ErrorAnswer, ...] = ()
    uninstall: Removed | None = None
    unmapped: dict[str, str] = Field(default_factory=dict)


def counted(number: int, what: str) -> str:
    """`1 list`, `2 lists`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@dataclass(frozen=True)
class Case:
    """One connector under test. folder: its own; evidence: where its data stands; update: rewrite golden files."""

    name: str
    template: Template
    connector: TemplateConnector
    folder: Path
    evidence: Path
    data: Data
    written: str
    update: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """What a connection of the scripted account keeps of it."""
        return {} if self.data.account is None else self.data.account.details


def case_of(name: str, *, update: bool = False) -> Case:
    """The connector of that name; pydantic's words for a `conformance.yaml` that is none."""
    place = folders.find(name)
    folder = Path(str(place))
    evidence = folder if folders.is_outside(place) else ROOT / "tests" / "connectors" / name
    file = evidence / "conformance.yaml"
    data = yaml.safe_load(file.read_text("utf-8")) if file.is_file() else {}
    return Case(
        name=name,
        template=loader.template(name),
        connector=loader.load(name),
        folder=folder,
        evidence=evidence,
        data=Data.model_validate(data),
        written=loader.text(name),
        update=update,
    )
