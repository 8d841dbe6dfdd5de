"""The whole slice in one process: every handler as AWS calls it, AWS by moto, both sandboxes over real HTTP.

Every secret on the way is known to the test, so that it can look for them where they must not be.
"""

from __future__ import annotations

import base64
import importlib
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from infra_cdk.local.demo_connectors.pipedrive import rules
from infra_cdk.local.sample_merchant import sample_merchant
from taxpoynt.connector_kit.webhook import basic_header
from taxpoynt.errors import Rejected, Retryable
from taxpoynt.storage.clients import client
from taxpoynt.storage.tokens import DynamoTokenStore
from tests.functions.conftest import forget_wiring
from tests.functions.lambda_context import ENVIRONMENT, QUEUES, LambdaContext
from tests.sandbox.kit import running
from tests.sandbox.nrs import NrsSandbox, demo_seed
from tests.sandbox.pipedrive import PipedriveSandbox
from tests.unit.storage.aws import aws, make_key

PIPELINE = ("convert_sale", "check_invoice", "reserve_invoice", "submit_invoice", "record_outcome")
DEAL = "101"
ROLE = "arn:aws:iam::123456789012:role/machine"

OPERATOR_TOKEN = "canary-operator-token-0123456789abcdef"
CLIENT_SECRET = "canary-client-secret-0123456789abcdef0123"
NRS_KEY, NRS_SECRET = "cnry-nrs-key-0123456789abcdef", "canary-nrs-secret-0123456789abcdef"
BUYER = {
    "buyer name": "Canary Kingfisher Stores Limited",
    "buyer tin": "98765432-0001",
    "buyer e-mail": "canary-accounts@kingfisher.example",
    "buyer telephone": "+2348099998887",
}


