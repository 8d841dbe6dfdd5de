"""Every recorded sale of R-Series is the document that its collection says it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.lightspeed_r.sales import FIXTURES
from tests.connectors.lightspeed_samples import agrees, cents, converted, expectations

EXPECTED = {one["file"]: one for one in expectations(FIXTURES)}
SALES = [name for name, one in EXPECTED.items() if one["document"] in ("invoice", "credit_note")]


@pytest.mark.parametrize("name", SALES)
def test_a_recorded_sale_is_what_its_collection_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    summary = converted(capsys, "lightspeed_r", FIXTURES / name)
    agrees(summary, EXPECTED[name])
    codes = {fault["code"] for fault in summary["faults"]}
    assert "LSR-001" in codes, "no sale names its currency; only the account does"
    assert not codes & {"LSR-002", "LSR-003", "LSR-102", "LSR-103"}


def test_the_currency_comes_from_the_account(capsys: pytest.CaptureFixture[str]) -> None:
    account = f"account={FIXTURES / 'r_account_single.json'}"
    assert converted(capsys, "lightspeed_r", FIXTURES / SALES[0], account)["currency"] == "CAD"


def test_of_a_list_each_sale_is_judged_by_its_own_state(capsys: pytest.CaptureFixture[str]) -> None:
    documents = converted(capsys, "lightspeed_r", FIXTURES / "r_sale_list_mixed_states.live.json")
    said = list(EXPECTED["r_sale_list_mixed_states.live.json"]["per_sale"].values())
    assert [one["document"] for one in documents] == [text.split()[0] for text in said]
    [invoice] = [one for one in documents if one["document"] == "invoice"]
    assert [cents(invoice[name]) for name in ("gross_total", "net_total", "tax_total")] == [
        cents(amount) for amount in ("3.82", "3.50", "0.32")
    ]


def test_lines_alone_are_no_sale(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    summary: dict[str, Any] = converted(capsys, "lightspeed_r", FIXTURES / "r_salelines_sale5_discount.json")
    assert summary["document"] == "needs_more_data"
