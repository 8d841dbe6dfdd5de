"""The HTTP API: every public route, who may call it, and how often."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra_cdk.constructs.thin_function import RETENTION
from infra_cdk.findings import accept
from infra_cdk.functions import camel
from infra_cdk.stages import StageSettings, Throttle

Kind = Literal["signed webhook", "oauth callback", "signed in", "health"]


@dataclass(frozen=True, slots=True)
class Route:
    """One public route. kind: how its caller is told from a stranger; there are four ways and no fifth."""

    method: str
    path: str
    function: str
    kind: Kind

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


ROUTES = (
    Route("POST", "/webhooks/{connector}", "receive_webhook", "signed webhook"),
    Route("POST", "/webhooks/{connector}/{endpoint}", "receive_webhook", "signed webhook"),
    # NRS signs nothing: the unguessable token says whose notice it is, and what it says is read back from NRS
    Route("POST", "/nrs/notifications/{token}", "receive_nrs_notice", "signed webhook"),
    Route("GET", "/oauth/{connector}/start", "start_oauth", "oauth callback"),
    Route("GET", "/oauth/{connector}/callback", "finish_oauth", "oauth callback"),
    Route("DELETE", "/oauth/{connector}/callback", "receive_uninstall", "oauth callback"),
    Route("ANY", "/connect", "serve_connect", "signed in"),
    Route("ANY", "/connect/{proxy+}", "serve_connect", "signed in"),
    Route("ANY", "/v1/{proxy+}", "serve_api", "signed in"),
    Route("ANY", "/console", "serve_console", "signed in"),
    Route("ANY", "/console/{proxy+}", "serve_console", "signed in"),
    Route("GET", "/health", "answer_health", "health"),
    Route("GET", "/", "answer_health", "health"),
)
WHY_NO_AUTHORIZER: Mapping[Kind, str] = {
    "signed webhook": "Signature, Basic credentials or an unguessable token; the function verifies before any effect.",
    "oauth callback": "The single-use state or the platform's credentials are the authority; the function checks.",
    "signed in": "The function checks the connect link, session or bearer token, constant in time.",
    "health": "Anyone may ask whether the service lives; the answer holds no tenant's data.",
}
# Neither query (codes, states) nor path (endpoint tokens, connect links); the route says what was asked.
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "latency": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationLatency": "$context.integration.latency",
    "error": "$context.error.responseType",
}


class PublicApi(Construct):
    """HTTP API `taxpoynt-<stage>` with its only stage at the root, behind a custom domain if the stage has one."""

    def __init__(self, scope: Construct, stage: StageSettings) -> None:
        super().__init__(scope, "Http")
        self._stage = stage
        self.domain_target: str | None = None
        self.api = api.HttpApi(
            self,
            "Api",
            api_name=f"taxpoynt-{stage.name}",
            create_default_stage=False,
            # one front door: signatures cover the public address
            disable_execute_api_endpoint=bool(stage.domain_name),
        )
        self.own_url = f"https://{stage.domain_name}" if stage.domain_name else self.api.api_endpoint
        # what merchants and platforms are told
        self.url = stage.public_url or self.own_url

    def serve(self, functions: Mapping[str, lambda_.IFunction]) -> None:
        """Adds the routes, then the stage, which counts each route on its own: a webhook flood leaves pages alone."""
        integrations = {
            name: HttpLambdaIntegration(camel(name), functions[name]) for name in {r.function: None for r in ROUTES}
        }
        routes = [route for entry in ROUTES for route in self._add(entry, integrations[entry.function])]
        log_group = logs.LogGroup(
            self, "AccessLogs", retention=RETENTION[self._stage.access_log_days], removal_policy=RemovalPolicy.DESTROY
        )
        stage = api.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=api.CfnStage.AccessLogSettingsProperty(
                destination_arn=log_group.log_group_arn, format=json.dumps(ACCESS_LOG)
            ),
            default_route_settings=_limits(self._stage.pages),
            route_settings={
                entry.key: {
                    "ThrottlingRateLimit": self._stage.webhooks.rate,
                    "ThrottlingBurstLimit": self._stage.webhooks.burst,
                    "DetailedMetricsEnabled": True,
                }
                for entry in ROUTES
                if entry.kind == "signed webhook"
            },
        )
        for route in routes:  # a stage may only limit routes that exist
            stage.node.add_dependency(route)
        if self._stage.domain_name and self._stage.certificate_arn:
            self._domain(self._stage.domain_name, self._stage.certificate_arn).node.add_dependency(stage)

    def _add(self, entry: Route, integration: HttpLambdaIntegration) -> list[api.HttpRoute]:
        routes = self.api.add_routes(path=entry.path, methods=[api.HttpMethod(entry.method)], integration=integration)
        for route in routes:
            accept(route, WHY_NO_AUTHORIZER[entry.kind], "AwsSolutions-APIG4")
        return routes

    def _domain(self, name: str, certificate: str) -> api.CfnApiMapping:
        domain = api.DomainName(
            self,
            "Domain",
            domain_name=name,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", certificate),
            security_policy=api.SecurityPolicy.TLS_1_2,
        )
        # where DNS has to point (CNAME or alias)
        self.domain_target = domain.regional_domain_name
        return api.CfnApiMapping(self, "Mapping", api_id=self.api.api_id, domain_name=domain.name, stage="$default")


def _limits(throttle: Throttle) -> api.CfnStage.RouteSettingsProperty:
    return api.CfnStage.RouteSettingsProperty(
        throttling_rate_limit=throttle.rate, throttling_burst_limit=throttle.burst, detailed_metrics_enabled=True
    )
