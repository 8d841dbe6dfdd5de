"""What differs between stages: values only. One code path makes every template (docs/decisions/0002)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from infra_cdk import outside

StageName = Literal["local", "dev", "prod"]

SANDBOX_NRS = "https://eivc-k6z6d.ondigitalocean.app"
# The production host is published to accredited integrators only; this one is the best public candidate.
# Confirm it with NRS when you receive the production keys, and give another with `-c nrs_base_url=`.
PRODUCTION_NRS = "https://einvoice1.nrs.gov.ng"


class StageError(ValueError):
    """A stage cannot be synthesised; the message says what to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Requests a second in the long run, and how many may come at once. API Gateway counts each route on its own."""

    rate: int
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSettings:
    """One stage.

    public_url: origin that merchants and platforms see, no trailing slash; None: the custom domain, or the API's own.
    keep_data: data outlives the stack, tables and stack refuse to be deleted.
    sync_timeout: seconds for run_sync_job; a crashed job is seen again after six times as long.
    reserved: concurrent executions kept for (and allowed to) a function. Unreserved ones share the account's rest.
    consumers: how many batches of each queue are worked on at once.
    object_lock_mode, object_lock_days: nothing in the raw bucket can be deleted or overwritten sooner; under COMPLIANCE
        by nobody at all, under GOVERNANCE by who may bypass it.
    platform_endpoints: connector to the origin that replaces its hosts; on the local stage its sandbox's.
    rate_budget_url: where the rate budgets stand: `table` (connections), or a Valkey or Redis (`rediss://…`).
    connectors: a folder with connectors from outside the package, `<name>/connector.yaml`; one layer carries them.
    retention: periods of data classes that differ from taxpoynt.retention, e.g. `{"records": 20, "evidence": 10}`.
    """

    name: StageName
    nrs_base_url: str
    public_url: str | None = None
    domain_name: str | None = None
    certificate_arn: str | None = None
    platform_endpoints: Mapping[str, str] = field(default_factory=dict)
    pages: Throttle
    webhooks: Throttle
    log_days: int
    access_log_days: int = 90
    keep_data: bool
    sync_timeout: int
    reserved: Mapping[str, int]
    consumers: Mapping[str, int]
    object_lock_mode: Literal["GOVERNANCE", "COMPLIANCE"]
    object_lock_days: int
    alarm_email: str | None = None
    rate_budget_url: str = "table"
    connectors: str | None = None
    retention: Mapping[str, int] = field(default_factory=dict)


STAGES: Mapping[str, StageSettings] = {
    "local": StageSettings(
        name="local",
        nrs_base_url="http://localhost:9110",
        public_url="http://localhost:8080",
        pages=Throttle(rate=100, burst=200),
        webhooks=Throttle(rate=500, burst=1000),
        log_days=7,
        keep_data=False,
        sync_timeout=20,
        reserved={"receive_webhook": 20, "submit_invoice": 10, "recover_submission": 5, "deliver_invoice": 5},
        consumers={"pos": 4, "crm": 4, "bulk": 2},
        object_lock_mode="GOVERNANCE",
        object_lock_days=1,
    ),
    "dev": StageSettings(
        name="dev",
        nrs_base_url=SANDBOX_NRS,
        pages=Throttle(rate=20, burst=40),
        webhooks=Throttle(rate=100, burst=200),
        log_days=30,
        keep_data=False,
        sync_timeout=120,
        reserved={"receive_webhook": 20, "submit_invoice": 5, "recover_submission": 2, "deliver_invoice": 2},
        consumers={"pos": 5, "crm": 5, "bulk": 2},
        object_lock_mode="GOVERNANCE",
        object_lock_days=1,
    ),
    "prod": StageSettings(
        name="prod",
        nrs_base_url=PRODUCTION_NRS,
        pages=Throttle(rate=100, burst=200),
        webhooks=Throttle(rate=1000, burst=2000),
        log_days=90,
        keep_data=True,
        sync_timeout=120,
        reserved={"receive_webhook": 200, "submit_invoice": 40, "recover_submission": 10, "deliver_invoice": 10},
        consumers={"pos": 20, "crm": 20, "bulk": 5},
        object_lock_mode="COMPLIANCE",
        object_lock_days=30,
    ),
}

_OVERRIDES = (
    "nrs_base_url",
    "public_url",
    "domain_name",
    "certificate_arn",
    "alarm_email",
    "rate_budget_url",
    "connectors",
)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?")
_BUDGETS = re.compile(r"rediss://[A-Za-z0-9.-]+(:\d+)?(/\d+)?")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?")


def settings(name: str, context: Callable[[str], Any]) -> StageSettings:
    """Stage `name` with what the command line overrides (`-c nrs_base_url=… -c domain_name=…`); StageError if unusable.

    context: reads a CDK context value, None when it is not set.
    """
    if name not in STAGES:
        raise StageError(f"unknown stage {name!r}: say -c stage=local, dev or prod")
    given: dict[str, Any] = {key: str(value) for key in _OVERRIDES if (value := context(key))}
    stage = replace(STAGES[name], **given)
    if name == "local":
        stage = replace(stage, platform_endpoints=_sandboxes())
    _check(stage)
    return stage


def _sandboxes() -> dict[str, str]:
    """The stand-ins of the platforms, by connector; no other stage loads the local half of this package."""
    from infra_cdk.local.demo_connectors import discover

    return {connector.name: f"http://localhost:{connector.port}" for connector in discover()}


def _check(stage: StageSettings) -> None:
    if bool(stage.domain_name) != bool(stage.certificate_arn):
        raise StageError(
            "a custom domain needs both -c domain_name= and -c certificate_arn= (same region as the stack)"
        )
    allowed = _ORIGIN if stage.name == "local" else _HTTPS
    for key, url in (("nrs_base_url", stage.nrs_base_url), ("public_url", stage.public_url)):
        if url is not None and not allowed.fullmatch(url):
            raise StageError(
                f"{key} must be an origin such as https://api.example.ng (no path, no slash at the end): {url!r}"
            )
    if stage.connectors is not None and not outside.names(stage.connectors):
        raise StageError(f"connectors: {stage.connectors!r} holds no <name>/connector.yaml")
    if stage.rate_budget_url != "table" and not _BUDGETS.fullmatch(stage.rate_budget_url):
        raise StageError("rate_budget_url must be `table` or rediss://host:port/number, without a password")
    if stage.name == "prod" and stage.nrs_base_url == SANDBOX_NRS:
        raise StageError("production must not talk to the NRS sandbox: give -c nrs_base_url=")
