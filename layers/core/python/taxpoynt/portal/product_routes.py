"""Product tables over the API: a CSV in, versions out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from taxpoynt.mapping.product_table import example
from taxpoynt.portal import rules_models as models
from taxpoynt.portal.look_back_needs import TablePreview
from taxpoynt.portal.needs import ProductDesk

_TABLE = "/v1/merchants/<merchant>/product-table"


@dataclass(frozen=True, slots=True)
class ProductRoutes:
    """`add` is one of the `more` of api.build. preview: what a version would make of the last records."""

    desk: ProductDesk
    preview: TablePreview

    def add(self, app: APIGatewayHttpResolver) -> None:
        """Adds every route."""
        desk = self.desk

        @app.get("/v1/product-table.csv", include_in_schema=False)
        def get_example() -> Response[str]:
            return _csv(example(), "product-table")

        @app.get(_TABLE)
        def list_product_tables(merchant: str, before: int | None = None) -> models.VersionPage:
            return models.VersionPage.shown(desk.shown(merchant, before=before))

        @app.get(f"{_TABLE}/<number>/csv", include_in_schema=False)
        def get_product_table(merchant: str, number: int) -> Response[str]:
            return _csv(desk.file(merchant, number).decode("utf-8"), f"product-table-{number}")

        @app.post(_TABLE)
        def add_product_table(merchant: str, given: models.TableIn) -> tuple[models.VersionOut, int]:
            made = desk.add(merchant, given.csv.encode(), given.signed(), activate=given.activate)
            return models.VersionOut.of(made, made.number if given.activate else None), 201

        @app.post(f"{_TABLE}/previews")
        def preview_product_table(merchant: str, given: models.TablePreviewIn) -> dict[str, Any]:
            return dict(self.preview(merchant, given.number, records=given.records))

        @app.post(f"{_TABLE}/activations")
        def activate_product_table(merchant: str, given: models.ActivationIn) -> models.HeadOut:
            return models.HeadOut.of(desk.activate(merchant, given.number, given.signed()))


def _csv(text: str, name: str) -> Response[str]:
    headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-disposition": f'attachment; filename="{name}.csv"',
    }
    return Response(status_code=200, content_type="text/csv; charset=utf-8", body=text, headers=headers)