class Slice:
    """`secrets` grows while the merchant connects; `seen` keeps whatever left a function."""

    def __init__(self, pipedrive: PipedriveSandbox, public: str, urls: dict[str, str], arns: dict[str, str]) -> None:
        self.pipedrive, self.public, self.urls, self.arns = pipedrive, public, urls, arns
        self.secrets = {
            "operator token": OPERATOR_TOKEN,
            "client secret": CLIENT_SECRET,
            "client credentials": base64.b64encode(f"taxpoynt-demo-client:{CLIENT_SECRET}".encode()).decode(),
            "nrs key": NRS_KEY,
            "nrs secret": NRS_SECRET,
        }
        self.seen: list[tuple[str, str]] = []
        self.cookies: dict[str, str] = {}
        self.merchant = self.connection = ""

    # --- how AWS calls -------------------------------------------------------------------------------------------

    def call(self, function: str, payload: dict[str, Any]) -> dict[str, Any]:
        module = importlib.import_module(f"functions.{function}.handler")
        try:
            answer: dict[str, Any] = module.handler(payload, LambdaContext())
        except Exception as error:  # whatever is raised, its text is searched for canaries
            self.seen.append((f"error of {function}", f"{error!r} {error.__cause__!r} {error.__context__!r}"))
            raise
        return answer

    def http(self, function: str, method: str, path: str, body: str = "", **more: Any) -> dict[str, Any]:
        at = urlsplit(path)
        headers = {"host": "connect.example", **more.pop("headers", {})}
        event = {
            "version": "2.0",
            "routeKey": f"{method} /{at.path.split('/')[1]}",
            "rawPath": at.path,
            "rawQueryString": at.query,
            "queryStringParameters": {name: values[0] for name, values in parse_qs(at.query).items()},
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "headers": headers,
            "requestContext": {"http": {"method": method, "path": at.path}, "requestId": "r-1", "stage": "$default"},
            "pathParameters": more,
            "body": body,
            "isBase64Encoded": False,
        }
        answer = self.call(function, event)
        for cookie in answer.get("cookies", ()):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def api(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {OPERATOR_TOKEN}", "content-type": "application/json"}
        headers["idempotency-key"] = path
        answer = self.http("serve_api", method, path, json.dumps(body) if body is not None else "", headers=headers)
        assert answer["statusCode"] < 300, answer["body"]
        return json.loads(answer["body"])

    # --- what people and platforms do ----------------------------------------------------------------------------

    def connect(self) -> None:
        """Link, session, consent, callback, confirmation, subscription: each secret is noted as it appears."""
        self.merchant = self.api("POST", "/v1/merchants", sample_merchant())["merchant"]
        link = self.api("POST", f"/v1/merchants/{self.merchant}/connect-links", {})["url"]
        self.secrets["connect link"] = link.rsplit("/", 1)[1]
        assert self.http("serve_connect", "POST", urlsplit(link).path)["statusCode"] == 303
        self.secrets["session"] = self.cookies["taxpoynt"]
        to = self.http("start_oauth", "GET", "/oauth/pipedrive/start", connector="pipedrive")["headers"]["location"]
        query = {name: values[0] for name, values in parse_qs(urlsplit(to).query).items()}
        self.secrets["oauth state"] = query["state"]
        form = {**query, "decision": "allow", "user": "7100001:9001"}
        back = requests.post(to.partition("?")[0], data=form, timeout=10, allow_redirects=False).headers["Location"]
        self.secrets["code"] = parse_qs(urlsplit(back).query)["code"][0]
        came = self.http("finish_oauth", "GET", back.removeprefix(self.public), connector="pipedrive")
        self.connection = came["headers"]["location"].rsplit("/", 1)[1]
        self._note_tokens()
        page = self.http("serve_connect", "GET", f"/connect/confirm/{self.connection}")["body"]
        self.secrets["form token"] = page.partition('name="csrf" value="')[2].partition('"')[0]
        confirm = urlencode({"csrf": self.secrets["form token"]})
        assert self.http("serve_connect", "POST", f"/connect/confirm/{self.connection}", confirm)["statusCode"] == 303
        self.work()
        place = f"/v1/merchants/{self.merchant}/connections/{self.connection}/mapping"
        self.api("PUT", place, rules(""))
        webhook = next(iter(self.pipedrive.world.company(None).webhooks.values()))
        self.secrets["webhook password"] = webhook["http_auth_password"]
        self.secrets["webhook header"] = basic_header(webhook["http_auth_user"], webhook["http_auth_password"])
        self.hook = urlsplit(webhook["subscription_url"]).path

    def _note_tokens(self) -> None:
        store = DynamoTokenStore(client("dynamodb"), "connections", client("kms"), self.arns["TOKENS_KEY_ARN"])
        tokens = store.load(self.merchant, self.connection, "pipedrive")
        self.secrets |= {"access token": tokens.access_token, "refresh token": str(tokens.refresh_token)}

    def win(self, origin: str) -> None:
        """The deal is won; its delivery quotes the buyer, as deliveries do."""
        requests.patch(
            f"{origin}/_control/deals/{DEAL}?silent=1", json={"status": "won"}, timeout=10
        ).raise_for_status()
        meta = {"company_id": "7100001", "version": "2.0", "action": "change", "entity": "deal", "entity_id": DEAL}
        whole = {
            "meta": {**meta, "id": "5b0f8b5a-9f43-4a52-8f0e-000000000002"},
            "data": {"id": int(DEAL), "status": "won", "title": BUYER["buyer name"]},
            "previous": {"status": "open"},
        }
        assert self.deliver(json.dumps(whole))["statusCode"] == 200

    def deliver(self, body: str) -> dict[str, Any]:
        headers = {"authorization": self.secrets["webhook header"], "content-type": "application/json"}
        names = {"connector": "pipedrive", "endpoint": self.hook.rsplit("/", 1)[1]}
        return self.http("receive_webhook", "POST", self.hook, body, headers=headers, **names)

    # --- what AWS does -------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Queues until they are empty; every message is kept as it was sent."""
        sqs = client("sqs")
        busy = True
        while busy:
            busy = False
            for name in QUEUES:
                url = self.urls[name]
                for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
                    busy = True
                    self.seen.append((f"message of {name}", message["Body"]))
                    record = {
                        "messageId": message["MessageId"],
                        "receiptHandle": message["ReceiptHandle"],
                        "body": message["Body"],
                        "attributes": {},
                        "messageAttributes": {},
                        "eventSource": "aws:sqs",
                    }
                    assert self.call("run_sync_job", {"Records": [record]})["batchItemFailures"] == []
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def convert(self) -> list[str]:
        """Runs the conversion over the input of every execution that was started; the states passed through."""
        states = []
        for kind in ("CONVERSION", "RECOVERY"):
            machine = self.arns[f"{kind}_ARN"]
            for execution in client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]:
                told = client("stepfunctions").describe_execution(executionArn=execution["executionArn"])
                self.seen.append((f"input of {kind}", execution["name"] + told["input"]))
                if kind == "CONVERSION":
                    states += self._run(json.loads(told["input"]))
        return states

    def _run(self, payload: dict[str, Any]) -> list[str]:
        states: list[str] = []
        for name in PIPELINE:
            try:
                payload = self.call(name, payload)
            except Rejected as error:
                cause = json.dumps({"errorType": "Rejected", "errorMessage": str(error)})
                ids = {key: payload[key] for key in ("merchant", "connector", "sale_id")}
                return [*states, self.call("hold_invoice", {**ids, "cause": cause})["state"]]
            except Retryable:
                ids = {key: payload[key] for key in ("merchant", "connector", "sale_id")}
                self.call("recover_submission", ids)
                payload = {**ids, "state": "recovered"}
            self.seen.append((f"answer of {name}", json.dumps(payload)))
            states.append(payload["state"])
        return states

    def tables(self) -> dict[str, str]:
        """Every item of every table, as a thief of a backup would read it."""
        found = {}
        for name in ("connections", "events", "invoices"):
            items = client("dynamodb").scan(TableName=name)["Items"]
            found[f"table {name}"] = json.dumps(items, default=lambda raw: bytes(raw).decode("latin-1"))
        return found

    def blobs(self) -> dict[str, bytes]:
        s3 = client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket="raw").get("Contents", ())]
        return {key: s3.get_object(Bucket="raw", Key=key)["Body"].read() for key in keys}


