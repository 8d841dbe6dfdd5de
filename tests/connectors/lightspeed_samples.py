"""Recorded sales of both Lightspeeds by the command line, against what their collection says they are."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from taxpoynt.cli import main

CENT = Decimal("0.01")


def expectations(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "expected.json").read_text("utf-8"))
    return found


def converted(capsys: pytest.CaptureFixture[str], connector: str, record: Path, *related: str) -> Any:
    """The summary that `taxpoynt convert` prints."""
    main(
        [
            "convert",
            connector,
            str(record),
            "--as",
            "summary",
            *(word for one in related for word in ("--related", one)),
        ]
    )
    return json.loads(capsys.readouterr().out)


def cents(amount: Any) -> Decimal:
    return abs(Decimal(str(amount))).quantize(CENT, ROUND_HALF_UP)


def agrees(summary: dict[str, Any], expected: dict[str, Any]) -> None:
    """Same document, lines, taxes, totals and payments, to the cent; a credit note's amounts are positive."""
    assert summary["document"] == expected["document"]
    if expected["document"] == "none":
        return
    assert summary["currency"] == expected["currency"]
    assert summary["buyer"]["anonymous"] is expected["buyer"].get("anonymous", False)
    for name in ("net_total", "tax_total", "gross_total", "balance_due"):
        if name in expected:
            assert cents(summary[name]) == cents(expected[name]), name
    assert [
        (cents(one["quantity"]), cents(one["unit_price_net"]), cents(one["line_net"])) for one in summary["lines"]
    ] == [(cents(one["quantity"]), cents(one["unit_price_net"]), cents(one["line_net"])) for one in expected["lines"]]
    shown = [(Decimal(one["rate_percent"]), cents(one["base"]), cents(one["amount"])) for one in summary["taxes"]]
    wanted = [(Decimal(one["rate_percent"]), cents(one["base"]), cents(one["amount"])) for one in expected["taxes"]]
    assert [one for one in shown if one[0]] == wanted
    assert [cents(one["amount"]) for one in summary["payments"]] == [
        cents(one["amount"]) for one in expected["payments"]
    ]
