"""The one stack: what there is, and who may touch what."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra_cdk import outside
from infra_cdk.constructs.alarms import Alarms, AlertTopic
from infra_cdk.constructs.http_api import PublicApi
from infra_cdk.constructs.keys import DataKey, TokensKey
from infra_cdk.constructs.layers import Layers
from infra_cdk.constructs.queues import WorkQueue, dead_letter_queue
from infra_cdk.constructs.raw_bucket import RawBucket
from infra_cdk.constructs.schedules import Schedule
from infra_cdk.constructs.secrets import Secrets, secret_arn
from infra_cdk.constructs.tables import Tables
from infra_cdk.constructs.thin_function import ThinFunction
from infra_cdk.constructs.workflow import Workflow, placeholders
from infra_cdk.findings import accept_wildcards
from infra_cdk.functions import SIZES, Size, camel, check_folders, settings_of
from infra_cdk.grants import GRANTS
from infra_cdk.stages import StageSettings
from taxpoynt.retention import rules
from taxpoynt.settings import variables

# In this order: a machine may start those before it.
MACHINES: Mapping[str, sfn.StateMachineType] = {
    "invoice_delivery": sfn.StateMachineType.STANDARD,
    "submission_recovery": sfn.StateMachineType.STANDARD,
    "invoice_conversion": sfn.StateMachineType.EXPRESS,
}
SCHEDULED = {
    "schedule_syncs": "rate(1 minute)",
    "sweep_stalled": "rate(1 minute)",
    "seal_ledger": "rate(1 minute)",
    "purge_expired": "rate(1 day)",
    "refresh_code_lists": "rate(1 hour)",  # asks NRS once a day, and soon after a deploy or a bad answer
}
BATCH_WINDOWS = {"pos": 0, "crm": 0, "bulk": 5}  # seconds; only bulk has time to wait for a fuller batch
LATE_AFTER = {"pos": 10, "crm": 10, "bulk": 60}  # minutes
# Grants on these are used through services that decrypt with the data key.
ENCRYPTED = frozenset({"table", "index", "blobs", "bucket", "queue", "topic"})


class TaxPoyntStack(cdk.Stack):
    """Everything of one stage. root: the checkout that functions, layers and state machines are read from."""

    def __init__(self, scope: Construct, stage: StageSettings, root: Path, *, with_deps: bool) -> None:
        super().__init__(
            scope,
            f"TaxPoynt-{stage.name}",
            description="TaxPoynt Connect: won deals and till sales become NRS e-invoices",
            termination_protection=stage.keep_data,
        )
        cdk.Tags.of(self).add("project", "taxpoynt-connect")
        cdk.Tags.of(self).add("stage", stage.name)
        check_folders(root / "functions")
        self.stage, self.root = stage, root
        self._state()
        self.http = PublicApi(self, stage)
        beside = outside.layer_folder(stage.connectors, root) if stage.connectors else None
        self.layers = Layers(self, root, with_deps=with_deps, connectors=beside).all
        self.functions: dict[str, ThinFunction] = {}
        self.machines: dict[str, Workflow] = {}
        self.values = self._values()
        self._workflows()
        for name in sorted(SIZES.keys() - self.functions.keys()):
            self._function(name)
        self._wire()
        self._alarms()
        self._outputs()

    def _state(self) -> None:
        stage = self.stage
        keep = stage.keep_data
        self.data_key = DataKey(self, alias=f"taxpoynt/{stage.name}/data", keep=keep)
        self.tokens_key = TokensKey(self, alias=f"taxpoynt/{stage.name}/tokens", keep=keep)
        key = self.data_key.key
        self.tables = Tables(self, key=key, keep=keep)
        lock_days = cdk.Duration.days(stage.object_lock_days)
        compliance = stage.object_lock_mode == "COMPLIANCE"
        lock = (s3.ObjectLockRetention.compliance if compliance else s3.ObjectLockRetention.governance)(lock_days)
        self.raw = RawBucket(self, key=key, lock=lock, keep=keep, periods=rules(self.stage.retention)).bucket
        self.queues = {
            name: WorkQueue(self, name, key=key, consumer_timeout=stage.sync_timeout, batch_window=window)
            for name, window in BATCH_WINDOWS.items()
        }
        self.missed_runs = dead_letter_queue(self, "SchedulesDeadLetters", key)
        connectors = sorted(
            p.parent.name for p in self.root.glob("layers/core/python/taxpoynt/connectors/*/connector.yaml")
        ) + outside.names(self.stage.connectors)
        self.secrets = Secrets(self, stage=stage.name, connectors=connectors, keep=keep)
        self.alerts = AlertTopic(self, key=self.data_key, email=stage.alarm_email).topic

    def _values(self) -> dict[str, str]:
        """Every value a function may ask for; each gets those its settings class names."""
        return {
            "STAGE": self.stage.name,
            "CATALOGUE_TABLE": self.tables.catalogue.table_name,
            "CONNECTIONS_TABLE": self.tables.connections.table_name,
            "EVENTS_TABLE": self.tables.events.table_name,
            "INVOICES_TABLE": self.tables.invoices.table_name,
            "RAW_BUCKET": self.raw.bucket_name,
            "TOKENS_KEY_ARN": self.tokens_key.key.key_arn,
            **{f"{name.upper()}_QUEUE_URL": work.queue.queue_url for name, work in self.queues.items()},
            "ALERTS_TOPIC_ARN": self.alerts.topic_arn,
            "PUBLIC_URL": self.http.url,
            "RETENTION": json.dumps(dict(self.stage.retention)),
            "NRS_BASE_URL": self.stage.nrs_base_url,
            "NRS_SECRET": self.secrets.nrs,
            "OPERATOR_SECRET": self.secrets.operator,
            "PLATFORM_SECRET_PREFIX": self.secrets.platform_prefix,
            "WEBHOOK_SECRET_PREFIX": self.secrets.webhook_prefix,
            "PLATFORM_ENDPOINTS": json.dumps(dict(self.stage.platform_endpoints)),
            "RATE_BUDGET_URL": self.stage.rate_budget_url,
            "RATE_BUDGET_SECRET": self.secrets.rate_budget,
        }

    def _workflows(self) -> None:
        """Functions that machines name, then the machines, whose ARNs the other functions want to know."""
        files = {name: self.root / "statemachines" / f"{name}.asl.json" for name in MACHINES}
        steps = {f"{camel(name)}Arn": name for name in SIZES}
        for step in sorted(steps.keys() & set().union(*map(placeholders, files.values()))):
            self._function(steps[step])
        arns = {f"{camel(name)}Arn": function.function.function_arn for name, function in self.functions.items()}
        for name, kind in MACHINES.items():
            machines = {f"{camel(n)}Arn": m.machine.state_machine_arn for n, m in self.machines.items()}
            self.machines[name] = workflow = Workflow(
                self, files[name], kind=kind, functions=arns, machines=machines, log_days=self.stage.log_days
            )
            self.values[f"{name.upper()}_ARN"] = workflow.machine.state_machine_arn

    def _function(self, name: str) -> None:
        settings = settings_of(name)
        size = SIZES[name]
        if name == "run_sync_job":
            size = Size(memory=size.memory, timeout=self.stage.sync_timeout)
        self.functions[name] = ThinFunction(
            self,
            name,
            settings=settings,
            environment={key: value for key in variables(settings) if (value := self.values.get(key))},
            connectors=self._beside(),
            folder=self.root / "functions" / name,
            layers=self.layers,
            size=size,
            log_days=self.stage.log_days,
            reserved=self.stage.reserved.get(name),
            # the scheduler invokes asynchronously
            dead_letters=self.missed_runs if name in SCHEDULED else None,
        )
        self._grant(self.functions[name])

    def _beside(self) -> str | None:
        """Where functions find connectors from outside; the emulator does not unpack layers to /opt."""
        if self.stage.connectors is None:
            return None
        return str(Path(self.stage.connectors).resolve()) if self.stage.name == "local" else outside.IN_LAYER

    def _grant(self, function: ThinFunction) -> None:
        kinds = set()
        for grant in GRANTS[function.name]:
            if grant.targets == ("key:tokens",):
                self.tokens_key.allow(function.role, list(grant.actions), sid=camel(function.name))
                continue
            resources = [arn for target in grant.targets for arn in self._arns(target)]
            function.add(grant.actions, resources)
            reason = "The merchant's id leads every key; the class of object after it is fixed."
            accept_wildcards(function.role, reason, resources)
            kinds |= {target.partition(":")[0] for target in grant.targets}
        if kinds & ENCRYPTED:
            self.data_key.allow_through_services(function.role)

    def _arns(self, target: str) -> list[str]:
        kind, _, name = target.partition(":")
        found: Mapping[str, Callable[[], list[str]]] = {
            "bucket": lambda: [self.raw.bucket_arn],
            "table": lambda: [self._table(name).table_arn],
            "index": lambda: [self._index_arn(*name.split("/"))],
            "blobs": lambda: [self.raw.arn_for_objects(f"*/{name}/*")],
            "queue": lambda: [self.queues[name].queue.queue_arn],
            "machine": lambda: [self.machines[name].machine.state_machine_arn],
            "secret": lambda: [secret_arn(secret) for secret in self.secrets.named(name)],
            "topic": lambda: [self.alerts.topic_arn],
        }
        if kind not in found:
            raise LookupError(f"infra_cdk/grants.py: no such kind of target: {target}")
        return found[kind]()

    def _index_arn(self, table: str, index: str) -> str:
        return f"{self._table(table).table_arn}/index/{index}"

    def _table(self, name: str) -> Any:
        return getattr(self.tables, name)

    def _wire(self) -> None:
        functions = {name: thin.function for name, thin in self.functions.items()}
        self.http.serve(functions)
        for name, work in self.queues.items():
            work.feed(functions["run_sync_job"], concurrency=self.stage.consumers[name])
        for name, rate in SCHEDULED.items():
            id_ = f"{camel(name)}Schedule"
            Schedule(self, id_, functions[name], rate=rate, dead_letters=self.missed_runs, key=self.data_key)

    def _alarms(self) -> None:
        alarms = Alarms(self, self.alerts)
        for name, work in self.queues.items():
            alarms.dead_letters(name, work.dead_letters)
            alarms.age(work, minutes=LATE_AFTER[name])
        alarms.dead_letters("schedules", self.missed_runs)
        for workflow in self.machines.values():
            alarms.workflow(workflow)
        ack = self.functions["receive_webhook"]
        alarms.errors(ack)
        alarms.latency(ack, milliseconds=1500)
        alarms.throttles(ack)
        alarms.parked(self.functions["run_sync_job"])
        alarms.drift(self.functions["run_sync_job"])
        alarms.gap(self.functions["run_sync_job"])
        alarms.errors(self.functions["sweep_stalled"], periods=3)
        alarms.breach(self.functions["sweep_stalled"], minutes=4 * 60)
        notices = self.functions["receive_nrs_notice"]
        alarms.errors(notices)
        alarms.errors(self.functions["schedule_syncs"])
        alarms.errors(self.functions["seal_ledger"], periods=3)
        alarms.errors(self.functions["refresh_code_lists"])
        alarms.errors(self.functions["purge_expired"])

    def _outputs(self) -> None:
        outputs = {
            "ApiId": self.http.api.api_id,
            "ApiUrl": self.http.own_url,
            "PublicUrl": self.http.url,
            "CatalogueTable": self.tables.catalogue.table_name,
            "ConnectionsTable": self.tables.connections.table_name,
            "EventsTable": self.tables.events.table_name,
            "InvoicesTable": self.tables.invoices.table_name,
            "RawBucket": self.raw.bucket_name,
            "AlertsTopicArn": self.alerts.topic_arn,
            "DataKeyArn": self.data_key.key.key_arn,
            "TokensKeyArn": self.tokens_key.key.key_arn,
            "OperatorSecret": self.secrets.operator,
            "NrsSecret": self.secrets.nrs,
            "NrsBaseUrl": self.stage.nrs_base_url,
            "PlatformSecretPrefix": self.secrets.platform_prefix,
            "SchedulesDeadLetterUrl": self.missed_runs.queue_url,
        }
        for name, work in self.queues.items():
            outputs[f"{name.capitalize()}QueueUrl"] = work.queue.queue_url
            outputs[f"{name.capitalize()}DeadLetterUrl"] = work.dead_letters.queue_url
        outputs |= {f"{camel(n)}Arn": m.machine.state_machine_arn for n, m in self.machines.items()}
        outputs |= {f"{camel(n)}Name": f.function.function_name for n, f in self.functions.items()}
        if self.http.domain_target:
            outputs["DomainTarget"] = self.http.domain_target
        for key, value in outputs.items():
            cdk.CfnOutput(self, key, value=value)
