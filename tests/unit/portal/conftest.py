"""A portal over real stores on a mocked AWS, and a browser that keeps cookies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest
from moto import mock_aws

from taxpoynt.bootstrap.look_backs import look_backs
from taxpoynt.bootstrap.rules_desk import RulesDesk, desk_of
from taxpoynt.bootstrap.serve_connect import settings_of
from taxpoynt.connector_kit.loader import load
from taxpoynt.connector_kit.uninstalling import Uninstalled
from taxpoynt.domain.connection import TokenSet
from taxpoynt.domain.party import Merchant
from taxpoynt.errors import BadInput, NeedsReauthorisation, NotFound, PlatformRefused, SignatureMismatch
from taxpoynt.nrs.resources import code_lists
from taxpoynt.portal.attention import AttentionPages
from taxpoynt.portal.connect import ConnectPages
from taxpoynt.portal.oauth import CallbackPage, StartPage
from taxpoynt.portal.product_pages import ProductPages
from taxpoynt.portal.rules_pages import RulesPages
from taxpoynt.portal.same_pages import SamePages
from taxpoynt.ports import PlatformAuthoriser, Question
from taxpoynt.services import jobs
from taxpoynt.services.answer_question import AnswerQuestion
from taxpoynt.services.attend_sale import AttendSale
from taxpoynt.services.current_lists import FixedLists
from taxpoynt.services.finish_oauth import FinishOauth
from taxpoynt.services.look_back import LookBacks
from taxpoynt.services.mapping_rules import MappingRules
from taxpoynt.services.recheck_held import RecheckHeld
from taxpoynt.services.serve_api import ServeApi
from taxpoynt.services.serve_connect import ServeConnect
from taxpoynt.services.sessions import Sessions
from taxpoynt.services.start_oauth import StartOauth
from taxpoynt.services.steps import Stores
from taxpoynt.services.supply_value import SupplyValue
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.connections import DynamoConnectionStore
from taxpoynt.storage.events import DynamoEventStore
from taxpoynt.storage.noting import Noting
from taxpoynt.storage.rules import DynamoRuleStore
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.table import Table
from taxpoynt.storage.tokens import DynamoTokenStore
from taxpoynt.storage.watch import DynamoWatchStore
from taxpoynt.web import Request, Response
from tests.fakes.locations import FakeLocationStore
from tests.fakes.outside import FakeStarter

PUBLIC = "http://localhost:8080"
TOKEN = "operator-token-of-thirty-two-chars"


class TestClock:
    """A clock that tests move."""

    __test__ = False

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Account:
    account_id: str = "4711"
    name: str = "Zuma Office Systems"
    details: dict[str, Any] = field(default_factory=lambda: {"timezone_name": "Africa/Lagos"})
    warnings: tuple[str, ...] = ()


@dataclass
class FakePlatform:
    """A platform that gives tokens for the code `good` and remembers what it was asked."""

    clock: TestClock
    account: Account = field(default_factory=Account)
    pkce: bool = False
    title: str = "Pipedrive"
    questions: tuple[Question, ...] = ()
    exchanges: list[dict[str, str | None]] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)
    revoked: int = 0

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        code_challenge: str | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> str:
        if (asked or {}).get("shop", "acme") != "acme":
            raise PlatformRefused("not one label of a host name")
        query = {"client_id": "app", "redirect_uri": redirect_uri, "state": state, "challenge": code_challenge or ""}
        return f"https://oauth.example/authorize?{urlencode(query)}"

    def exchange(
        self,
        code: str,
        *,
        redirect_uri: str,
        code_verifier: str | None = None,
        callback: Mapping[str, str] | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> TokenSet:
        self.exchanges.append({"code": code, "redirect_uri": redirect_uri, "verifier": code_verifier})
        self.told.append({**(callback or {}), **(asked or {})})
        if code != "good":
            raise NeedsReauthorisation("the code was refused")
        expires = self.clock.now() + timedelta(hours=1)
        return TokenSet(
            access_token="canary-access",
            refresh_token="canary-refresh",
            expires_at=expires,
            api_base="https://z.example",
        )

    def refresh(self, tokens: TokenSet) -> TokenSet:
        return tokens

    def revoke(self, tokens: TokenSet) -> None:
        self.revoked += 1

    def identify(
        self, tokens: TokenSet, *, asked: Mapping[str, str] | None = None, merchant: str | None = None
    ) -> Account:
        return self.account

    def read_uninstall(self, *, authorization: str | None, body: bytes) -> Uninstalled:
        if authorization != "Basic right":
            raise SignatureMismatch("wrong credentials")
        if not body:
            raise BadInput("empty")
        return Uninstalled(self.account.account_id, body.decode().partition("user=")[2] or None)


class Queue:
    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []

    def send(self, queue: str, job: Any, *, delay_seconds: int = 0) -> None:
        self.jobs.append(dict(job))


class Secrets:
    def __init__(self) -> None:
        self.value: dict[str, str] = {"token": TOKEN}

    def get(self, name: str) -> dict[str, str]:
        return self.value


@dataclass
class Portal:
    clock: TestClock
    platform: FakePlatform
    queue: Queue
    secrets: Secrets
    store: DynamoConnectionStore
    tokens: DynamoTokenStore
    sales: DynamoSaleStore
    blobs: S3BlobStore
    desk: ServeConnect
    sessions: Sessions
    api: ServeApi
    attention: AttendSale
    starter: FakeStarter
    rules: DynamoRuleStore
    shops: FakeLocationStore = field(default_factory=FakeLocationStore)

    @property
    def rules_desk(self) -> RulesDesk:
        return desk_of(self.rules, self.desk, FixedLists(code_lists()), self.past)

    @property
    def past(self) -> LookBacks:
        return look_backs(boto3.client("dynamodb"), "connections", self.store, self.queue, self.clock)

    @property
    def mappings(self) -> MappingRules:
        return self.rules_desk.mappings

    @property
    def pages(self) -> AttentionPages:
        return AttentionPages(self.attention, code_lists, {"pipedrive": "Pipedrive"}, PUBLIC)

    @property
    def more(self) -> tuple[Any, ...]:
        """The pages about rules."""
        rules = desk_of(self.rules, self.desk, FixedLists(code_lists()), self.past, hidden=("secret",))
        titles = {"pipedrive": "Pipedrive"}
        return (
            RulesPages(
                self.desk, rules.mappings, rules.preview, settings_of, titles, PUBLIC, self.shops.get, rules.past
            ),
            ProductPages(rules.products, rules.preview.table, PUBLIC),
            SamePages(self.desk, rules.identity, titles, PUBLIC),
        )

    def recheck(self) -> None:
        """Plays the recheck jobs until none is left."""
        while waiting := [job for job in self.queue.jobs if job["job"] == "recheck"]:
            self.queue.jobs = [job for job in self.queue.jobs if job["job"] != "recheck"]
            for job in waiting:
                RecheckHeld(self.sales, self.queue, self.clock)(jobs.read(job))

    def authoriser(self, connector: str) -> PlatformAuthoriser:
        if connector != "pipedrive":
            raise NotFound(connector)
        return self.platform

    def browser(self, *, connect: bool = True) -> Browser:
        return Browser(self)

    def merchant(self, name: str = "Zuma Office Systems Limited", key: str = "one") -> str:
        return self.api.create_merchant(Merchant(name=name), key).merchant

    def signed_in(self, merchant: str) -> Browser:
        browser = self.browser()
        secret, _ = self.sessions.make_link(merchant)
        assert browser.post(f"/connect/link/{secret}").status == 303
        return browser


class Browser:
    """Keeps cookies, follows nothing by itself, fills in the form token as a page would."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.cookies: dict[str, str] = {}
        door = portal.sessions
        platforms = [("pipedrive", "Pipedrive", ["deals:read: to read won deals"])]
        self._pages: dict[str, Callable[[Request], Response]] = {
            "/connect": ConnectPages(portal.desk, portal.pages, door, platforms, PUBLIC, more=portal.more),
            "start": StartPage(door.read, StartOauth(portal.store, portal.clock, portal.authoriser, PUBLIC), PUBLIC),
            "callback": CallbackPage(
                door.read,
                FinishOauth(portal.store, portal.tokens, portal.clock, portal.authoriser, PUBLIC),
                PUBLIC,
            ),
        }

    def get(self, url: str) -> Response:
        return self._send("GET", url, b"")

    def post(self, path: str, **form: str) -> Response:
        return self._send("POST", path, urlencode(form).encode())

    def send(self, method: str, url: str, body: bytes, content_type: str) -> Response:
        """Anything a browser may send."""
        return self._send(method, url, body, content_type)

    def submit(self, path: str, **form: str) -> Response:
        """Opens the page, takes its hidden token, sends the form."""
        page = self.get(path)
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', str(page.body))
        assert found, page
        return self.post(path, csrf=found[1], **form)

    def _send(self, method: str, url: str, body: bytes, content_type: str = "") -> Response:
        at = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(at.query).items()}
        kind = at.path.rsplit("/", 1)[1] if at.path.startswith("/oauth/") else "/connect"
        params = {"connector": at.path.split("/")[2]} if at.path.startswith("/oauth/") else {}
        headers = {"content-type": (content_type,)} if content_type else {}
        request = Request(
            method=method,
            path=at.path,
            body=body,
            headers=headers,
            query=query,
            params=params,
            cookies=self.cookies,
        )
        response = self._pages[kind](request)
        for cookie in response.cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return response


