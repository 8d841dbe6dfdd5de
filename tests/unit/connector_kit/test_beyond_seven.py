"""What the eighth platform needed beyond the seven the kit was made for (docs/decisions/0026)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from taxpoynt.connector_kit import fetching
from taxpoynt.connector_kit.client import PlatformClient
from taxpoynt.connector_kit.connector import TemplateConnector
from taxpoynt.connector_kit.identifying import identify
from taxpoynt.connector_kit.loader import load, template, text
from taxpoynt.connector_kit.oauth import OAuthClient
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_auth import Revoke
from taxpoynt.connector_kit.template_check import check
from taxpoynt.connector_kit.template_records import Record
from taxpoynt.connector_kit.verdicts import HttpAnswer, wait_of
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import Answer, SourceBundle
from tests.unit.connector_kit.parts import NOW, Reply, StoppedClock, TableApi, session, tokens

PIPEDRIVE = template("pipedrive")
BARE = PIPEDRIVE.model_copy(
    update={"hosts": PIPEDRIVE.hosts.model_copy(update={"token_header": "x-shopify-access-token"})}
)


class Held:
    def current(self) -> Any:
        return tokens()

    def refreshed(self, after_generation: int) -> Any:
        raise AssertionError("nobody refreshes here")


# --- the access token in a header of its own -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "sent", "other"),
    [
        (PIPEDRIVE, {"Authorization": "Bearer access-1"}, "x-shopify-access-token"),
        (BARE, {"x-shopify-access-token": "access-1"}, "Authorization"),
    ],
    ids=["bearer", "bare"],
)
def test_every_request_of_the_api_carries_the_token_where_the_platform_wants_it(
    spec: Template, sent: Mapping[str, str], other: str
) -> None:
    made, transport = session(lambda request: Reply(200, {"data": {"company_id": 1, "company_name": "x"}}))
    PlatformClient(spec, "https://acme.pipedrive.com", Held(), clock=StoppedClock(), session=made).get("/x")
    identify(spec, made, "https://acme.pipedrive.com", tokens(), now=NOW, asked={}, merchant=None)
    for request in transport.sent:
        assert {name: request.headers.get(name) for name in sent} == dict(sent)
        assert other not in request.headers, "it stands in one place only"


@pytest.mark.parametrize(
    ("spec", "header", "value"),
    [(PIPEDRIVE, "Authorization", "Bearer access-1"), (BARE, "x-shopify-access-token", "access-1")],
    ids=["bearer", "bare"],
)
def test_a_grant_is_given_back_with_the_token_where_the_template_says_bearer(
    spec: Template, header: str, value: str
) -> None:
    back = Revoke(path="/mine", method="DELETE", host="api", body=None, parameter=None, auth="bearer")
    oauth = spec.oauth.model_copy(update={"revoke": back})
    made, transport = session(lambda request: Reply(200, {}))
    client = OAuthClient(
        spec.model_copy(update={"oauth": oauth}),
        client_id="id",
        client_secret="secret-of-our-app",
        clock=StoppedClock(),
        session=made,
    )
    client.revoke(tokens())
    (sent,) = transport.sent
    assert (sent.method, sent.headers.get(header), sent.body) == ("DELETE", value, None)
    assert "secret-of-our-app" not in str(sent.headers), "our own secret has no business there"


# --- Retry-After with a fraction -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wait"), [("2.0", 2.0), ("4.5", 4.5), ("7", 7.0), ("2,0", 2.0), ("-3", 2.0), ("1e3", 2.0), (".5", 2.0)]
)
def test_a_wait_in_seconds_may_have_a_fraction_and_nonsense_is_a_moment(text: str, wait: float) -> None:
    assert wait_of(HttpAnswer(429, {"retry-after": text}, b""), PIPEDRIVE, NOW) == wait


# --- several documents in one record -------------------------------------------------------------------------------

RECORDS = {
    "deal": Record(),
    "refund": Record(of="deal", suffix="_refund", each="deal.refunds[].id"),
}


def shop() -> TemplateConnector:
    resources = {**PIPEDRIVE.resources, "refund": PIPEDRIVE.resources["deal"]}
    spec = PIPEDRIVE.model_copy(update={"records": RECORDS, "resources": resources})
    return replace(load("pipedrive"), template=spec, read_view=lambda bundle, account: _view(bundle))


def _view(bundle: SourceBundle) -> dict[str, Any]:
    return {name: json.loads(one.body)["data"] for name, (one,) in bundle.answers.items()}


def order(*refunds: Any) -> SourceBundle:
    body = json.dumps({"data": {"id": 8, "refunds": [{"id": one} for one in refunds]}}).encode()
    return SourceBundle("pipedrive", "deal", "8", {"deal": (Answer("GET deal", body),)})


def test_each_refund_of_an_order_is_a_record_of_its_own() -> None:
    found = shop().parts(RecordRef(resource="deal", id="8"), order(7, "9-a", 7, None, "no/path", {"id": 1}))
    assert found == (
        (RecordRef(resource="refund", id="8_refund_7"), True),
        (RecordRef(resource="refund", id="8_refund_9-a"), True),
    )
    assert shop().parts(RecordRef(resource="deal", id="8"), order()) == ()
    assert shop().parts(RecordRef(resource="deal", id="8"), None) == (), "which there were, only the record says"


def test_a_part_is_read_by_the_request_of_its_whole() -> None:
    spec = shop().template
    api = TableApi({"/api/v2/deals/8": {"data": {"id": 8}}})
    bundle = fetching.fetch_record(api, spec, RecordRef(resource="refund", id="8_refund_7"))
    assert (bundle.resource, bundle.resource_id, api.asked) == ("refund", "8_refund_7", ["/api/v2/deals/8"])
    one = RECORDS["refund"]
    assert (one.id_of_whole("8_refund_7"), one.id_of_part("8_refund_7"), RECORDS["deal"].id_of_part("8")) == (
        "8",
        "7",
        "",
    )


def test_what_is_personal_in_a_record_is_personal_in_its_parts() -> None:
    sound = text("lightspeed_r")
    assert [fault for fault in check(sound) if "named for it" in fault.message] == []
    forgotten = sound.replace("    sale_return: *of_buyer\n", "")
    told = [(fault.code, fault.path.partition(" ")[0], fault.message) for fault in check(forgotten)]
    assert told == [
        ("TPL-008", "data.personal", "'sale_return' shows what 'sale' does, and 'Customer' is not named for it")
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"of": "deal", "suffix": "_refund"}, "go together"),
        ({"each": "deal.refunds[].id"}, "go together"),
        ({"of": "deal", "suffix": "_refund", "each": "deal.refunds[].id", "when": "deal.x"}, "for a single part"),
    ],
)
def test_a_part_says_its_whole_and_either_when_or_each(fields: Mapping[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Record(**fields)
