"""Big product tables: a sale reads a few small pieces of them and never the whole."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from taxpoynt.domain.decisions import CodeRow
from taxpoynt.domain.sale import SaleLine
from taxpoynt.services.code_tables import MOST_KEPT, CodeTables, put_table
from tests.fakes.outside import FakeBlobs


class Counting(FakeBlobs):
    def __init__(self) -> None:
        super().__init__()
        self.read: list[int] = []

    def get(self, key: str) -> bytes:
        data = super().get(key)
        self.read.append(len(data))
        return data


def line(**fields: Any) -> SaleLine:
    about = {"path": "x", "description": "Thing", "quantity": Decimal(1), "unit_price": Decimal(1)}
    return SaleLine(**{**about, **fields})


def kept(blobs: FakeBlobs, **rows: str) -> dict[str, Any]:
    entries = {key: CodeRow(isic_code=code) for key, code in rows.items()}
    return put_table(blobs, "m_a", b"the file", entries, len(rows))


def test_fifty_thousand_products_cost_a_sale_one_small_read_a_line() -> None:
    blobs = Counting()
    rows = {f"sku:P-{number}": f"{number % 10_000:04}" for number in range(50_000)}
    body = kept(blobs, **rows)
    assert body["rows"] == 50_000
    assert len(json.dumps(body)) < 10_000, "the version itself stays small"
    found = CodeTables(blobs).rows(body, [line(sku="P-31"), line(sku="P-40000"), line(sku="nothing")])
    assert {key: row.isic_code for key, row in found.items()} == {"sku:P-31": "0031", "sku:P-40000": "0000"}
    assert len(blobs.read) <= 4
    assert max(blobs.read) < 100_000


def test_what_was_read_stays_in_memory_and_not_without_end() -> None:
    blobs = Counting()
    tables = CodeTables(blobs)
    body = kept(blobs, **{f"sku:{number}": "6202" for number in range(50_000)})
    for _ in range(3):
        tables.rows(body, [line(sku="1")])
    assert len(blobs.read) == 1
    for number in range(2000):
        tables.rows(body, [line(sku=str(number))])
    assert len(tables._kept) <= MOST_KEPT


def test_the_surest_word_decides() -> None:
    blobs = FakeBlobs()
    body = kept(blobs, **{"product_id:7": "0001", "sku:A": "0002", "name:Thing": "0003"})
    tables = CodeTables(blobs)
    both = line(product_id="7", sku="A")
    assert set(tables.rows(body, [both])) == {"product_id:7"}
    assert set(tables.rows(body, [line(product_id="8", sku="A")])) == {"sku:A"}
    assert set(tables.rows(body, [line()])) == {"name:Thing"}
    assert tables.rows(body, [line(description="Other")]) == {}


def test_equal_tables_are_kept_once_and_the_file_as_it_came() -> None:
    blobs = FakeBlobs()
    first, second = (kept(blobs, **{"sku:A": "6202"}) for _ in range(2))
    assert first == second
    assert blobs.blobs[first["original"]] == b"the file"
    assert all(place.startswith("m_a/codes/") for place in blobs.blobs)