@contextmanager
def whole_slice(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Slice, str, str]]:
    """The slice and the origins of Pipedrive and NRS."""
    with aws():
        forget_wiring()
        # Pipedrive takes reachable addresses only; nobody answers here, because the test makes the deliveries itself
        door = socket.create_server(("127.0.0.1", 0))
        public = f"http://localhost:{door.getsockname()[1]}"
        pipedrive, nrs = PipedriveSandbox(_pipedrive_seed(public)), NrsSandbox(_nrs_seed())
        with door, running(pipedrive) as platform, running(nrs) as tax:
            urls = {name: client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
            arns = _made()
            _secrets()
            settings = {
                **ENVIRONMENT,
                **{f"{name.upper()}_QUEUE_URL": url for name, url in urls.items()},
                **{name: arns[name] for name in ("ALERTS_TOPIC_ARN", "TOKENS_KEY_ARN")},
                "INVOICE_CONVERSION_ARN": arns["CONVERSION_ARN"],
                "SUBMISSION_RECOVERY_ARN": arns["RECOVERY_ARN"],
                "PUBLIC_URL": public,
                "NRS_BASE_URL": tax,
                "PLATFORM_ENDPOINTS": json.dumps({"pipedrive": platform}),
            }
            for name, text in settings.items():
                monkeypatch.setenv(name, text)
            yield Slice(pipedrive, public, urls, arns), platform, tax
    forget_wiring()


def _made() -> dict[str, str]:
    client("s3").create_bucket(Bucket="raw")
    machines = client("stepfunctions")
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    made = {
        f"{name.upper()}_ARN": machines.create_state_machine(name=name, definition=definition, roleArn=ROLE)[
            "stateMachineArn"
        ]
        for name in ("conversion", "recovery")
    }
    return made | {
        "ALERTS_TOPIC_ARN": client("sns").create_topic(Name="alerts")["TopicArn"],
        "TOKENS_KEY_ARN": make_key(),
    }


def _secrets() -> None:
    for name, value in {
        "taxpoynt/dev/nrs": {"api_key": NRS_KEY, "api_secret": NRS_SECRET},
        "taxpoynt/dev/platforms/pipedrive": {"client_id": "taxpoynt-demo-client", "client_secret": CLIENT_SECRET},
        "taxpoynt/dev/operator": {"token": OPERATOR_TOKEN},
    }.items():
        client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(value))


def _pipedrive_seed(public: str) -> dict[str, Any]:
    from tests.unit.sandbox.test_pipedrive.conftest import SEED

    seed = deepcopy(SEED)
    seed["app"] |= {"client_secret": CLIENT_SECRET, "redirect_uri": f"{public}/oauth/pipedrive/callback"}
    company = seed["companies"][0]
    organisation, person = company["organizations"][0], company["persons"][0]
    organisation["name"] = BUYER["buyer name"]
    organisation["custom_fields"][company["custom_field_keys"]["buyer_tin_key"]] = BUYER["buyer tin"]
    person["emails"][0]["value"] = BUYER["buyer e-mail"]
    person["phones"][0]["value"] = BUYER["buyer telephone"]
    return dict(seed)


def _nrs_seed() -> dict[str, Any]:
    seed = deepcopy(demo_seed())
    seed["keys"][0] |= {"api_key": NRS_KEY, "api_secret": NRS_SECRET}
    return dict(seed)
