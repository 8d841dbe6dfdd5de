"""`make demo`: the whole product on this machine, from the connect link to the accepted invoice, told step by step."""

import signal
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

from infra_cdk.local.browser import Browser, NotOnPage
from infra_cdk.local.console import Console, Trouble
from infra_cdk.local.demo_connectors import DemoConnector, discover
from infra_cdk.local.demo_report import ACCEPTED, Outcome, Report
from infra_cdk.local.launch import Options
from infra_cdk.local.layout import Layout
from infra_cdk.local.nrs_sandbox import accepted_total
from infra_cdk.local.operator_api import ApiRefused, OperatorApi
from infra_cdk.local.polling import TimedOut, poll_until
from infra_cdk.local.processes import load, this_process
from infra_cdk.local.sample_merchant import sample_merchant
from infra_cdk.local.stage import (
    Deployed,
    bring_up,
    default_layout,
    take_down,
    write_endpoints,
    write_json,
)

ACCEPTED_SECONDS = 60.0  # well above the few seconds it takes; a loaded machine must not fail the demo
SUBSCRIBED_SECONDS = 30.0
COMPLETED_SECONDS = 20.0  # the documents follow the acceptance
SETTLED = ("completed", "needs_attention")


@dataclass
class Demo:
    """One run against a stage that is up."""

    deployed: Deployed
    console: Console
    report: Report

    @property
    def layout(self) -> Layout:
        """The stage's places."""
        return self.deployed.layout

    def run(self, connectors: tuple[DemoConnector, ...]) -> str:
        """Connect the sample merchant everywhere, make every sale, wait for every invoice; a link to its pages."""
        api = OperatorApi(self.layout.public_url, self.deployed.operator_token)
        with self.console.step("Creating a sample merchant (POST /v1/merchants)"):
            merchant = api.create_merchant(sample_merchant())
        for connector in connectors:
            self.report.connectors[connector.name] = Outcome(sale=connector.sale)
            with self.console.step(
                f"Connecting {connector.name} (connect link, consent at the platform, confirmation)"
            ):
                self.connect(api, merchant, connector)
        for connector in connectors:
            with self.console.step(f"{connector.name}: sale {connector.sale} happens, its webhook arrives"):
                self.sell(api, merchant, connector)
        portal = api.connect_link(merchant)
        write_endpoints(self.deployed, merchant, portal)
        return portal

    def connect(self, api: OperatorApi, merchant: str, connector: DemoConnector) -> None:
        """By real HTTP redirects, then give the connection this merchant's rules.

        Raises:
            TimedOut: the connection did not become active, or its webhooks were not registered.
        """
        browser = Browser()
        connector.connect(browser, api.connect_link(merchant, connector.name))
        mine = poll_until(
            lambda: api.subscribed(merchant, connector.name),
            f"{connector.name}'s webhooks",
            seconds=SUBSCRIBED_SECONDS,
            seen=browser.describe,
        )
        if rules := connector.mapping(self.layout.sandbox_url(connector.name)):
            api.set_mapping(merchant, mine["connection"], rules)

    def sell(self, api: OperatorApi, merchant: str, connector: DemoConnector) -> None:
        """Make the sale and follow it until NRS has it and its documents are there."""
        outcome = self.report.connectors[connector.name]
        begin = time.monotonic()
        connector.trigger(self.layout.sandbox_url(connector.name))

        def seen() -> dict[str, Any] | None:
            for invoice in api.invoices(merchant):
                if invoice["connector"] == connector.name:
                    outcome.learn(invoice)
                    return invoice
            return None

        def accepted() -> bool:
            invoice = seen()
            if invoice and invoice["state"] == "needs_attention":
                raise Trouble(f"{connector.name}: the sale needs attention.", *faults(invoice))
            return bool(invoice and invoice["nrs"] == ACCEPTED)

        poll_until(accepted, f"{connector.name}'s invoice", seconds=ACCEPTED_SECONDS, seen=lambda: outcome, every=0.2)
        outcome.seconds_webhook_to_accepted = round(time.monotonic() - begin, 2)
        outcome.nrs = ACCEPTED
        self.confirm_at_nrs(connector, outcome)
        poll_until(lambda: (seen() or {})["state"] in SETTLED, "its documents", seconds=COMPLETED_SECONDS, every=0.2)

    def confirm_at_nrs(self, connector: DemoConnector, outcome: Outcome) -> None:
        """What counts is what NRS holds, not what we say it holds.

        Raises:
            Trouble: NRS has another amount, or not this invoice.
        """
        held = accepted_total(self.layout.sandbox_url("nrs"), outcome.irn or "")
        if held is None or held != connector.expected_total or Decimal(outcome.total or 0) != held:
            outcome.nrs = None
            raise Trouble(
                f"{connector.name}: NRS holds {held} for {outcome.irn}, we say {outcome.total},"
                f" expected {connector.expected_total}."
            )


def faults(invoice: dict[str, Any]) -> list[str]:
    """The reasons a sale is held, for people."""
    return [f"{fault['code']} {fault['path']}: {fault['message']}" for fault in invoice["faults"]]


def run_demo(console: Console, *, once: bool) -> int:
    """The command: 0 when every invoice was accepted with the right total. Always writes the report."""
    layout = default_layout().with_state("demo")
    report = Report()
    try:
        play(layout, console, report)
        if not once:
            stay(console)
    except KeyboardInterrupt:
        console.say("\nCtrl-C: stopping.")
    except (Trouble, TimedOut, NotOnPage, ApiRefused, requests.RequestException) as trouble:
        console.trouble(trouble)
        console.say(f"The logs are in {layout.logs}.")
    finally:
        close(layout, console)
    return 0 if report.ok else 1


def play(layout: Layout, console: Console, report: Report) -> None:
    """Bring the stage up (with empty tables: nothing persists), run the demo, write what was found in any case."""
    connectors, portal = discover(), None
    try:
        deployed = bring_up(layout, "demo", Options(), console)
        portal = Demo(deployed, console, report).run(connectors)
        report.ok = all(report.connectors[c.name].right(c.expected_total) for c in connectors)
    finally:
        report.seconds = round(console.elapsed, 1)
        write_json(layout.demo_report, report.as_json())
        tell(layout, console, report, portal)


def tell(layout: Layout, console: Console, report: Report, portal: str | None) -> None:
    """One line per connector, and where to look."""
    console.say()
    for name, outcome in report.connectors.items():
        console.say(outcome.line(name))
    if portal:
        base = layout.public_url
        console.say(f"\nportal   {portal} (works once)\nconsole  {base}/console\nstatus   {base}/")
        console.say(f"operator token and all addresses: {layout.endpoints}")
    console.say(f"report: {layout.demo_report}")


def stay(console: Console) -> None:
    """Keep the stage up until Ctrl-C."""
    console.say("\nEverything stays up. Ctrl-C stops it.")
    while True:
        time.sleep(3600)  # ended by the signal, not by a condition


def close(layout: Layout, console: Console) -> None:
    """Stop what this run started; a stage that somebody else runs is left alone."""
    running = load(layout.records)
    if running is None or running.launcher != this_process("demo"):
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C must not leave half of it running
    with console.step("Stopping"):
        left = take_down(layout, console)
    if left:
        console.say(f"Still taken: {', '.join(str(port) for port in left)}")
