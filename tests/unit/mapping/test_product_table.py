"""Product codes as CSV: every row judged, every fault with its line, all at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.mapping.product_table import COLUMNS, LARGEST, MOST_ROWS, example, parse
from taxpoynt.nrs.resources import code_lists

LISTS = code_lists()
HEAD = "sku,hs_code,isic_code,tax_category,tax_reason,unit\n"


def faults(text: str) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in parse(text.encode(), LISTS).faults]


def test_the_example_is_a_table_without_faults() -> None:
    parsed = parse(example().encode(), LISTS)
    assert parsed.faults == []
    assert parsed.rows == 3
    assert parsed.entries["sku:LAP-14"].hsn_code == "8471.30"
    assert parsed.entries["sku:LAP-14"].product_category, "NRS's words for the code are put beside it"
    assert parsed.entries["name:Consulting day"].isic_code == "6202"
    assert parsed.entries["product_id:4711"].tax_reason == "Books for teaching"


def test_a_file_from_a_spreadsheet_is_read() -> None:
    text = '\ufeffSKU;HS_Code\r\nA-1;847130\r\n\r\n;;\r\n"B;2";8471.30\r\n'
    parsed = parse(text.encode(), LISTS)
    assert parsed.faults == []
    assert {key: row.hsn_code for key, row in parsed.entries.items()} == {"sku:A-1": "8471.30", "sku:B;2": "8471.30"}


def test_every_fault_is_told_with_its_line_and_column() -> None:
    rows = (
        "A,8471,,,,",  # 2
        "B,,12,,,",  # 3
        "C,8471.30,6202,,,",  # 4
        "D,,,EXEMPT,,",  # 5
        "E,,,,,PIECES",  # 6
        ",8471.30,,,,",  # 7
        "F,,,,,",  # 8
        "G,8471.30,,,,",  # 9
        "G,8471.30,,,,",  # 10
        f"H,8471.30,,,{'x' * 300},",  # 11
    )
    assert faults(HEAD + "\n".join(rows)) == [
        ("CODES-004", "line 2: hs_code"),
        ("CODES-005", "line 3: isic_code"),
        ("CODES-008", "line 4: isic_code"),
        ("CODES-006", "line 5: tax_category"),
        ("CODES-007", "line 6: unit"),
        ("CODES-002", "line 7: sku"),
        ("CODES-002", "line 8"),
        ("CODES-003", "line 10: sku"),
        ("CODES-009", "line 11: tax_reason"),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "sku\nA\n", "hs_code\n8471.30\n", "sku,sku,hs_code\n", "sku,hs_cod\n", 'sku,hs_code\n"A,1\n', "\x00"],
)
def test_a_file_that_is_no_table_says_so(text: str) -> None:
    found = faults(text)
    assert found
    assert {code for code, _ in found} == {"CODES-001"}


def test_bytes_that_are_no_text_or_too_many_are_refused() -> None:
    assert [one.code for one in parse(b"\xff\xfe", LISTS).faults] == ["CODES-001"]
    assert [one.code for one in parse(b"a" * (LARGEST + 1), LISTS).faults] == ["CODES-001"]
    many = "sku,unit\n" + "".join(f"{number},EA\n" for number in range(MOST_ROWS + 5))
    found = parse(many.encode(), LISTS).faults
    assert [(one.code, one.path) for one in found] == [("CODES-010", f"line {MOST_ROWS + 2}")]


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything(data: bytes) -> None:
    parsed = parse(data, LISTS)
    assert parsed.faults or parsed.entries or not parsed.rows


@given(st.lists(st.lists(st.text(max_size=8), min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=4))
def test_a_row_is_taken_whole_or_has_a_fault(rows: list[list[str]]) -> None:
    import csv
    import io

    text = io.StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *rows])
    parsed = parse(text.getvalue().encode("utf-8", "surrogatepass"), LISTS)
    assert parsed.faults or len(parsed.entries) >= parsed.rows
