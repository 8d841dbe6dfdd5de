"""A merchant's product codes as CSV: every row read and judged, all faults at once with their lines. Pure.

CODES-001 the file or its header · CODES-002 a row that names no product, or says nothing of it · CODES-003 a product
twice · CODES-004 HS code · CODES-005 service code · CODES-006 tax category · CODES-007 unit · CODES-008 goods and
service at once · CODES-009 a cell too long · CODES-010 too many rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from taxpoynt.conversion.classify import completed
from taxpoynt.conversion.decided import KEYS
from taxpoynt.conversion.lists import CodeList, CodeLists
from taxpoynt.domain.decisions import CodeRow
from taxpoynt.domain.party import Classification
from taxpoynt.errors import Fault
from taxpoynt.mapping.rules import likely

MOST_ROWS = 50_000
LARGEST = 4_000_000
"""Bytes: with base64 around it still within the 6 MB that one request may carry."""
LONGEST = 255
VALUES = {
    "hs_code": "hsn_code",
    "product_category": "product_category",
    "isic_code": "isic_code",
    "service_category": "service_category",
    "tax_category": "tax_category",
    "tax_reason": "tax_reason",
    "unit": "unit",
}
"""Column → field of the row."""
COLUMNS = (*KEYS, *VALUES)
_EXAMPLES = (
    ("", "LAP-14", "", "8471.30", "", "", "", "STANDARD_VAT", "", "EA"),
    ("", "", "Consulting day", "", "", "6202", "", "", "", "DAY"),
    ("4711", "", "", "4901.99", "Printed books", "", "", "EXEMPTED", "Books for teaching", ""),
)
_SERVICE = re.compile(r"[0-9]{4}")
_GOODS = re.compile(r"[0-9]{4}\.[0-9]{2}")


@dataclass(slots=True)
class Parsed:
    """entries: `sku:LAP-14` → its row; rows: how many products there are."""

    entries: dict[str, CodeRow] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0


def example() -> str:
    """A file to fill in: the header and three rows that show how."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *_EXAMPLES])
    return text.getvalue()


def parse(data: bytes, lists: CodeLists) -> Parsed:
    """Everything the file says and every fault of it; of a file that is none, only what is wrong with it."""
    parsed = Parsed()
    if len(data) > LARGEST:
        parsed.faults.append(
            _file(f"the file has more than {LARGEST // 1_000_000} MB", "split it, or leave out columns")
        )
        return parsed
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        parsed.faults.append(_file("the file is not UTF-8 text", "save it as CSV UTF-8"))
        return parsed
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    try:
        _read(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), parsed, lists)
    except csv.Error as problem:
        parsed.faults.append(_file(f"the file cannot be read as CSV: {problem}", "save it as CSV again"))
    return parsed


def _read(rows: Iterator[list[str]], parsed: Parsed, lists: CodeLists) -> None:
    header = [name.strip().casefold() for name in next(rows, [])]
    faults = list(_header_faults(header))
    parsed.faults += faults
    if faults:
        return
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        parsed.rows += 1
        if parsed.rows > MOST_ROWS:
            parsed.faults.append(Fault("CODES-010", f"line {number}", f"more than {MOST_ROWS} rows", "split the table"))
            return
        _row(number, dict(zip(header, (cell.strip() for cell in cells), strict=False)), seen, parsed, lists)


def _header_faults(header: list[str]) -> Iterator[Fault]:
    for name in header:
        if name not in COLUMNS:
            yield _file(f"no column called {name[:40]!r}{likely(name, COLUMNS)}", f"columns: {', '.join(COLUMNS)}")
    if len(set(header)) < len(header):
        yield _file("a column stands twice", "keep one of them")
    if not set(KEYS) & set(header):
        yield _file("no column says which product a row is about", f"add one of: {', '.join(KEYS)}")
    if not set(VALUES) & set(header):
        yield _file("no column says anything about a product", f"add one of: {', '.join(VALUES)}")


