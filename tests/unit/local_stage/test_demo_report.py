from decimal import Decimal

from infra_cdk.local.demo_connectors import DemoConnector, discover
from infra_cdk.local.demo_report import Outcome, Report

AGREED = {
    "sale",
    "invoice_number",
    "irn",
    "status",
    "kind",
    "currency",
    "total",
    "nrs",
    "seconds_webhook_to_accepted",
}


def test_the_report_has_exactly_the_agreed_keys() -> None:
    report = Report(ok=True, seconds=1.5, connectors={"pipedrive": Outcome(sale="101")}).as_json()
    assert set(report) == {"ok", "seconds", "connectors"}
    assert set(report["connectors"]["pipedrive"]) == AGREED


def test_only_accepted_at_nrs_over_exactly_the_expected_amount_is_right() -> None:
    expected = Decimal("161250.00")
    assert Outcome(sale="1", nrs="accepted", total="161250.00").right(expected)
    assert not Outcome(sale="1", nrs="accepted", total="161250.01").right(expected)
    assert not Outcome(sale="1", nrs=None, total="161250.00").right(expected)
    assert not Outcome(sale="1", nrs="accepted", total=None).right(expected)


def test_the_line_tells_sale_number_irn_status_and_total() -> None:
    outcome = Outcome(
        sale="101", invoice_number="INV1", irn="INV1-X-20260101", status="completed", currency="NGN", total="5.00"
    )
    assert outcome.line("pipedrive").split("  →  ")[1:] == ["INV1", "INV1-X-20260101", "completed", "NGN 5.00"]


def test_connectors_are_found_by_being_there() -> None:
    found = discover()
    assert "pipedrive" in [connector.name for connector in found]
    assert all(isinstance(connector, DemoConnector) for connector in found)
    assert len({connector.port for connector in found}) == len(found)
