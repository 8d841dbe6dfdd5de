"""`templates new`: everything is there but what only a person can know, and that is named."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from taxpoynt.cli import main
from taxpoynt.connector_kit import folders
from taxpoynt.connector_kit.findings import FILL
from taxpoynt.connector_kit.folder_check import check_folder
from taxpoynt.connector_kit.loader import text
from taxpoynt.connector_kit.scaffolding import scaffold
from taxpoynt.connector_kit.template_check import check


@pytest.mark.parametrize("kind", ["crm", "pos"])
def test_a_new_connector_lacks_only_what_a_person_must_look_up(tmp_path: Path, kind: str) -> None:
    scaffold("kasuwa", tmp_path, kind=kind)
    faults = check_folder(tmp_path / "kasuwa")
    assert {fault.code for fault in faults} == {"TPL-020"}
    assert all("line " in fault.path or fault.path.startswith(("golden/", "conformance.yaml")) for fault in faults)
    lines = (tmp_path / "kasuwa" / "connector.yaml").read_text("utf-8").splitlines()
    asked = sum(line.count("FILL ") for line in lines if not line.startswith("#"))
    in_template = [fault for fault in faults if "line " in fault.path]
    assert len(in_template) == asked, "each place is named once"
    assert {fault.path for fault in faults} >= {"golden/first.bundle.json", "conformance.yaml"}


def test_what_is_filled_in_is_checked_like_any_template(tmp_path: Path) -> None:
    scaffold("kasuwa", tmp_path, kind="pos")
    file = tmp_path / "kasuwa" / "connector.yaml"
    written = file.read_text("utf-8").replace("FILL how long the sender waits for an answer", "soon")
    file.write_text(written.replace("FILL the origin of the API, https://…", "http://api.example"), "utf-8")
    codes = [fault.code for fault in check_folder(tmp_path / "kasuwa")]
    assert codes.count("TPL-005") == 2


def test_a_finished_folder_is_sound_and_each_thing_missing_beside_the_template_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "kasuwa"
    scaffold("kasuwa", tmp_path, kind="crm")
    template = (
        text("pipedrive").replace("name: pipedrive", "name: kasuwa", 1).replace("title: Pipedrive", "title: Kasuwa", 1)
    )
    template = template.replace("guide: docs/connectors/pipedrive.md", "guide: kasuwa.md")
    (folder / "connector.yaml").write_text(template, "utf-8")
    assert [fault.path for fault in check_folder(folder) if fault.code == "TPL-021"] == ["number_letters"]
    template = template.replace("number_letters: PD", "number_letters: KS")
    (folder / "connector.yaml").write_text(template, "utf-8")
    (folder / "kasuwa.md").write_text("Kasuwa: base deals:read products:read contacts:read webhooks:full", "utf-8")
    (folder / "mapping.py").write_text("view = sale = None", "utf-8")
    (folder / "conformance.yaml").write_text("errors: []", "utf-8")
    (folder / "golden" / "first.bundle.json").write_text('{"deal": {}}', "utf-8")
    (folder / "golden" / "first.summary.json").write_text("{}", "utf-8")
    assert check_folder(folder) == []
    (folder / "golden" / "first.summary.json").unlink()
    (folder / "golden" / "first.bundle.json").write_text("{", "utf-8")
    (folder / "mapping.py").write_text("def (", "utf-8")
    (folder / "kasuwa.md").write_text("Kasuwa: base deals:read products:read contacts:read", "utf-8")
    told = [(fault.code, fault.path, fault.message) for fault in check_folder(folder)]
    assert [one[:2] for one in told] == [
        ("TPL-022", "kasuwa.md"),
        ("TPL-023", "mapping.py"),
        ("TPL-024", "golden/first.bundle.json"),
        ("TPL-024", "golden/first.summary.json"),
    ]
    assert "webhooks:full" in told[0][2]
    (folder / "kasuwa.md").unlink()
    (folder / "mapping.py").unlink()
    shutil.rmtree(folder / "golden")
    (folder / "connector.yaml").write_text(template.replace("name: kasuwa", "name: kaswua", 1), "utf-8")
    assert [fault.code for fault in check_folder(folder)] == ["TPL-021", "TPL-022", "TPL-023"]


@pytest.mark.parametrize("name", ["pipedrive", "Kasuwa", "../x", "", "9x"])
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="connector"):
        scaffold(name, tmp_path, kind="crm")
    assert list(tmp_path.iterdir()) == []


def test_the_commands_take_outside_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        assert main(["templates", "new", "kasuwa", "--dir", str(tmp_path), "--kind", "pos"]) == 0
        assert main(["templates", "new", "kasuwa", "--dir", str(tmp_path)]) == 2, "nothing is written over"
        assert main(["templates", "check", str(tmp_path / "kasuwa")]) == 1
        assert main(["templates", "check", str(tmp_path / "kasuwa" / "connector.yaml")]) == 1
        capsys.readouterr()
        assert main(["--connectors", str(tmp_path), "templates", "list"]) == 0
        listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
        assert "summary (line" in listed["kasuwa"]["broken"]
        assert listed["pipedrive"]["title"] == "Pipedrive"
        finished = text("pipedrive").replace("name: pipedrive", "name: kasuwa", 1)
        (tmp_path / "kasuwa" / "connector.yaml").write_text(finished, "utf-8")
        assert main(["--connectors", str(tmp_path), "templates", "show", "kasuwa"]) == 0
        assert json.loads(capsys.readouterr().out)["name"] == "kasuwa"
        assert main(["templates", "show", "kasuwa"]) == 2, "no longer named, no longer there"
    finally:
        folders.use(())


BODY = '{"id":"e1","account_id":"a1","type":"sale.closed","data":{"id":"77"}}'
SECRET = "0123456789abcdef0123456789"
SIGNATURE = base64.b64encode(hmac.new(SECRET.encode(), BODY.encode(), hashlib.sha256).digest()).decode()
FILLED: dict[str, Any] = {
    "one sentence": "Sales at the tills become invoices.",
    "the address of the vendor's developer pages": "https://dev.balogun.example",
    "the origin of the consent screen": "https://auth.balogun.example",
    "the origin of the token address": "https://auth.balogun.example",
    "the origin of the API": "https://api.balogun.example",
    "the path of the consent screen": "/oauth/authorize",
    "how long a code may be used": 300,
    "the path of the token address": "/oauth/token",
    "how long an access token lives": 3600,
    "which of the four it is": "none",
    "the scope that reads sales": "sales.read",
    "the path that tells whose account it is": "/v1/me",
    "where the account's id stands, such as me.id": "me.id",
    "where its name stands": "me.name",
    "what a person does": "Ask the vendor's support.",
    "the header that holds the signature": "x-signature",
    "how long the sender waits": 5,
    "seconds until the next attempt": 60,
    "where an event's own id stands": "body.id",
    "where the account's id stands, such as body.account_id": "body.account_id",
    "where the kind of event stands": "body.type",
    "where the record's id stands": "body.data.id",
    "the event that tells of a sale": "sale.closed",
    "a secret made up": SECRET,
    "the signature it makes": SIGNATURE,
    "the same signature": SIGNATURE,
    "its body": BODY,
    "the same body": BODY,
    "the parameter that asks": "cursor",
    "where the next page's value stands": "next",
    "where the list stands": "items",
    "the path of one record": "/v1/sales/{id}",
    "where the record stands": "sale",
    "what changes with every change": "updated_at",
    "when the sale came about": "closed_at",
    "the path of the list of changed records": "/v1/sales",
    "the field whose value says that it is sold": "status",
    "the value that means sold": "closed",
    "the field that holds the buyer": "customer",
    "the origin of the pages": "https://app.balogun.example",
    "the list of lines": "sale.lines",
    "where the currency stands": "sale.currency",
    "the time of the sale": "sale.closed_at",
    "the buyer's name": "sale.customer.name",
    "what the line is called": "line.name",
    "how many": "line.quantity",
    "the price of one": "line.price",
}
"""What somebody who knows the platform writes, by how the question begins."""


def filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: filled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner) for inner in value]
    if isinstance(value, str) and value.startswith(FILL):
        return next(known for question, known in FILLED.items() if value.removeprefix(FILL).startswith(question))
    return value


def test_once_filled_in_it_converts_and_verifies_without_a_line_of_python(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "balogun"
    scaffold("balogun", tmp_path, kind="pos")
    file = folder / "connector.yaml"
    whole = filled(yaml.safe_load(file.read_text("utf-8")))
    file.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), "utf-8")
    assert check(file.read_text("utf-8")) == []
    record = {
        "id": "77",
        "status": "closed",
        "currency": "NGN",
        "closed_at": "2026-11-20T10:00:00Z",
        "customer": {"name": "Bello Foods"},
        "lines": [{"name": "Rice", "quantity": 2, "price": "1000.50"}],
    }
    (tmp_path / "bundle.json").write_text(json.dumps({"sale": record}), "utf-8")
    (tmp_path / "body").write_text(BODY, "utf-8")
    (tmp_path / "headers.json").write_text(json.dumps({"X-Signature": SIGNATURE}), "utf-8")
    outside = ["--connectors", str(tmp_path)]
    try:
        main([*outside, "convert", "balogun", str(tmp_path / "bundle.json"), "--as", "summary"])
        summary = json.loads(capsys.readouterr().out)
        assert (summary["document"], summary["number"], summary["net_total"]) == ("invoice", "BAL77", "2001.00")
        assert summary["buyer"]["name"] == "Bello Foods"
        delivery = ["--body", str(tmp_path / "body"), "--headers", str(tmp_path / "headers.json")]
        where = ["--url", "https://connect.example.com/webhooks/balogun/e", "--secret", SECRET]
        assert main([*outside, "verify", "balogun", *delivery, *where]) == 0
        events = json.loads(capsys.readouterr().out)["events"]
        assert events == [{"id": "e1", "type": "sale.closed", "resource": "sale", "resource_id": "77", "account": "a1"}]
        assert main([*outside, "verify", "balogun", *delivery, *where[:-1], "another-secret-of-24-bytes"]) == 1
    finally:
        folders.use(())
