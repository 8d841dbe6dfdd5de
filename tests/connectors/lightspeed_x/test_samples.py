"""Every recorded sale of X-Series is the document that its collection says it is."""

from __future__ import annotations

import pytest

from tests.connectors.lightspeed_samples import agrees, converted, expectations
from tests.connectors.lightspeed_x.sales import FIXTURES

EXPECTED = {one["file"]: one for one in expectations(FIXTURES)}
SALES = [name for name, one in EXPECTED.items() if one.get("role") != "lookup"]


@pytest.mark.parametrize("name", SALES)
def test_a_recorded_sale_is_what_its_collection_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, rates and currency from the lookups of the same shop, where the collection used them."""
    related = (
        [f"{what}={FIXTURES / f'x_api20_{what}.json'}" for what in ("outlets", "taxes")] if "api20" in name else []
    )
    summary = converted(capsys, "lightspeed_x", FIXTURES / name, *related)
    agrees(summary, EXPECTED[name])
    codes = {fault["code"] for fault in summary["faults"]}
    assert ("LSX-001" in codes) == (EXPECTED[name]["document"] != "none" and EXPECTED[name]["currency"] is None)
    assert not codes & {"LSX-002", "LSX-003", "LSX-102", "LSX-103"}


def test_a_return_names_the_sale_it_gives_back(capsys: pytest.CaptureFixture[str]) -> None:
    name = "x_webhook_return_2_closed.form.json"
    assert converted(capsys, "lightspeed_x", FIXTURES / name)["refers_to"] == [EXPECTED[name]["refers_to_sale_id"]]
