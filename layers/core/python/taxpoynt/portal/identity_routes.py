"""Identity rules over the API, and the sales of which a person must tell whether they are one."""

from __future__ import annotations

from dataclasses import dataclass

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel

from taxpoynt.portal import rules_models as models
from taxpoynt.portal.api_models import InvoiceOut
from taxpoynt.portal.needs import IdentityRulesDesk, PairShown

_RULES = "/v1/merchants/<merchant>/identity-rules"


class SameSaleOut(BaseModel):
    """Two sales that may be one, or (`code` SAME-002) one whose winner was taken back.

    Answered at `POST /v1/invoices/{connector}/{sale_id}/answers`: `issue` invoices `sale` too, or in the other's place;
    `ignore` ends it.
    """

    sale: InvoiceOut
    other: InvoiceOut | None
    code: str
    message: str
    question: str

    @classmethod
    def of(cls, pair: PairShown) -> SameSaleOut:
        """From the desk."""
        fault = pair.record.faults[0]
        return cls(
            sale=InvoiceOut.of(pair.record),
            other=InvoiceOut.of(pair.other) if pair.other else None,
            code=fault.code,
            message=fault.message,
            question=pair.question,
        )


class SameSales(BaseModel):
    """Everything a person must tell, the most urgent first."""

    items: list[SameSaleOut]


@dataclass(frozen=True, slots=True)
class IdentityRoutes:
    """`add` is one of the `more` of api.build."""

    desk: IdentityRulesDesk

    def add(self, app: APIGatewayHttpResolver) -> None:
        """Adds every route."""
        desk = self.desk

        @app.get(_RULES)
        def list_identity_rules(merchant: str, before: int | None = None) -> models.VersionPage:
            return models.VersionPage.shown(desk.shown(merchant, before=before))

        @app.get(f"{_RULES}/<number>")
        def get_identity_rules(merchant: str, number: int) -> models.WholeVersionOut:
            active = desk.shown(merchant).head.active
            return models.WholeVersionOut.whole(desk.version(merchant, number), active)

        @app.post(_RULES)
        def add_identity_rules(merchant: str, given: models.VersionIn) -> tuple[models.WholeVersionOut, int]:
            made = desk.add(merchant, given.document, given.signed(), activate=given.activate)
            return models.WholeVersionOut.whole(made, made.number if given.activate else None), 201

        @app.post(f"{_RULES}/activations")
        def activate_identity_rules(merchant: str, given: models.ActivationIn) -> models.HeadOut:
            return models.HeadOut.of(desk.activate(merchant, given.number, given.signed()))

        @app.get("/v1/merchants/<merchant>/same-sales")
        def list_same_sales(merchant: str) -> SameSales:
            return SameSales(items=[SameSaleOut.of(one) for one in desk.asked(merchant)])
