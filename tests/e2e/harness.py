"""One deployed stage for the end-to-end tests: the application, its sandboxes, and what a user does with them."""

import base64
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import requests

from infra_cdk.local.browser import Browser
from infra_cdk.local.demo_connectors import DemoConnector
from infra_cdk.local.nrs_sandbox import signed_invoices
from infra_cdk.local.operator_api import OperatorApi
from infra_cdk.local.polling import poll_until
from infra_cdk.local.sample_merchant import sample_merchant
from infra_cdk.local.stage import Deployed
from taxpoynt.connector_kit.webhook import basic_header, basic_secret
from taxpoynt.storage.endpoints import DynamoEndpoints

Json = dict[str, Any]
PATIENCE = 60.0
"""Seconds an outcome may take on a loaded machine; it usually takes two."""
USER, PASSWORD = "an-end-to-end-test", "its-own-password-of-enough-length"


@dataclass(frozen=True)
class Sandbox:
    """Control routes of one stand-in."""

    url: str

    def get(self, route: str, **params: str) -> Json:
        answer = requests.get(f"{self.url}/_control{route}", params=params, timeout=30)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def send(self, method: str, route: str, body: Any = None) -> Json:
        answer = requests.request(method, f"{self.url}/_control{route}", json=body, timeout=70)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def fault(self, **order: Any) -> None:
        self.send("POST", "/faults", order)

    def faults_left(self) -> int:
        return sum(fault["times"] or 0 for fault in self.get("/faults")["faults"])

    def requests_to(self, path: str, method: str = "") -> list[Json]:
        return list(self.get("/log", path=path, method=method)["entries"])


