"""Fetching a connection's older records over the API, so that rules can be tried on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel, Field

from taxpoynt.domain.look_back import LookBack
from taxpoynt.errors import NotFound
from taxpoynt.portal.look_back_needs import PastDesk

_ONE = "/v1/merchants/<merchant>/connections/<connection>/look-back"


class LookBackIn(BaseModel):
    """How many of the last records shall be here."""

    records: Annotated[int, Field(ge=1, le=200)] = 50


class LookBackOut(BaseModel):
    """How far it has come, as of `as_of`. No record of it is invoiced.

    there: records of those `wanted` that are stored, `fetched` of them by this; left_out: listed, but not given.
    reached: how far back the platform's lists were read. why: how it ended, or what it waits for, in words.
    """

    state: Literal["fetching", "done", "stopped"]
    why: str
    wanted: int
    there: int
    fetched: int
    left_out: int
    reached: datetime | None
    asked_at: datetime
    as_of: datetime

    @classmethod
    def of(cls, one: LookBack) -> LookBackOut:
        """From the desk."""
        about = {"wanted": one.wanted, "there": one.there, "fetched": one.kept, "left_out": one.left_out}
        times = {"reached": one.reached, "asked_at": one.asked_at, "as_of": one.as_of}
        return cls(state=one.state, why=one.why or one.note, **about, **times)


def add(app: APIGatewayHttpResolver, desk: PastDesk) -> None:
    """Adds the routes. Asking again while it is under way, or right afterwards, answers what there is."""

    @app.post(_ONE)
    def ask_look_back(merchant: str, connection: str, given: LookBackIn) -> tuple[LookBackOut, int]:
        return LookBackOut.of(desk.ask(merchant, connection, given.records)), 202

    @app.get(_ONE)
    def get_look_back(merchant: str, connection: str) -> LookBackOut:
        found = desk.shown(merchant, connection)
        if found is None:
            raise NotFound("no older records were asked for")
        return LookBackOut.of(found)