def _row(number: int, cells: Mapping[str, str], seen: dict[str, int], parsed: Parsed, lists: CodeLists) -> None:
    faults = list(_cell_faults(number, cells))
    keys = [f"{by}:{cells[by]}" for by in KEYS if cells.get(by)]
    row = CodeRow.model_validate({name: cells[column] for column, name in VALUES.items() if cells.get(column)})
    if not keys:
        faults.append(_at(number, "CODES-002", KEYS[1], "no product", "give its id, its SKU or its name"))
    elif row == CodeRow():
        faults.append(_at(number, "CODES-002", "", "nothing is said of this product", "give a code, tax or unit"))
    for key in keys:
        if key in seen:
            by, _, value = key.partition(":")
            faults.append(_at(number, "CODES-003", by, f"{value} stands in line {seen[key]} already", "keep one"))
        seen.setdefault(key, number)
    faults += _value_faults(number, row, lists)
    parsed.faults += faults
    if not faults:
        parsed.entries.update(dict.fromkeys(keys, _whole(row, lists)))


def _cell_faults(number: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    for column, text in cells.items():
        if len(text) > LONGEST or not text.isprintable():
            message = f"more than {LONGEST} characters, or some that cannot be printed"
            yield _at(number, "CODES-009", column, message, "shorten it")


def _value_faults(number: int, row: CodeRow, lists: CodeLists) -> Iterator[Fault]:
    whole = _whole(row, lists)
    if row.hsn_code and row.isic_code:
        yield _at(number, "CODES-008", "isic_code", "goods and a service at once", "keep the HS or the service code")
    yield from _code_faults(number, "CODES-004", whole.hsn_code, whole.product_category, _goods(lists))
    yield from _code_faults(number, "CODES-005", whole.isic_code, whole.service_category, _services(lists))
    if row.tax_category and not lists.tax_categories.allows(row.tax_category):
        known = sorted(lists.tax_categories.rows)
        message = f"NRS has no tax category {row.tax_category!r}{likely(row.tax_category, known)}"
        yield _at(number, "CODES-006", "tax_category", message, f"choose one of: {', '.join(known)}")
    if row.unit and (not re.fullmatch(r"[A-Z0-9]{1,3}", row.unit) or not lists.units.allows(row.unit)):
        yield _at(number, "CODES-007", "unit", f"NRS has no unit {row.unit}", "use a code such as EA, KGM or HUR")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    words: str
    form: re.Pattern[str]
    known: CodeList[str]
    remedy: str


def _goods(lists: CodeLists) -> _Column:
    remedy = "use all six digits of a code from NRS's list, such as 8471.30"
    return _Column("hs_code", "product_category", _GOODS, lists.hs_codes, remedy)


def _services(lists: CodeLists) -> _Column:
    remedy = "use the four digits of a code from NRS's list, such as 6202"
    return _Column("isic_code", "service_category", _SERVICE, lists.service_codes, remedy)


def _code_faults(number: int, fault: str, code: str | None, words: str | None, column: _Column) -> Iterator[Fault]:
    if code is None:
        return
    if not column.form.fullmatch(code) or not column.known.allows(code):
        yield _at(number, fault, column.name, f"NRS has no code {code}", column.remedy)
    elif not words:
        yield _at(number, fault, column.words, "NRS has no words for this code", "give them here")


def _whole(row: CodeRow, lists: CodeLists) -> CodeRow:
    """With the codes in NRS's form and the words that belong to them."""
    if row.classification is None:
        return row
    found = completed(row.classification, lists)
    return row.model_copy(update={name: getattr(found, name) for name in Classification.model_fields})


def _file(message: str, remedy: str) -> Fault:
    return Fault("CODES-001", "line 1", message, remedy)


def _at(number: int, code: str, column: str, message: str, remedy: str) -> Fault:
    return Fault(code, f"line {number}: {column}" if column else f"line {number}", message, remedy)