def _table(name: str, *indexes: str) -> dict[str, Any]:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    names = ["pk", "sk"] + [f"{index}_{part}" for index in indexes for part in ("pk", "sk")]
    gsis = [
        {
            "IndexName": f"by_{index}",
            "KeySchema": [
                {"AttributeName": f"{index}_pk", "KeyType": "HASH"},
                {"AttributeName": f"{index}_sk", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
        for index in indexes
    ]
    definition: dict[str, Any] = {
        "TableName": name,
        "KeySchema": keys,
        "AttributeDefinitions": [{"AttributeName": one, "AttributeType": "S"} for one in names],
        "BillingMode": "PAY_PER_REQUEST",
    }
    return definition | ({"GlobalSecondaryIndexes": gsis} if gsis else {})


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        dynamodb, s3, kms = boto3.client("dynamodb"), boto3.client("s3"), boto3.client("kms")
        dynamodb.create_table(**_table("connections", "task"))
        dynamodb.create_table(**_table("events", "day"))
        dynamodb.create_table(**_table("invoices", "due", "day"))
        s3.create_bucket(Bucket="raw")
        arn = kms.create_key()["KeyMetadata"]["Arn"]
        clock, queue, secrets = TestClock(), Queue(), Secrets()
        store = DynamoConnectionStore(dynamodb, "connections")
        rules = DynamoRuleStore(dynamodb, "connections", Noting(Table(dynamodb, "invoices"), "merchant", clock.now))
        sales = DynamoSaleStore(dynamodb, "invoices", clock)
        blobs = S3BlobStore(s3, "raw")
        watches = DynamoWatchStore(dynamodb, "connections")
        desk = ServeConnect(store, sales, blobs, queue, clock, lambda merchant: f"token-of-{merchant}", watches)
        sessions = Sessions(store, clock)
        events = DynamoEventStore(dynamodb, "events", clock)
        api = ServeApi(store, sales, events, secrets, "operator", sessions, desk)
        tokens = DynamoTokenStore(dynamodb, "connections", kms, arn)
        platform = FakePlatform(clock)
        starter = FakeStarter()
        stores = Stores(sales, store, blobs, clock)
        supplying = SupplyValue(stores, FixedLists(code_lists()), starter, queue)
        attention = AttendSale(stores, load, supplying, AnswerQuestion(stores, starter))
        yield Portal(
            clock, platform, queue, secrets, store, tokens, sales, blobs, desk, sessions, api, attention, starter, rules
        )
