"""The code lists: complete where the public knows them, and the same in the package as in the sandbox."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.nrs.tables import KEYS
from tests.unit.sandbox.test_nrs.helping import Caller

ROOT = Path(__file__).resolve().parents[4]
SANDBOX = ROOT / "tests" / "sandbox"
SEED = SANDBOX / "seed" / "nrs"
SHIPPED = ROOT / "layers" / "core" / "python" / "taxpoynt" / "nrs" / "resources"

COUNTS = {
    "services-codes": 419,
    "currencies": 118,
    "countries": 249,
    "invoice-types": 20,
    "states": 37,
    "tax-categories": 27,
    "lgas": 2,
    "vat-exemptions": 228,
}
PARTIAL = {"hs-codes", "lgas", "payment-means", "invoice-quantity-codes"}


def _file(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", sorted(KEYS))
def test_the_shipped_copy_and_the_sandbox_agree(name: str) -> None:
    assert (SEED / f"{name}.json").read_bytes() == (SHIPPED / f"{name}.json").read_bytes()


def test_nothing_else_is_shipped() -> None:
    assert {path.stem for path in SHIPPED.glob("*.json")} == set(KEYS)


@pytest.mark.parametrize("name", sorted(KEYS))
def test_a_list_says_where_it_comes_from_and_holds_each_code_once(name: str) -> None:
    found = _file(SHIPPED, name)
    assert found["list"] == name
    assert found["source"]
    assert found["as_of"] >= "2024"
    assert found["complete"] is (name not in PARTIAL)
    codes = [row[KEYS[name]] for row in found["rows"]]
    assert len(codes) == COUNTS.get(name, len(codes))
    assert name == "vat-exemptions" or len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", sorted(KEYS))
def test_each_list_is_served_to_everybody(nrs: Caller, name: str) -> None:
    response = nrs.get(f"/api/v1/invoice/resources/{name}", x_api_key="")
    assert response.status_code == 200
    served = {row[KEYS[name]] for row in response.json()["data"]}
    assert served >= {row[KEYS[name]] for row in _file(SEED, name)["rows"]}
    assert not any("basis" in row for row in response.json()["data"])


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("services-codes", "0111", {"description": "Growing of cereals (except rice), leguminous crops and oil seeds"}),
        ("invoice-types", "380", {"value": "Credit note"}),
        ("invoice-types", "381", {"value": "Commercial invoice"}),
        ("tax-categories", "STANDARD_VAT", {"percent": "7.5"}),
        ("tax-categories", "EXEMPTED", {"percent": "Not Available"}),
        ("currencies", "NGN", {"decimal_digits": 2}),
        ("currencies", "JPY", {"decimal_digits": 0}),
        ("currencies", "KWD", {"decimal_digits": 3}),
        ("countries", "NG", {"alpha_3": "NGA"}),
        ("states", "NG-FC", {"name": "Federal Capital Territory"}),
        ("payment-means", "30", {"value": "Credit Transfer"}),
        ("invoice-quantity-codes", "HUR", {"name": "Hour"}),
        ("hs-codes", "8471.30", {"description": "Portable automatic data processing machines"}),
        ("vat-exemptions", "1901.1000", {"tariff_category": "INFANT FOOD"}),
    ],
)
def test_known_rows_are_there(nrs: Caller, name: str, code: str, expected: dict[str, Any]) -> None:
    rows = {row[KEYS[name]]: row for row in nrs.data(f"/api/v1/invoice/resources/{name}")}
    assert expected.items() <= rows[code].items()


def test_exempt_vat_is_no_category_and_every_hs_code_has_its_form() -> None:
    assert "EXEMPT_VAT" not in {row["code"] for row in _file(SHIPPED, "tax-categories")["rows"]}
    assert all(len(row["hscode"]) == 7 and row["hscode"][4] == "." for row in _file(SHIPPED, "hs-codes")["rows"])


def test_the_sandbox_knows_nothing_of_the_package() -> None:
    for path in (SANDBOX / "nrs").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert not [name for name in names if name.split(".")[0] == "taxpoynt"], path
