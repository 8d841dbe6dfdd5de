"""`make demo`: the whole product on this machine, from the connect link to the accepted invoice, told step by step."""

import signal
import time
from collections.abc import Callable
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
from infra_cdk.local.nrs_sandbox import accepted_total, register_webhook
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
POLLED_SECONDS = 180.0  # a platform without webhooks is looked at about once a minute
SUBSCRIBED_SECONDS = 30.0
COMPLETED_SECONDS = 20.0  # the documents follow the acceptance
SETTLED = ("delivering", "completed", "needs_attention")


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
            register_webhook(self.layout.sandbox_url("nrs"), api.nrs_notification_url(merchant))
        for connector in connectors:
            self.report.connectors[connector.name] = Outcome(sale=connector.sale)
            with self.console.step(
                f"Connecting {connector.name} (connect link, consent at the platform, confirmation)"
            ):
                self.connect(api, merchant, connector)
        for connector in connectors:
            told = "its webhook arrives" if connector.webhooks else "a poll finds it"
            with self.console.step(f"{connector.name}: a sale happens, {told}"):
                self.sell(api, merchant, connector)
            if connector.refund is not None:
                with self.console.step(f"{connector.name}: a part of it is given back"):
                    self.give_back(api, merchant, connector)
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
            lambda: api.connected(merchant, connector.name, webhooks=connector.webhooks),
            f"{connector.name}'s connection",
            seconds=SUBSCRIBED_SECONDS,
            seen=browser.describe,
        )
        if rules := connector.mapping(self.layout.sandbox_url(connector.name)):
            api.set_mapping(merchant, mine["connection"], rules)

    def sell(self, api: OperatorApi, merchant: str, connector: DemoConnector) -> None:
        """Make the sale and follow it until NRS has it and its documents are there."""
        outcome = self.report.connectors[connector.name]
        begin = time.monotonic()
        outcome.sale = connector.trigger(self.layout.sandbox_url(connector.name))
        self.follow(api, merchant, connector, outcome, lambda invoice: invoice["sale_id"] == outcome.sale)
        outcome.seconds_webhook_to_accepted = round(time.monotonic() - begin, 2)
        outcome.nrs = ACCEPTED
        self.confirm_at_nrs(connector.name, outcome, connector.expected_total)

    def give_back(self, api: OperatorApi, merchant: str, connector: DemoConnector) -> None:
        """A part of the sale comes back: a credit note over exactly that, under the sale's own name in the report."""
        sold = self.report.connectors[connector.name]
        if connector.refund is None:
            return
        connector.refund(self.layout.sandbox_url(connector.name), sold.sale)
        credit = Outcome(sale="refund")
        self.follow(api, merchant, connector, credit, lambda invoice: invoice["sale_id"] != sold.sale)
        credit.nrs = ACCEPTED
        self.confirm_at_nrs(connector.name, credit, connector.expected_refund)
        self.report.refunds[connector.name] = credit

    def follow(
        self,
        api: OperatorApi,
        merchant: str,
        connector: DemoConnector,
        outcome: Outcome,
        ours: Callable[[dict[str, Any]], bool],
    ) -> None:
        """Until NRS has the document and what is printed is there.

        Raises:
            Trouble: the sale is held.
            TimedOut: it took too long.
        """

        def seen() -> dict[str, Any] | None:
            for invoice in api.invoices(merchant):
                if invoice["connector"] == connector.name and ours(invoice):
                    outcome.learn(invoice)
                    return invoice
            return None

        def accepted() -> bool:
            invoice = seen()
            if invoice and invoice["state"] == "needs_attention":
                raise Trouble(f"{connector.name}: the sale needs attention.", *faults(invoice))
            return bool(invoice and invoice["nrs"] == ACCEPTED)

        seconds = ACCEPTED_SECONDS if connector.webhooks else POLLED_SECONDS
        poll_until(accepted, f"{connector.name}'s document", seconds=seconds, seen=lambda: outcome, every=0.2)
        poll_until(lambda: (seen() or {})["state"] in SETTLED, "its documents", seconds=COMPLETED_SECONDS, every=0.2)

    def confirm_at_nrs(self, connector: str, outcome: Outcome, expected: Decimal) -> None:
        """What counts is what NRS holds, not what we say it holds.

        Raises:
            Trouble: NRS has another amount, or not this invoice.
        """
        held = accepted_total(self.layout.sandbox_url("nrs"), outcome.irn or "")
        if held is None or held != expected or Decimal(outcome.total or 0) != held:
            outcome.nrs = None
            raise Trouble(
                f"{connector}: NRS holds {held} for {outcome.irn}, we say {outcome.total}, expected {expected}."
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
        report.ok = all(report.right(one.name, one.expected_total, one.expected_refund) for one in connectors)
    finally:
        report.seconds = round(console.elapsed, 1)
        write_json(layout.demo_report, report.as_json())
        tell(layout, console, report, portal)


def tell(layout: Layout, console: Console, report: Report, portal: str | None) -> None:
    """One line per connector, and where to look."""
    console.say()
    for name, outcome in report.connectors.items():
        console.say(outcome.line(name))
        if name in report.refunds:
            console.say(report.refunds[name].line(""))
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
