"""No secret and no buyer where it does not belong, through everything the slice writes, queues, logs and raises."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence

import pytest
import requests

from tests.security.whole_slice import BUYER, Slice, whole_slice

Places = Sequence[tuple[str, str]]


def leaks(places: Places, secrets: Mapping[str, str]) -> list[str]:
    """`what in where` for every secret that stands in a place; never the secret itself."""
    return [f"{what} in {where}" for where, text in places for what, secret in secrets.items() if secret in text]


def without_bodies(seen: Places) -> list[tuple[str, str]]:
    """Queue messages without the delivery itself, which is encrypted there and read nowhere else."""
    kept = []
    for where, text in seen:
        if where.startswith("message"):
            text = json.dumps({name: value for name, value in json.loads(text).items() if name != "body_b64"})
        kept.append((where, text))
    return kept


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Slice, str, str]]:
    with whole_slice(monkeypatch) as made:
        yield made


def test_nothing_secret_leaves_through_a_log_a_message_an_input_a_table_or_an_error(
    started: tuple[Slice, str, str], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    whole, pipedrive, nrs = started
    whole.connect()
    whole.win(pipedrive)
    assert whole.deliver('{"meta": 1e99999999999999999999}')["statusCode"] == 200
    whole.work()
    dropped = {"kind": "status", "status": 502, "times": 1, "match": {"path": "/api/v1/invoice/sign"}}
    requests.post(f"{nrs}/_control/faults", json=dropped, timeout=10).raise_for_status()
    assert whole.convert() == ["claimed", "claimed", "reserved", "recovered", "delivering"]
    ids = {"merchant": whole.merchant, "connector": "pipedrive", "sale_id": "101"}
    assert whole.call("deliver_invoice", ids)["settled"] is True
    troubled(whole, pipedrive)
    out, err = capfd.readouterr()
    lines = [line for line in out.splitlines() if '"function"' in line]
    assert len(lines) > 20, "the logs were not captured, so that finding nothing would prove nothing"
    assert any(where.startswith("error of") for where, _ in whole.seen), "no error was raised, so none was looked at"
    written = [("standard output", out), ("standard error", err), ("logging", caplog.text)]
    tables = whole.tables()
    assert leaks([*written, *whole.seen, *tables.items()], whole.secrets) == []
    assert leaks([*written, *without_bodies(whole.seen)], BUYER) == []
    assert leaks([(name, tables[name]) for name in ("table connections", "table events")], BUYER) == []
    belongs(whole)


def troubled(whole: Slice, pipedrive: str) -> None:
    """The ways errors are made: refused tokens, a platform out of order, an unknown sale, wrong passwords."""
    deal = {"v": 1, "job": "fetch", "id": "j", "merchant": whole.merchant, "connection": whole.connection}
    deal |= {"connector": "pipedrive", "resource": "deal", "resource_id": "101", "reason": "poll"}
    for number, fault in enumerate(({"kind": "status", "status": 500}, {"kind": "status", "status": 401})):
        requests.post(f"{pipedrive}/_control/faults", json={**fault, "times": 2}, timeout=10).raise_for_status()
        record = {
            "messageId": f"m{number}",
            "receiptHandle": "r",
            "body": json.dumps({**deal, "event_id": f"e{number}"}),
        }
        whole.call("run_sync_job", {"Records": [{**record, "eventSource": "aws:sqs", "attributes": {}}]})
        requests.delete(f"{pipedrive}/_control/faults", timeout=10)
    with pytest.raises(Exception, match="sale"):
        whole.call("submit_invoice", {"merchant": whole.merchant, "connector": "pipedrive", "sale_id": "no such sale"})
    whole.http(
        "receive_webhook", "POST", whole.hook, "{}", headers={"authorization": "Basic eA=="}, connector="pipedrive"
    )
    whole.http("serve_api", "GET", "/v1/merchants", headers={"authorization": "Bearer wrong"})


def belongs(whole: Slice) -> None:
    """Where buyers do belong they are, so the search above looked for what was really there."""
    kept = whole.blobs()
    invoices = [data for key, data in kept.items() if "/invoices/" in key]
    assert invoices
    assert all(BUYER["buyer tin"].encode() in data for data in invoices)
    assert not leaks([(key, data.decode("latin-1")) for key, data in kept.items()], whole.secrets)


def test_a_leak_would_be_found() -> None:
    planted = [("log", '{"outcome": "refused", "token": "canary"}'), ("message of crm", '{"body_b64": "canary"}')]
    assert leaks(planted, {"token": "canary"}) == ["token in log", "token in message of crm"]
    assert leaks(without_bodies(planted), {"token": "canary"}) == ["token in log"]
