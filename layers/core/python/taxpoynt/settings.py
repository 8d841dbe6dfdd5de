"""What each function reads from its environment: one frozen dataclass per function.

Standard library only, because the webhook path loads it and because infra_cdk checks the
names against these classes at synth. A field `raw_bucket` is read from `RAW_BUCKET`.
Secrets are never in the environment; only their names are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar

from taxpoynt.errors import ConfigurationError

SettingsT = TypeVar("SettingsT", bound="Settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every function needs. `stage`: local, dev or prod."""

    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveWebhookSettings(Settings):
    """The ack path: one lookup, one durable write. Where a platform signs, the secret of our application is read."""

    connections_table: str
    raw_bucket: str
    pos_queue_url: str
    crm_queue_url: str
    public_url: str
    platform_secret_prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSyncJobSettings(Settings):
    """The only function whose role may decrypt platform tokens. `retention`: the stage's own periods as JSON.

    rate_budget_url: where the rate budgets stand: `table` (connections), or a Valkey or Redis (`rediss://host:6379/0`)
    whose `username` and `password` are in the secret named by rate_budget_secret.
    """

    catalogue_table: str
    connections_table: str
    events_table: str
    invoices_table: str
    raw_bucket: str
    tokens_key_arn: str
    pos_queue_url: str
    crm_queue_url: str
    bulk_queue_url: str
    invoice_conversion_arn: str
    public_url: str
    platform_secret_prefix: str
    webhook_secret_prefix: str
    platform_endpoints: str
    alerts_topic_arn: str
    retention: str = "{}"
    rate_budget_url: str = "table"
    rate_budget_secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSyncsSettings(Settings):
    """Polls, subscription checks and keep-alive refreshes are jobs on the bulk queue."""

    connections_table: str
    bulk_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStalledSettings(Settings):
    """Starts again what stalled, oldest legal due time first."""

    connections_table: str
    invoices_table: str
    bulk_queue_url: str
    invoice_conversion_arn: str
    submission_recovery_arn: str
    invoice_delivery_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeExpiredSettings(Settings):
    """Forgets what is past its period. `retention`: the stage's own periods as JSON (taxpoynt.retention)."""

    catalogue_table: str
    connections_table: str
    invoices_table: str
    raw_bucket: str
    bulk_queue_url: str
    retention: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLedgerSettings(Settings):
    """What waits becomes blocks of each merchant's ledger."""

    invoices_table: str
    raw_bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshCodeListsSettings(Settings):
    """NRS's code lists; they are open to everybody, so no key."""

    connections_table: str
    raw_bucket: str
    nrs_base_url: str
    alerts_topic_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSettings(Settings):
    """What every step of the conversion reads and writes."""

    connections_table: str
    invoices_table: str
    raw_bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertSaleSettings(StepSettings):
    """Sale to invoice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInvoiceSettings(StepSettings):
    """The numbered rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveInvoiceSettings(StepSettings):
    """Number, IRN and frozen bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitInvoiceSettings(StepSettings):
    """Validate and sign at NRS."""

    nrs_base_url: str
    nrs_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverSubmissionSettings(SubmitInvoiceSettings):
    """Settle an unknown outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverInvoiceSettings(SubmitInvoiceSettings):
    """Transmit, follow, tell payments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveNrsNoticeSettings(Settings):
    """NRS says that something happened to a document."""

    connections_table: str
    invoices_table: str
    invoice_delivery_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutcomeSettings(StepSettings):
    """Stamp, QR and PDF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldInvoiceSettings(StepSettings):
    """Park with faults, or alert the operator."""

    alerts_topic_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOauthSettings(Settings):
    """Redirect to the platform."""

    connections_table: str
    public_url: str
    platform_secret_prefix: str
    platform_endpoints: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishOauthSettings(StartOauthSettings):
    """Exchange the code; may encrypt tokens, never decrypt them."""

    invoices_table: str
    tokens_key_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveUninstallSettings(Settings):
    """The platform says that the merchant removed our app."""

    connections_table: str
    bulk_queue_url: str
    platform_secret_prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeConnectSettings(StepSettings):
    """The merchant's self-service pages; a supplied value starts the conversion at once."""

    catalogue_table: str
    bulk_queue_url: str
    public_url: str
    invoice_conversion_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeApiSettings(ServeConnectSettings):
    """The operator's JSON API. `retention`: the stage's own periods as JSON."""

    events_table: str
    operator_secret: str
    retention: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeConsoleSettings(ServeApiSettings):
    """The operator's pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHealthSettings(Settings):
    """Is the stage alive; reads one table."""

    connections_table: str


def variables(settings: type[Settings]) -> dict[str, bool]:
    """Environment names that `settings` reads, each with whether it is required."""
    return {f.name.upper(): f.default is MISSING and f.default_factory is MISSING for f in fields(settings)}


def load(settings: type[SettingsT], environ: Mapping[str, str]) -> SettingsT:
    """`settings` filled from `environ`; raises ConfigurationError naming every missing or empty variable at once."""
    wanted = variables(settings)
    missing = sorted(name for name, required in wanted.items() if required and not environ.get(name))
    if missing:
        raise ConfigurationError(f"{settings.__name__}: set {', '.join(missing)}")
    return settings(**{name.lower(): environ[name] for name in wanted if name in environ})
