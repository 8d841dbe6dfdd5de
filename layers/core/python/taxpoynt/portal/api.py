"""The operator's JSON API under /v1: bearer token, problem details (RFC 9457), OpenAPI 3.1 at /v1/openapi.json."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Query

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import (
    BadInput,
    ConfigurationError,
    FaultsFound,
    NotFound,
    Rejected,
    Retryable,
    StoreConflict,
    TaxPoyntError,
)
from taxpoynt.portal import api_models as models
from taxpoynt.portal.needs import ApiDesk, MerchantDesk
from taxpoynt.portal.pages import notice_address

MAX_PAGE = 100
_Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


def problem(status: int, title: str, detail: str, **more: Any) -> Response[str]:
    """A problem details answer; `title` names the kind, `detail` says what to do."""
    body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail, **more})
    headers = {"cache-control": "no-store"}
    return Response(status_code=status, content_type="application/problem+json", body=body, headers=headers)


def build(
    desk: ApiDesk,
    merchants: MerchantDesk,
    public_url: str,
    *more: Callable[[APIGatewayHttpResolver], None],
) -> APIGatewayHttpResolver:
    """The resolver with every route; call it with a gateway event and context. `more` add routes of other modules."""
    app = APIGatewayHttpResolver(enable_validation=True)
    app.use([_signed_in(desk.allowed)])
    _errors(app)
    _merchant_routes(app, desk, merchants, public_url)
    _connection_routes(app, merchants)
    _invoice_routes(app, desk, merchants)
    for add_routes in more:
        add_routes(app)

    @app.get("/v1/openapi.json", include_in_schema=False)
    def openapi() -> Response[str]:
        schema = app.get_openapi_json_schema(title="TaxPoynt Connect", version="1", openapi_version="3.1.0")
        return Response(status_code=200, content_type="application/json", body=schema)

    return app


def _signed_in(allowed: Callable[[str], bool]) -> Callable[..., Response[Any]]:
    """Lets nobody past without the operator's token; asks for an Idempotency-Key on every POST."""

    def middleware(app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[Any]:
        scheme, _, token = (app.current_event.headers.get("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not allowed(token.strip()):
            return problem(401, "Unauthorized", "Send the operator token as `Authorization: Bearer …`.")
        if app.current_event.http_method == "POST" and not app.current_event.headers.get("idempotency-key"):
            return problem(400, "Idempotency-Key missing", "Send a unique Idempotency-Key; repeat it when you retry.")
        return next_middleware(app)

    return middleware


def _errors(app: APIGatewayHttpResolver) -> None:
    def invalid(error: RequestValidationError) -> Response[str]:
        faults = [{"path": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
        return problem(422, "The request does not fit", "See `errors`.", errors=faults)

    def ours(error: TaxPoyntError) -> Response[str]:
        if isinstance(error, FaultsFound):
            faults = [{"code": f.code, "path": f.path, "message": f.message, "remedy": f.remedy} for f in error.faults]
            return problem(422, "Faults found", "See `faults`.", faults=faults)
        if isinstance(error, ConfigurationError):  # may come before anybody signed in, and names our secrets
            return problem(503, "Not set up", "The operator must fill the secrets of this stage.")
        for kind, status, title in _STATUS:
            if isinstance(error, kind):
                return problem(status, title, str(error) or title)
        return problem(500, "Internal error", "Something is wrong on our side.")

    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(TaxPoyntError)(ours)

    @app.not_found
    def nowhere(_: NotFoundError) -> Response[str]:
        return problem(404, "Not found", "There is no such route; see /v1/openapi.json.")


_STATUS: tuple[tuple[type[TaxPoyntError], int, str], ...] = (
    (NotFound, 404, "Not found"),
    (BadInput, 400, "Bad input"),
    (StoreConflict, 409, "Changed meanwhile: read again and repeat"),
    (Rejected, 409, "Not possible"),
    (Retryable, 503, "Try again later"),
)


def _merchant_routes(app: APIGatewayHttpResolver, desk: ApiDesk, merchants: MerchantDesk, public_url: str) -> None:
    @app.post("/v1/merchants")
    def create_merchant(profile: Merchant) -> tuple[models.MerchantOut, int]:
        key = app.current_event.headers["idempotency-key"]
        return models.MerchantOut.of(desk.create_merchant(profile, key)), 201

    @app.get("/v1/merchants")
    def list_merchants(limit: _Limit = 50, cursor: str | None = None) -> models.MerchantPage:
        found, more = desk.list_merchants(limit=limit, cursor=cursor)
        return models.MerchantPage(items=[models.MerchantOut.of(one) for one in found], next_cursor=more)

    @app.get("/v1/merchants/<merchant>")
    def get_merchant(merchant: str) -> models.MerchantOut:
        url = notice_address(public_url, merchants.notices(merchant))
        return models.MerchantOut.of(merchants.merchant(merchant), url)

    @app.put("/v1/merchants/<merchant>")
    def put_merchant(merchant: str, change: models.ProfileIn) -> models.MerchantOut:
        fields = change.profile.model_dump(mode="json")
        return models.MerchantOut.of(merchants.save_profile(merchant, fields, version=change.version))

    @app.post("/v1/merchants/<merchant>/connect-links")
    def make_link(merchant: str, _wanted: models.LinkIn) -> tuple[models.LinkOut, int]:
        secret, expires_at = desk.make_link(merchant)
        return models.LinkOut(url=f"{public_url}/connect/link/{secret}", expires_at=expires_at), 201


def _connection_routes(app: APIGatewayHttpResolver, merchants: MerchantDesk) -> None:
    @app.get("/v1/merchants/<merchant>/connections")
    def list_connections(merchant: str) -> models.ConnectionList:
        found: list[Connection] = merchants.links(merchant)
        return models.ConnectionList(
            items=[models.ConnectionOut.of(one, merchants.watch(merchant, one.connection)) for one in found]
        )


def _invoice_routes(app: APIGatewayHttpResolver, desk: ApiDesk, merchants: MerchantDesk) -> None:
    @app.get("/v1/invoices")
    def list_invoices(
        merchant: str, limit: _Limit = 50, cursor: str | None = None, state: SaleState | None = None
    ) -> models.InvoicePage:
        found, more = merchants.invoices(merchant, limit=limit, cursor=cursor, state=state)
        return models.InvoicePage(items=[models.InvoiceOut.of(one) for one in found], next_cursor=more)

    @app.get("/v1/invoices/<connector>/<sale_id>")
    def get_invoice(connector: str, sale_id: str, merchant: str) -> models.InvoiceOut:
        return models.InvoiceOut.of(desk.sale(merchant, connector, sale_id))

    @app.get("/v1/invoices/<connector>/<sale_id>/history")
    def get_history(connector: str, sale_id: str, merchant: str) -> models.History:
        return models.History(items=[models.HistoryOut.of(e) for e in desk.history(merchant, connector, sale_id)])

    @app.get("/v1/invoices/<connector>/<sale_id>/pdf", include_in_schema=False)
    def get_pdf(connector: str, sale_id: str, merchant: str) -> Response[str]:
        body = merchants.document(merchant, connector, sale_id, "pdf")
        text = base64.b64encode(body).decode()  # the resolver's validation reads bytes as text, so not left to it
        response = Response(status_code=200, content_type="application/pdf", body=text)
        response.base64_encoded = True
        return response

    @app.get("/v1/events")
    def list_events(merchant: str, limit: _Limit = 50, cursor: str | None = None) -> models.EventPage:
        items, more = desk.list_events(merchant, limit=limit, cursor=cursor)
        return models.EventPage(items=items, next_cursor=more)
