"""Held sales over the API: what is wrong and where, values supplied, questions answered, documents, explanations."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from taxpoynt.domain.supplied import SuppliedValue
from taxpoynt.errors import BadInput, NotFound
from taxpoynt.portal.api_models import FaultOut, InvoiceOut
from taxpoynt.portal.attention import FILES
from taxpoynt.portal.needs import AttentionDesk, FaultShown
from taxpoynt.ports import SaleRecord


class Explain(Protocol):
    """Everything an auditor asks about an IRN, personal data only when they are asked for."""

    def __call__(self, merchant: str, irn: str, *, unmasked: bool = False) -> Mapping[str, Any]:
        """services.masked_explanation.MaskedExplanation."""
        ...


_SALE = "/v1/invoices/<connector>/<sale_id>"
_Limit = Annotated[int, Query(ge=1, le=50)]
_Who = Annotated[str, Field(min_length=1, max_length=100)]
_Why = Annotated[str, Field(min_length=1, max_length=500)]


class WhereOut(BaseModel):
    """The field in the platform, in its own words, and the record's page where it is known."""

    label: str
    url: str | None


class HeldFaultOut(FaultOut):
    """`where` it is mended; `supply`: paths that may be supplied instead (`POST …/supplied-values`)."""

    where: WhereOut | None
    supply: list[str]

    @classmethod
    def of(cls, shown: FaultShown) -> HeldFaultOut:
        """From the desk."""
        one, where = shown.fault, shown.where
        place = WhereOut(label=where.label, url=where.url) if where else None
        return cls(
            code=one.code, path=one.path, message=one.message, remedy=one.remedy, where=place, supply=list(shown.asks)
        )


class HeldSaleOut(BaseModel):
    """A held sale and all that stands against it."""

    sale: InvoiceOut
    faults: list[HeldFaultOut]


class HeldSalePage(BaseModel):
    """A page of held sales, newest day first."""

    items: list[HeldSaleOut]
    next_cursor: str | None = None


class SuppliedOut(BaseModel):
    """A value somebody supplied; it counts while the source does not say otherwise."""

    path: str
    value: str
    who: str
    why: str
    at: datetime

    @classmethod
    def of(cls, one: SuppliedValue) -> SuppliedOut:
        """From what is kept."""
        return cls(path=one.path, value=one.value, who=one.who, why=one.why, at=one.at)


class AttentionOut(HeldSaleOut):
    """What is wrong with one sale; `question`: send it back with the answer to a change after acceptance."""

    question: str | None
    supplied: list[SuppliedOut]


class ValueIn(BaseModel):
    """A value and its path: `buyer.tin`, `buyer.address.lga`, `lines[0].classification.isic_code`, `lines[0].taxes`."""

    path: str = Field(max_length=80)
    value: str = Field(max_length=255)


class SupplyIn(BaseModel):
    """Values for one held sale, by whom and how they know."""

    values: Annotated[list[ValueIn], Field(min_length=1, max_length=500)]
    who: _Who
    why: _Why


class AnswerIn(BaseModel):
    """The answer to a question about a change after acceptance."""

    question: str = Field(max_length=500)
    choice: Literal["issue", "ignore"]
    who: _Who
    why: _Why


class FamilyOut(BaseModel):
    """The sale a document belongs to and every correction and refund of it, oldest first."""

    items: list[InvoiceOut]


@dataclass(frozen=True, slots=True)
class AttentionRoutes:
    """`add` is one of the `more` of api.build. `page`: held sales of a merchant, a page at a time."""

    desk: AttentionDesk
    page: Callable[[str, int, str | None], tuple[list[SaleRecord], str | None]]
    explain: Explain

    def add(self, app: APIGatewayHttpResolver) -> None:
        """Adds every route."""
        self._reading(app)
        self._writing(app)
        for kind in FILES:
            if kind != "pdf":  # older than the others, it has its route in api.py
                self._document(app, kind)

    def _reading(self, app: APIGatewayHttpResolver) -> None:
        desk = self.desk

        @app.get("/v1/held-sales")
        def list_held(merchant: str, limit: _Limit = 20, cursor: str | None = None) -> HeldSalePage:
            records, more = self.page(merchant, limit, cursor)
            items = [_held(record, desk.faults_of(record)) for record in records]
            return HeldSalePage(items=items, next_cursor=more)

        @app.get(f"{_SALE}/attention")
        def get_attention(connector: str, sale_id: str, merchant: str) -> AttentionOut:
            return self._attention(merchant, connector, sale_id)

        @app.get(f"{_SALE}/family")
        def get_family(connector: str, sale_id: str, merchant: str) -> FamilyOut:
            return FamilyOut(items=[InvoiceOut.of(one) for one in desk.family(merchant, connector, sale_id)])

        @app.get(f"{_SALE}/explain")
        def get_explanation(
            connector: str,
            sale_id: str,
            merchant: str,
            unmasked: bool = False,  # noqa: FBT001, FBT002 - a query parameter
        ) -> dict[str, Any]:
            irn = desk.record(merchant, connector, sale_id).irn
            if irn is None:
                raise NotFound("nothing was sent for this sale yet")
            return dict(self.explain(merchant, irn, unmasked=unmasked))

    def _writing(self, app: APIGatewayHttpResolver) -> None:
        @app.post(f"{_SALE}/supplied-values")
        def supply(connector: str, sale_id: str, merchant: str, given: SupplyIn) -> AttentionOut:
            values = {one.path: one.value for one in given.values}
            if len(values) < len(given.values):
                raise BadInput("one value for each path")
            self.desk.supply(merchant, connector, sale_id, values, who=given.who, why=given.why, by="operator")
            return self._attention(merchant, connector, sale_id)

        @app.post(f"{_SALE}/answers")
        def answer(connector: str, sale_id: str, merchant: str, given: AnswerIn) -> AttentionOut:
            how = {"choice": given.choice, "seen": given.question, "who": given.who, "why": given.why}
            self.desk.answer(merchant, connector, sale_id, **how)
            return self._attention(merchant, connector, sale_id)

    def _attention(self, merchant: str, connector: str, sale_id: str) -> AttentionOut:
        shown = self.desk.show(merchant, connector, sale_id)
        return AttentionOut(
            sale=InvoiceOut.of(shown.record),
            faults=[HeldFaultOut.of(one) for one in shown.faults],
            question=shown.question,
            supplied=[SuppliedOut.of(one) for one in shown.supplied],
        )

    def _document(self, app: APIGatewayHttpResolver, kind: str) -> None:
        def get_document(connector: str, sale_id: str, merchant: str) -> Response[str]:
            body = self.desk.document(merchant, connector, sale_id, kind)
            text = base64.b64encode(body).decode()  # the resolver's validation reads bytes as text, so not left to it
            headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
            response = Response(status_code=200, content_type=FILES[kind][0], body=text, headers=headers)
            response.base64_encoded = True
            return response

        app.get(f"{_SALE}/{kind}", include_in_schema=False)(get_document)


def _held(record: SaleRecord, faults: Sequence[FaultShown]) -> HeldSaleOut:
    return HeldSaleOut(sale=InvoiceOut.of(record), faults=[HeldFaultOut.of(one) for one in faults])
