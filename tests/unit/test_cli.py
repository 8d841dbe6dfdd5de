from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pypdf import PdfReader

from taxpoynt.cli import main
from taxpoynt.connector_kit.loader import text
from taxpoynt.connector_kit.webhook import basic_header
from tests.fakes.demo_traders import DEMO_TRADERS

FIXTURES = Path(__file__).resolve().parents[1] / "connectors" / "pipedrive" / "fixtures"
ONE_PRODUCT = FIXTURES / "bundle_one_product_deal_discount.composite.json"
WON = FIXTURES / "webhook_v2_deal_change_won.derived.json"
MERCHANT = DEMO_TRADERS
RULES = """
version: 1
rules:
  - {target: buyer.tin, source: "'12345678-0001'"}
"""


class Run:
    """One call of the command: exit code, stdout, stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, Any, str]:
        code = main([str(one) for one in arguments])
        out, err = self._capsys.readouterr()
        return code, json.loads(out, parse_float=Decimal) if out.strip() else None, err

    def file(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    def convert(self, record: object, *more: object) -> tuple[int, Any, str]:
        merchant, rules = self.file("m.json", MERCHANT), self.file("rules.yaml", RULES)
        return self("convert", "pipedrive", record, "--merchant", merchant, "--mapping", rules, *more)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    return Run(capsys, tmp_path)


def codes(out: Any) -> list[str]:
    return [fault["code"] for fault in out["faults"]]


# --- convert --------------------------------------------------------------------------------------------------------


def test_a_complete_record_becomes_an_nrs_body(run: Run) -> None:
    code, out, _ = run.convert(ONE_PRODUCT)
    assert code == 0
    assert out["legal_monetary_total"]["payable_amount"] == Decimal("81.00")
    assert out["irn"].startswith("PD1-94ND90NR-")


def test_without_a_merchant_the_faults_name_what_is_missing_and_the_summary_still_has_the_amounts(run: Run) -> None:
    code, out, _ = run("convert", "pipedrive", ONE_PRODUCT)
    assert code == 1
    assert {"SELLER-001", "BUYER-002"} <= set(codes(out))
    assert set(out["faults"][0]) == {"code", "path", "message", "remedy"}
    code, out, _ = run("convert", "pipedrive", ONE_PRODUCT, "--as", "summary")
    assert code == 1
    assert (out["document"], out["net_total"], out["gross_total"]) == ("invoice", "81.00", "81.00")
    assert out["faults"]


@pytest.mark.parametrize(
    ("name", "document", "code"),
    [
        ("webhook_v2_deal_create.json", "none", 0),
        ("webhook_v2_deal_change_customfield.json", "none", 0),
        ("webhook_v2_organization_create.json", "none", 0),
        ("webhook_v2_person_create.json", "none", 0),
        ("webhook_v1_deal_added.json", "none", 0),
        ("webhook_v1_person_updated.json", "none", 0),
        ("v2_deal_get.live.json", "none", 0),
        ("webhook_v2_deal_change_won.derived.json", "trigger", 1),
        ("v2_deal_products.spec.json", "needs_more_data", 1),
        ("v2_organization_get.spec.json", "needs_more_data", 1),
        ("v2_person_get.spec.json", "needs_more_data", 1),
        ("webhook_v2_custom_field_value_shapes.json", "needs_more_data", 1),
        ("bundle_no_products.composite.json", "invoice", 1),
        ("bundle_two_pages.composite.json", "invoice", 1),
    ],
)
def test_every_sample_is_what_its_readme_says(run: Run, name: str, document: str, code: int) -> None:
    got, out, _ = run("convert", "pipedrive", FIXTURES / name, "--as", "summary")
    assert (got, out["document"]) == (code, document), out["why"]
    assert out["why"]


def test_a_won_webhook_shows_what_is_known_and_that_the_record_is_fetched_first(run: Run) -> None:
    _, out, err = run("convert", "pipedrive", WON, "--as", "summary")
    assert "fetched" in out["why"]
    assert [(one["description"], one["line_net"]) for one in out["lines"]] == [("Sample Org deal", "100.00")]
    assert "deal_products" in err


def test_a_record_that_makes_no_invoice_is_a_fault_for_every_other_form(run: Run) -> None:
    for form in ("nrs", "sale", "invoice", "pdf", "receipt", "ubl", "explain"):
        code, out, _ = run.convert(FIXTURES / "v2_deal_get.live.json", "--as", form)
        assert (code, codes(out)) == (1, ["TRIGGER-001"])


def test_the_record_and_its_relatives_may_come_from_files_bare_or_enveloped_or_from_stdin(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = json.loads(ONE_PRODUCT.read_text("utf-8"))
    expected = run.convert(ONE_PRODUCT)[1]
    related = []
    for name, form in (
        ("deal_products", "data"),
        ("deal_discounts", "whole"),
        ("organization", "data"),
        ("person", "list"),
    ):
        answer = {"data": bundle[name]["data"], "whole": bundle[name], "list": [bundle[name]["data"]]}[form]
        related += ["--related", f"{name}={run.file(name + '.json', answer)}"]
    assert run.convert(run.file("deal.json", bundle["deal"]), *related) == (0, expected, "")
    record = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + json.dumps(bundle["deal"]["data"]).encode()))
    monkeypatch.setattr("sys.stdin", record)
    assert run.convert("-", *related)[1] == expected


def test_pages_of_one_name_add_up(run: Run) -> None:
    bundle = json.loads((FIXTURES / "bundle_two_pages.composite.json").read_text("utf-8"))
    first, second = (run.file(f"p{number}.json", page) for number, page in enumerate(bundle["deal_products"]))
    pages = ["--related", f"deal_products={first}", "--related", f"deal_products={second}"]
    _, out, _ = run("convert", "pipedrive", run.file("d.json", bundle["deal"]), *pages, "--as", "summary")
    assert out["net_total"] == "190.00"


def test_the_other_forms(run: Run) -> None:
    _, sale, _ = run.convert(ONE_PRODUCT, "--as", "sale")
    assert (sale["connector"], sale["buyer"]["tin"]) == ("pipedrive", "12345678-0001")
    _, invoice, _ = run.convert(ONE_PRODUCT, "--as", "invoice")
    assert (invoice["number"], invoice["payable"]) == ("PD1", "81.00")
    _, explained, _ = run.convert(ONE_PRODUCT, "--as", "explain")
    tin = next(one for one in explained["fields"] if one["field"] == "buyer.tin")
    assert (tin["layer"], tin["value"], tin["expression"]) == ("merchant", "12345678-0001", "'12345678-0001'")
    assert explained["calculation"]


def test_a_pdf_is_bytes(run: Run) -> None:
    merchant, rules = run.file("m.json", MERCHANT), run.file("rules.yaml", RULES)
    arguments = ["convert", "pipedrive", str(ONE_PRODUCT), "--merchant", str(merchant), "--mapping", str(rules)]
    done = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-m", "taxpoynt", *arguments, "--as", "pdf"], capture_output=True, check=True, timeout=60
    )
    assert done.stdout.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("content", "code"),
    [("", "INPUT-001"), ("{", "INPUT-001"), ("NaN", "INPUT-001"), ('{"id":1,"id":2}', "INPUT-001"), ("7", "INPUT-001"),
     ('{"success":false,"error":"unauthorized access"}', "INPUT-001"), ("[" * 100 + "]" * 100, "INPUT-001")],
)  # fmt: skip
def test_unreadable_records_are_faults_and_no_traceback(run: Run, content: str, code: str) -> None:
    got, out, _ = run("convert", "pipedrive", run.file("x.json", content))
    assert (got, codes(out)) == (1, [code])


def test_faults_of_the_merchant_and_mapping_files_come_all_at_once(run: Run) -> None:
    merchant = run.file("m.json", {"name": 7, "tinn": "x", "defaults": {"unit": []}})
    code, out, _ = run("convert", "pipedrive", ONE_PRODUCT, "--merchant", merchant)
    assert (code, codes(out)) == (1, ["MERCHANT-001"] * 3)
    rules = run.file("r.yaml", "rules: [{target: buyer.tinn, source: 'a..b'}]")
    code, out, _ = run("convert", "pipedrive", ONE_PRODUCT, "--mapping", rules)
    assert (code, codes(out)) == (1, ["MAP-001"] * 2)
    for junk in ("- 1", "a: [", "7"):
        assert run("convert", "pipedrive", ONE_PRODUCT, "--mapping", run.file("r.yaml", junk))[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["convert"],
        ["convert", "hubspott", ONE_PRODUCT],
        ["convert", "pipedrive", "/nonexistent.json"],
        ["convert", "pipedrive", ONE_PRODUCT, "--as", "docx"],
        ["convert", "pipedrive", ONE_PRODUCT, "--related", "organisation=/nonexistent"],
        ["convert", "pipedrive", ONE_PRODUCT, "--related", "d=x"],
        ["convert", "pipedrive", ONE_PRODUCT, "--related", "organization"],
        ["--connectors", "x", "templates", "list"],
        ["templates", "new", "X"],
        ["templates", "show", "x"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_exit_2_with_words_on_stderr_only(run: Run, arguments: Sequence[object]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, None)
    assert err


def test_a_misspelt_relative_gets_the_likely_name(run: Run) -> None:
    assert "did you mean organization?" in run("convert", "pipedrive", ONE_PRODUCT, "--related", "organizaton=x")[2]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("discounts", "deal_discounts"),
        ("Deal-Products", "deal_products"),
        ("products", "deal_products"),  # lines are told by their item_price
        ("organisation", "organization"),
        ("organizations", "organization"),
        ("org", "organization"),
        ("persons", "person"),
        ("users/me", "account"),
        ("user", "account"),
    ],
)
def test_unmistakable_names_are_taken_beside_the_record_and_in_a_bundle(run: Run, word: str, name: str) -> None:
    bundle = json.loads(ONE_PRODUCT.read_text("utf-8"))
    bundle["account"]["timezone_name"] = "Asia/Tokyo"
    del bundle["deal"]["data"]["local_won_date"]
    expected = run.convert(run.file("b.json", bundle), "--as", "summary")
    answer = bundle.pop(name)
    related = run.file("r.json", answer)
    assert run.convert(run.file("b.json", bundle), "--as", "summary", "--related", f"{word}={related}") == expected
    assert run.convert(run.file("b.json", {**bundle, word: answer}), "--as", "summary") == expected


def test_keys_of_a_bundle_that_nobody_knows_are_named(run: Run) -> None:
    bundle = json.loads(ONE_PRODUCT.read_text("utf-8"))
    assert "ignored: invoices\n" in run.convert(run.file("b.json", {**bundle, "invoices": [], "expected": 1}))[2]


def test_json_is_utf8_wherever_it_runs(run: Run) -> None:
    bundle = json.loads(ONE_PRODUCT.read_text("utf-8"))
    bundle["deal_products"]["data"][0]["name"] = "Ìwé ☕"
    command = [
        sys.executable,
        "-m",
        "taxpoynt",
        "convert",
        "pipedrive",
        str(run.file("b.json", bundle)),
        "--as",
        "summary",
    ]
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, env=ascii_only, timeout=60, check=False)  # noqa: S603 (ours)
    assert json.loads(done.stdout.decode("utf-8"))["lines"][0]["description"] == "Ìwé ☕"


def test_a_file_that_cannot_be_read_is_named(run: Run) -> None:
    bad = run.file("bad.json", "{")
    _, out, _ = run.convert(ONE_PRODUCT, "--related", f"person={bad}")
    assert f"{bad}: not readable as JSON" in out["faults"][0]["message"]
    assert "line 1, column 2" in out["faults"][0]["message"]
    _, out, _ = run("mapping", "check", run.file("r.yaml", "rules:\n  - [\n"), "--connector", "pipedrive")
    assert "line 3" in out["faults"][0]["message"]


# --- verify ---------------------------------------------------------------------------------------------------------


def verify(run: Run, headers: Any, *secrets: str, body: Path = WON) -> tuple[int, Any, str]:
    given = [part for secret in secrets for part in ("--secret", secret)]
    url = ["--url", "https://us.example/webhooks/pipedrive/tok"]
    return run("verify", "pipedrive", "--body", body, "--headers", run.file("h.json", headers), *url, *given)


def test_a_genuine_delivery_and_what_it_tells(run: Run) -> None:
    code, out, _ = verify(run, {"authorization": basic_header("hook-7", "pä:ss wörd")}, "x:y", "hook-7:pä:ss wörd")
    assert (code, out["genuine"]) == (0, True)
    assert out["events"] == [
        {
            "id": "5b0f8b5a-9f43-4a52-8f0e-000000000002",
            "type": "deal.won",
            "resource": "deal",
            "resource_id": "8",
            "account": "8087566",
        }
    ]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic x"}, [["Authorization", basic_header("a", "c")]], []])
def test_a_false_delivery_tells_nothing(run: Run, headers: Any) -> None:
    code, out, _ = verify(run, headers, "a:b")
    assert (code, out["genuine"], out["events"]) == (1, False, [])
    assert out["reason"]


@pytest.mark.parametrize("shape", ["object", "lists", "pairs", "rows", "recorded"])
def test_headers_come_as_recorders_write_them(run: Run, shape: str) -> None:
    value = basic_header("a", "b")
    shapes: dict[str, Any] = {
        "object": {"AUTHORIZATION": value, "Content-Length": 12, "X-Nothing": None},
        "lists": {"authorization": [value]},
        "pairs": [["Authorization", value]],
        "rows": [{"name": "Authorization", "value": value}],
        "recorded": {"request": "POST /", "headers": {"Authorization": value}},
    }
    assert verify(run, shapes[shape], "a:b")[:1] == (0,)


def test_a_basic_secret_without_colon_gets_a_hint(run: Run) -> None:
    code, out, err = verify(run, {"Authorization": basic_header("a", "b")}, "b")
    assert (code, out["genuine"]) == (1, False)
    assert "user:password" in err


def test_a_time_that_is_none_is_wrong_usage(run: Run) -> None:
    at = ["--body", WON, "--headers", run.file("h.json", {}), "--url", "https://x.example", "--secret", "a:b", "--at"]
    assert run("verify", "pipedrive", *at, "yesterday")[0] == 2
    assert run("verify", "pipedrive", *at, "2026-05-15T21:30:00Z")[0] == 1


def test_genuine_but_unreadable_says_both(run: Run) -> None:
    header = {"Authorization": basic_header("a", "b")}
    code, out, _ = verify(run, header, "a:b", body=run.file("body", "not json"))
    assert (code, out["genuine"], out["events"]) == (0, True, [])
    assert "cannot be read" in out["reason"]


def test_empty_secrets_and_odd_header_files_are_wrong_usage(run: Run) -> None:
    assert verify(run, {}, "")[0] == 2
    assert verify(run, [1], "a:b")[0] == 2


# --- the small commands ---------------------------------------------------------------------------------------------


def test_check_takes_a_body_made_by_anyone(run: Run) -> None:
    body = run.convert(ONE_PRODUCT)[1]
    body["invoice_line"][0]["line_extension_amount"] = 1
    code, out, err = run("check", run.file("i.json", json.dumps(body, default=float)))
    assert code == 1
    assert codes(out)
    assert "fault" in err
    code, out, _ = run("check", run.file("i.json", "{}"))
    assert code == 1


def test_a_good_body_has_no_faults(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxpoynt.conversion.clock.lagos_date", lambda moment: date(2026, 5, 16))
    body = json.dumps(run.convert(ONE_PRODUCT)[1], default=float)
    assert run("check", run.file("i.json", body)) == (0, {"faults": []}, "no faults\n")


def test_stamp_writes_text_and_picture(run: Run) -> None:
    key = rsa.generate_private_key(65537, 2048).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys = run.file("crypto_keys.txt", {"public_key": base64.b64encode(pem).decode(), "certificate": "Y2VydA=="})
    picture = run.folder / "qr.png"
    code, out, _ = run("stamp", "--irn", "PD1-94ND90NR-20260515", "--keys", keys, "--png", picture)
    assert code == 0
    assert out["stamp"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run("stamp", "--irn", "nonsense", "--keys", keys)[0] == 1
    assert run("stamp", "--irn", "PD1-94ND90NR-20260515", "--keys", run.file("k.txt", "junk"))[0] == 1


def test_a_certificate_too_long_for_its_key_is_told_with_both_sizes(run: Run) -> None:
    key = rsa.generate_private_key(65537, 2048).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys = run.file("crypto_keys.txt", {"public_key": base64.b64encode(pem).decode(), "certificate": "A" * 300})
    code, out, _ = run("stamp", "--irn", "PD1-94ND90NR-20260515", "--keys", keys)
    [fault] = out["faults"]
    assert (code, fault["code"]) == (1, "STAMP-002")
    assert "245 bytes allowed, 359 used" in fault["message"]


def test_templates_are_listed_shown_and_checked(run: Run) -> None:
    code, out, _ = run("templates", "list")
    assert code == 0
    shown = next(row for row in out if row["name"] == "pipedrive")
    assert (shown["title"], shown["kind"]) == ("Pipedrive", "crm")
    assert run("templates", "show", "pipedrive")[1]["oauth"]["authorize"]["pkce"] == "none"
    assert run("templates", "check", run.file("c.yaml", text("pipedrive")))[:2] == (0, {"faults": []})
    code, out, _ = run("templates", "check", run.file("c.yaml", text("pipedrive").replace("paged: true", "pagd: true")))
    assert code == 1
    assert "did you mean 'paged'?" in out["faults"][0]["remedy"]
    assert "line " in out["faults"][0]["path"]


def test_mapping_rules_are_checked(run: Run) -> None:
    assert run("mapping", "check", run.file("r.yaml", RULES), "--connector", "pipedrive")[0] == 0
    assert run("mapping", "check", run.file("r.yaml", "rules: 7"), "--connector", "pipedrive")[0] == 1
    assert run("mapping", "check", run.file("r.yaml", RULES), "--connector", "nobody")[0] == 2


def test_a_pdf_is_not_written_to_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, out, err = run.convert(ONE_PRODUCT, "--as", "pdf")
    assert (code, out) == (2, None)
    assert "FILE" in err


def test_a_receipt_is_a_narrow_pdf_and_ubl_is_text_both_marked_as_drafts(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant, rules = run.file("m.json", MERCHANT), run.file("rules.yaml", RULES)
    call = ["convert", "pipedrive", str(ONE_PRODUCT), "--merchant", str(merchant), "--mapping", str(rules), "--as"]
    for form in ("receipt", "ubl"):
        with (run.folder / form).open("w", encoding="utf-8") as out:
            monkeypatch.setattr("sys.stdout", out)
            assert main([*call, form]) == 0
    page = PdfReader(run.folder / "receipt").pages[0]
    assert round(page.mediabox.width / 72 * 25.4) == 80
    assert "Draft: not registered with NRS" in page.extract_text()
    ubl = (run.folder / "ubl").read_text("utf-8")
    assert ubl.startswith("<?xml")
    assert ">380</cbc:InvoiceTypeCode>" in ubl
    assert "Draft: not registered with NRS" in ubl


def test_files_that_are_no_text_are_bad_input(run: Run) -> None:
    path = run.folder / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert run("templates", "check", path)[0] == 1


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from taxpoynt.cli import main; main(['--help']);"
        "sys.exit(str({'pydantic', 'requests', 'boto3', 'reportlab', 'yaml'} & set(sys.modules) or '') or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 (our own interpreter)
    assert done.returncode == 0, done.stderr
    assert "convert" in done.stdout


def test_the_invoice_a_note_corrects_is_given_by_its_irn(run: Run) -> None:
    code, out, _ = run.convert(ONE_PRODUCT, "--corrects", "PD1")
    assert code == 1
    assert "--corrects takes an IRN" in out["faults"][0]["message"]
    code, out, _ = run.convert(ONE_PRODUCT, "--corrects", "PD8-94ND90NR-20260302", "--as", "invoice")
    assert code == 0
    assert out["refers_to"] == [{"irn": "PD8-94ND90NR-20260302", "issue_date": "2026-03-02"}]
