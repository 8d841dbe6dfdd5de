"""Versions of rules over the API: list, read, add, activate and roll back; a connection's, and the operator's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from taxpoynt.domain.rules import Signed
from taxpoynt.errors import BadInput
from taxpoynt.portal import rules_models as models
from taxpoynt.portal.needs import MappingDesk, Preview

_MINE = "/v1/merchants/<merchant>/connections/<connection>/mappings"
_OURS = "/v1/connectors/<connector>/mappings"


@dataclass(frozen=True, slots=True)
class RulesRoutes:
    """`add` is one of the `more` of api.build. `preview`: what other rules would make of the last records."""

    desk: MappingDesk
    preview: Preview

    def add(self, app: APIGatewayHttpResolver) -> None:
        """Adds every route."""
        self._of_connections(app)
        self._previews(app)
        self._of_connectors(app)

    def _of_connections(self, app: APIGatewayHttpResolver) -> None:
        desk = self.desk

        @app.put("/v1/merchants/<merchant>/connections/<connection>/mapping")
        def put_mapping(merchant: str, connection: str, given: models.MappingIn) -> models.WholeVersionOut:
            part = {"version": given.version, "rules": given.rules}
            made = desk.replace_part(merchant, connection, part, Signed(author=given.author, note=given.note))
            return models.WholeVersionOut.whole(made, made.number)

        @app.get(_MINE)
        def list_mappings(merchant: str, connection: str, before: int | None = None) -> models.VersionPage:
            return models.VersionPage.shown(desk.shown(merchant, connection, before=before))

        @app.get(f"{_MINE}/<number>")
        def get_mapping(merchant: str, connection: str, number: int) -> models.WholeVersionOut:
            active = desk.shown(merchant, connection).head.active
            return models.WholeVersionOut.whole(desk.version(merchant, connection, number), active)

        @app.post(_MINE)
        def add_mapping(merchant: str, connection: str, given: models.VersionIn) -> tuple[models.WholeVersionOut, int]:
            made = desk.add(merchant, connection, given.document, given.signed(), activate=given.activate)
            return models.WholeVersionOut.whole(made, made.number if given.activate else None), 201

        @app.post(f"{_MINE}/activations")
        def activate_mapping(merchant: str, connection: str, given: models.ActivationIn) -> models.HeadOut:
            return models.HeadOut.of(desk.activate(merchant, connection, given.number, given.signed()))

    def _previews(self, app: APIGatewayHttpResolver) -> None:
        desk = self.desk

        @app.post(f"{_MINE}/previews")
        def preview_mapping(merchant: str, connection: str, given: models.PreviewIn) -> dict[str, Any]:
            document = given.document
            if (document is None) == (given.number is None):
                raise BadInput("give a document, or the number of a version")
            if document is None:
                document = dict(desk.version(merchant, connection, given.number or 0).body)
            return dict(self.preview(merchant, connection, document, records=given.records))

    def _of_connectors(self, app: APIGatewayHttpResolver) -> None:
        desk = self.desk

        @app.get(_OURS)
        def list_operators_mappings(connector: str, before: int | None = None) -> models.VersionPage:
            return models.VersionPage.shown(desk.of_connector(connector, before=before))

        @app.get(f"{_OURS}/<number>")
        def get_operators_mapping(connector: str, number: int) -> models.WholeVersionOut:
            active = desk.of_connector(connector).head.active
            return models.WholeVersionOut.whole(desk.operators_version(connector, number), active)

        @app.post(_OURS)
        def add_operators_mapping(connector: str, given: models.VersionIn) -> tuple[models.WholeVersionOut, int]:
            made = desk.add_operators(connector, given.document, given.signed(), activate=given.activate)
            return models.WholeVersionOut.whole(made, made.number if given.activate else None), 201

        @app.post(f"{_OURS}/activations")
        def activate_operators_mapping(connector: str, given: models.ActivationIn) -> models.HeadOut:
            return models.HeadOut.of(desk.activate_operators(connector, given.number, given.signed()))
