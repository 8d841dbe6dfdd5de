"""One deployed stage for the end-to-end tests: the application, its sandboxes, and ways to look behind the curtain."""

import base64
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psutil
import requests

from infra_cdk.local.browser import Browser
from infra_cdk.local.demo_connectors import DemoConnector
from infra_cdk.local.nrs_sandbox import signed_invoices
from infra_cdk.local.operator_api import OperatorApi
from infra_cdk.local.polling import poll_until
from infra_cdk.local.processes import load
from infra_cdk.local.sample_merchant import sample_merchant
from infra_cdk.local.stage import Deployed

Json = dict[str, Any]
PATIENCE = 60.0
"""Seconds an outcome may take on a loaded machine; it usually takes two."""


@dataclass
class Sandbox:
    """Control routes of one stand-in."""

    url: str

    def get(self, route: str, **params: str) -> Json:
        answer = requests.get(f"{self.url}/_control{route}", params=params, timeout=30)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def send(self, method: str, path: str, body: Any = None) -> Json:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def fault(self, **order: Any) -> None:
        self.send("POST", "/faults", order)

    def requests_to(self, path: str, method: str = "") -> list[Json]:
        return list(self.get("/log", path=path, method=method)["entries"])


class Slice:
    """The whole slice: a merchant whose Pipedrive account is connected."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.layout = deployed.layout
        self.url = self.layout.public_url
        self.api = OperatorApi(self.url, deployed.operator_token)
        self.aws = deployed.clients
        self.pipedrive = Sandbox(self.layout.sandbox_url("pipedrive"))
        self.nrs = Sandbox(self.layout.sandbox_url("nrs"))
        self.merchant = ""
        self.connection = ""

    def connect(self, connector: DemoConnector) -> None:
        """Create the merchant and walk the connect link as the merchant would."""
        self.merchant = self.api.create_merchant(sample_merchant())
        connector.connect(Browser(), self.api.connect_link(self.merchant, connector.name))
        [mine] = self.api.connections(self.merchant)
        assert mine["status"] == "active", mine
        self.connection = mine["connection"]
        if mapping := connector.mapping(self.layout.sandbox_url(connector.name)):
            self.api.set_mapping(self.merchant, self.connection, mapping)

    def sales(self, deal: int | str) -> list[Json]:
        """What the operator sees of a deal: one sale, or none."""
        return [sale for sale in self.api.invoices(self.merchant) if belongs(sale, deal)]

    def sale_in(self, deal: int | str, *states: str, seconds: float = PATIENCE) -> Json:
        """Wait until the deal's sale is in one of these states."""

        def look() -> Json | None:
            return next((sale for sale in self.sales(deal) if sale["state"] in states), None)

        return poll_until(
            look, f"deal {deal} to be {states}", seconds=seconds, seen=lambda: self.sales(deal), every=0.2
        )

    def accepted(self, deal: int | str, seconds: float = PATIENCE) -> Json:
        """Wait until NRS has accepted the deal's invoice."""
        return self.sale_in(deal, "accepted", "completed", seconds=seconds)

    def at_nrs(self, deal: int | str) -> list[Json]:
        """The invoices that NRS signed for a deal, as parsed bodies with `irn`."""
        irns = {sale["irn"] for sale in self.sales(deal)}
        held = [one for one in signed_invoices(self.nrs.url) if one["irn"] in irns]
        return [json.loads(one["body_text"], parse_float=Decimal) for one in held]

    def call(self, function: str, event: Json | None = None) -> Any:
        """Invoke a function of ours at once instead of waiting for its schedule; CamelCase name."""
        name = self.deployed.outputs[f"{function}Name"]
        answer = self.aws("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}))
        return json.loads(answer["Payload"].read() or b"null")

    def workers(self, function: str) -> list[psutil.Process]:
        """The processes that run a function now; CamelCase name."""
        name = self.deployed.outputs[f"{function}Name"]
        running = load(self.layout.records)
        assert running is not None
        emulator = psutil.Process(running.parts[0].pid)
        return [child for child in emulator.children(recursive=True) if runs(child, name)]

    def kill(self, function: str) -> int:
        """Kill every process of a function as a crash would; how many there were."""
        found = self.workers(function)
        for process in found:
            os.kill(process.pid, signal.SIGKILL)
        return len(found)

    def kill_while(self, function: str, busy: Callable[[], object]) -> None:
        """Wait until the function is in the middle of what `busy` sees, then kill it there."""
        poll_until(busy, f"{function} to be in the middle", seconds=PATIENCE)
        assert self.kill(function) >= 1

    @contextmanager
    def quick_redelivery(self, queue: str, seconds: int = 4) -> Iterator[None]:
        """A lost message comes back soon instead of after six function timeouts; real time is the only difference."""
        url, sqs = self.deployed.outputs[f"{queue}QueueUrl"], self.aws("sqs")
        before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=before)

    def endpoint(self) -> tuple[str, str, str]:
        """Path, user and password of this merchant's webhook, as Pipedrive was told when it was subscribed."""
        [hook, *_] = self.pipedrive.get("/webhooks")["webhooks"]
        return hook["subscription_url"], hook["http_auth_user"], hook["http_auth_password"]

    def queued(self) -> int:
        """Messages in all work queues and dead-letter queues, waiting or in flight."""
        names = [key for key in self.deployed.outputs if key.endswith(("QueueUrl", "DeadLetterUrl"))]
        return sum(self._depth(self.deployed.outputs[name]) for name in names)

    def _depth(self, url: str) -> int:
        wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        return sum(int(value) for value in found.values())


def belongs(sale: Json, deal: int | str) -> bool:
    """Is this the sale of that deal? A sale id may hold more than the deal's id."""
    return str(deal) in sale["sale_id"].replace(":", "-").split("-")


def runs(process: psutil.Process, function: str) -> bool:
    """Does this process run that function?"""
    try:
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == function
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def basic(user: str, password: str) -> str:
    """An Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