class Slice:
    """The whole slice: a merchant whose Pipedrive account is connected."""

    def __init__(self, deployed: Deployed, connector: DemoConnector) -> None:
        self.deployed, self.connector = deployed, connector
        self.layout, self.aws, self.url = deployed.layout, deployed.clients, deployed.layout.public_url
        self.api = OperatorApi(self.url, deployed.operator_token)
        self.pipedrive = Sandbox(self.layout.sandbox_url("pipedrive"))
        self.nrs = Sandbox(self.layout.sandbox_url("nrs"))
        self.merchant = self.api.create_merchant(sample_merchant())
        self.connection = self.connect()
        company = self.pipedrive.get("/state")["companies"][0]
        self.company, self.keys = company["id"], company["custom_field_keys"]
        self.webhook_url = self._learn_endpoint(company["webhooks"][0]["subscription_url"])

    def connect(self) -> str:
        """Walk the connect link as the merchant would, then choose the mapping."""
        name = self.connector.name
        self.connector.connect(Browser(), self.api.connect_link(self.merchant, name))
        mine = poll_until(lambda: self.api.connected(self.merchant, name), "the webhooks", seconds=PATIENCE)
        self.api.set_mapping(self.merchant, mine["connection"], self.connector.mapping(self.pipedrive.url))
        return str(mine["connection"])

    def _learn_endpoint(self, url: str) -> str:
        """Pipedrive alone knows the endpoint's password; ours is added beside it, as during a rotation."""
        store = DynamoEndpoints(self.aws("dynamodb"), self.deployed.outputs["ConnectionsTable"])
        endpoint = store.get_endpoint(url.rsplit("/", 1)[1])
        assert endpoint is not None
        store.put_endpoint(replace(endpoint, secrets=(basic_secret(USER, PASSWORD), *endpoint.secrets)))
        return url

    # --- what happens at the platform ---------------------------------------------------------------------------

    def new_organization(self, tin: str | None) -> int:
        """A buyer in Aba; without a TIN when None."""
        fields = {self.keys["buyer_state_key"]: "NG-AB", self.keys["buyer_lga_key"]: "NG-AB-ANO"}
        if tin:
            fields[self.keys["buyer_tin_key"]] = tin
        address = {
            "value": "8 Example Road, Aba",
            "street_number": "8",
            "route": "Example Road",
            "locality": "Aba",
            "postal_code": "450001",
            "country": "Nigeria",
        }
        body = {"name": f"Buyer {uuid4().hex[:6]}", "address": address, "custom_fields": fields}
        return int(self.pipedrive.send("POST", "/organizations", body)["id"])

    def give_tin(self, organization: int, tin: str) -> None:
        """Somebody fills in the TIN; Pipedrive tells our webhook."""
        patch = {"custom_fields": {self.keys["buyer_tin_key"]: tin}}
        self.pipedrive.send("PATCH", f"/organizations/{organization}", patch)

    def new_deal(self, **changes: Any) -> int:
        """An open deal like deal 101."""
        return int(self.pipedrive.send("POST", "/deals", {"copy_of": int(self.connector.sale), **changes})["id"])

    def payable(self, _deal: int) -> Decimal:
        """What a copy of deal 101 comes to."""
        return self.connector.expected_total

    def win(self, deal: int, *, quietly: bool = False) -> None:
        """A salesperson wins the deal; Pipedrive tells our webhook unless `quietly`."""
        self.pipedrive.send("PATCH", f"/deals/{deal}{'?silent=1' if quietly else ''}", {"status": "won"})

    def won_event(self, deal: int) -> Json:
        """A notification that the deal was won, with an id of its own."""
        meta = {
            "action": "change",
            "entity": "deal",
            "entity_id": str(deal),
            "id": str(uuid4()),
            "correlation_id": str(uuid4()),
            "company_id": str(self.company),
            "version": "2.0",
            "attempt": 1,
            "timestamp": "2026-10-05T10:00:00.000Z",
        }
        return {"meta": meta, "data": {"id": deal, "status": "won"}, "previous": {"status": "open"}}

    def deliver(self, body: bytes, **headers: str) -> requests.Response:
        """A genuine delivery to this merchant's endpoint, unless a header says otherwise."""
        sent = {"Content-Type": "application/json", "Authorization": basic_header(USER, PASSWORD), **headers}
        return requests.post(self.webhook_url, data=body, headers=sent, timeout=30)

    # --- what became of it --------------------------------------------------------------------------------------

    def sales(self, deal: int) -> list[Json]:
        """What the operator sees of a deal: one sale, or none."""
        return [sale for sale in self.api.invoices(self.merchant) if sale["sale_id"] == str(deal)]

    def sale_in(self, deal: int, *states: str, seconds: float = PATIENCE) -> Json:
        """Wait until the deal's sale is in one of these states."""

        def look() -> Json | None:
            return next((sale for sale in self.sales(deal) if sale["state"] in states), None)

        what = f"deal {deal} to be {' or '.join(states)}"
        return poll_until(look, what, seconds=seconds, seen=lambda: self.sales(deal), every=0.2)

    def accepted(self, deal: int, seconds: float = PATIENCE) -> Json:
        """Wait until NRS has accepted the deal's invoice and we know it."""
        return self.sale_in(deal, "accepted", "delivering", "completed", seconds=seconds)

    def at_nrs(self, deal: int) -> list[Json]:
        """The invoices that NRS signed for a deal, as parsed bodies."""
        [sale] = self.sales(deal)
        bodies = [one["body_text"] for one in signed_invoices(self.nrs.url)]
        parsed = [json.loads(body, parse_float=Decimal) for body in bodies]
        return [body for body in parsed if sale["invoice_number"] and sale["invoice_number"] in body["irn"]]

    def call(self, function: str, event: Json | None = None) -> Any:
        """Invoke a function of ours at once instead of waiting for its schedule; CamelCase name."""
        name = self.deployed.outputs[f"{function}Name"]
        answer = self.aws("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}))
        return json.loads(answer["Payload"].read() or b"null")

    def depth(self, ending: str) -> int:
        """Messages, waiting or in flight, in the queues whose output ends so: QueueUrl or DeadLetterUrl."""
        return sum(self._depths(ending).values())

    def _depths(self, ending: str) -> dict[str, int]:
        wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        urls = {name: url for name, url in self.deployed.outputs.items() if name.endswith(ending)}
        found = {n: self.aws("sqs").get_queue_attributes(QueueUrl=u, AttributeNames=wanted) for n, u in urls.items()}
        return {name: sum(int(value) for value in one["Attributes"].values()) for name, one in found.items()}

    def settle(self) -> None:
        """Until deliveries, queues and state machines have nothing left to do. What was put off comes in a minute."""
        assert self.pipedrive.send("POST", "/deliveries/settle", {"timeout_seconds": 30})["settled"]
        poll_until(lambda: not self._left(), "nothing to do", seconds=3 * PATIENCE, seen=self._left)

    def _left(self) -> list[str]:
        """What is still to be done: queues with messages, names of running executions."""
        return [f"{name}: {depth}" for name, depth in self._depths("QueueUrl").items() if depth] + self._running()

    def _running(self) -> list[str]:
        names = ("InvoiceConversionArn", "SubmissionRecoveryArn", "InvoiceDeliveryArn")
        states = self.aws("stepfunctions")
        return [
            execution["executionArn"].partition("execution:")[2]
            for machine in (self.deployed.outputs[name] for name in names)
            for execution in states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        ]


def basic(user: str, password: str) -> str:
    """An Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
