"""The front door: the routes of the contract, throttled apart, logged without what could be a secret."""

from __future__ import annotations

import json
from typing import Any

from infra_cdk.app import build, new_app
from infra_cdk.constructs.http_api import ROUTES, WHY_NO_AUTHORIZER
from tests.infra.templates import Assembly

CONTRACT = {
    "POST /webhooks/{connector}": "ReceiveWebhook",
    "POST /webhooks/{connector}/{endpoint}": "ReceiveWebhook",
    "POST /nrs/notifications/{token}": "ReceiveNrsNotice",
    "GET /oauth/{connector}/start": "StartOauth",
    "GET /oauth/{connector}/callback": "FinishOauth",
    "DELETE /oauth/{connector}/callback": "ReceiveUninstall",
    "ANY /connect": "ServeConnect",
    "ANY /connect/{proxy+}": "ServeConnect",
    "ANY /v1/{proxy+}": "ServeApi",
    "ANY /console": "ServeConsole",
    "ANY /console/{proxy+}": "ServeConsole",
    "GET /health": "AnswerHealth",
    "GET /": "AnswerHealth",
}


def _stage(assembly: Assembly) -> dict[str, Any]:
    (stage,) = assembly.props("AWS::ApiGatewayV2::Stage").values()
    found: dict[str, Any] = stage
    return found


def test_routes_are_those_of_the_contract_and_reach_their_functions(any_stage: Assembly) -> None:
    integrations = any_stage.props("AWS::ApiGatewayV2::Integration")
    found = {}
    for route in any_stage.props("AWS::ApiGatewayV2::Route").values():
        target = route["Target"]["Fn::Join"][1][1]["Ref"]
        function = integrations[target]["IntegrationUri"]["Fn::GetAtt"][0]
        found[route["RouteKey"]] = function.partition("Function")[0]
        assert integrations[target]["PayloadFormatVersion"] == "2.0"
    assert found == CONTRACT


KINDS = {
    "signed webhook": {
        "POST /webhooks/{connector}",
        "POST /webhooks/{connector}/{endpoint}",
        "POST /nrs/notifications/{token}",
    },
    "OAuth callback": {
        "GET /oauth/{connector}/start",
        "GET /oauth/{connector}/callback",
        "DELETE /oauth/{connector}/callback",
    },
    "authenticated": {
        "ANY /connect",
        "ANY /connect/{proxy+}",
        "ANY /v1/{proxy+}",
        "ANY /console",
        "ANY /console/{proxy+}",
    },
    "health": {"GET /health", "GET /"},
}


def test_every_public_route_is_of_a_known_kind() -> None:
    assert {route.kind for route in ROUTES} == set(WHY_NO_AUTHORIZER)


def test_every_route_of_the_template_is_of_exactly_one_of_the_four_kinds(prod: Assembly) -> None:
    routes = [route["RouteKey"] for route in prod.props("AWS::ApiGatewayV2::Route").values()]
    assert len(routes) == len(set(routes))
    for route in routes:
        kinds = [kind for kind, known in KINDS.items() if route in known]
        assert len(kinds) == 1, f"{route} is of {kinds or 'no kind'}"
    assert set(routes) == set().union(*KINDS.values())


def test_the_local_front_finds_the_api_by_its_name(any_stage: Assembly) -> None:
    (api,) = any_stage.props("AWS::ApiGatewayV2::Api").values()
    assert api["Name"] == f"taxpoynt-{any_stage.stage}"


def test_webhooks_and_pages_are_throttled_apart_so_a_flood_leaves_pages_alone(any_stage: Assembly) -> None:
    stage = _stage(any_stage)
    pages, webhooks = stage["DefaultRouteSettings"], stage["RouteSettings"]
    assert set(webhooks) == KINDS["signed webhook"]
    for limits in webhooks.values():
        assert limits["ThrottlingRateLimit"] > pages["ThrottlingRateLimit"] > 0
        assert limits["ThrottlingBurstLimit"] > pages["ThrottlingBurstLimit"] > 0


def test_the_stage_waits_for_the_routes_it_limits(prod: Assembly) -> None:
    (stage,) = prod.of_type("AWS::ApiGatewayV2::Stage").values()
    assert set(prod.of_type("AWS::ApiGatewayV2::Route")) <= set(stage["DependsOn"])


def test_access_logs_tell_the_route_and_never_the_query_the_path_or_a_header(any_stage: Assembly) -> None:
    # codes and states are in queries; endpoint tokens and connect links in paths; bearer tokens in headers
    fields = json.loads(_stage(any_stage)["AccessLogSettings"]["Format"])
    assert {"requestId", "routeKey", "status", "latency", "ip"} <= set(fields)
    said = " ".join(fields.values()).lower()
    for unsafe in ("query", "context.path", "authorizer", "header", "rawpath", "$context.requestoverride"):
        assert unsafe not in said


def test_a_custom_domain_closes_the_other_door_and_is_the_public_address(tmp_path: Any) -> None:
    context = {
        "stage": "prod",
        "deps": "skip",
        "domain_name": "connect.example.ng",
        "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555",
        "alarm_email": "ops@example.ng",
    }
    app = new_app(context=context, outdir=str(tmp_path))
    build(app)
    app.synth()
    assembly = Assembly("prod", tmp_path)
    (api,) = assembly.props("AWS::ApiGatewayV2::Api").values()
    assert api["DisableExecuteApiEndpoint"] is True
    (domain,) = assembly.props("AWS::ApiGatewayV2::DomainName").values()
    assert domain["DomainNameConfigurations"][0]["SecurityPolicy"] == "TLS_1_2"
    assert len(assembly.of_type("AWS::ApiGatewayV2::ApiMapping")) == 1
    environment = assembly.functions()["start_oauth"]["Environment"]["Variables"]
    assert environment["PUBLIC_URL"] == "https://connect.example.ng"
    (subscription,) = assembly.props("AWS::SNS::Subscription").values()
    assert subscription["Endpoint"] == "ops@example.ng"
