"""`make up`: the stage stays, its state survives a clean `make down`."""

import json

from infra_cdk.local.console import Console
from infra_cdk.local.launch import Options
from infra_cdk.local.layout import Layout
from infra_cdk.local.nrs_sandbox import register_webhook
from infra_cdk.local.operator_api import OperatorApi
from infra_cdk.local.sample_merchant import sample_merchant
from infra_cdk.local.stage import Deployed, bring_up, default_layout, write_endpoints, write_json


def run_up(console: Console) -> int:
    """Start, deploy, make the sample merchant if there is none, write the addresses."""
    layout = default_layout().with_state("up")
    deployed = bring_up(layout, "up", Options(persist=True), console)
    api = OperatorApi(layout.public_url, deployed.operator_token)
    with console.step("Sample merchant"):
        merchant = known_merchant(layout, api) or new_merchant(layout, api)
        register_webhook(layout.sandbox_url("nrs"), api.nrs_notification_url(merchant))
    portal = api.connect_link(merchant)
    write_endpoints(deployed, merchant, portal)
    say_where(deployed, portal, console)
    return 0


def known_merchant(layout: Layout, api: OperatorApi) -> str | None:
    """The sample merchant of an earlier run, if the state still holds it."""
    note = layout.emulator_dir / "merchant.json"
    merchant = json.loads(note.read_text())["merchant"] if note.exists() else None
    return merchant if merchant and api.has_merchant(merchant) else None


def new_merchant(layout: Layout, api: OperatorApi) -> str:
    """Make the sample merchant and remember it beside the state."""
    merchant = api.create_merchant(sample_merchant())
    write_json(layout.emulator_dir / "merchant.json", {"merchant": merchant})
    return merchant


def say_where(deployed: Deployed, portal: str, console: Console) -> None:
    """Addresses, and the first thing to try."""
    layout = deployed.layout
    console.say(f"\nThe local stage is up (stop it with: make down)\n  application  {layout.public_url}")
    console.say(f"  console      {layout.public_url}/console\n  local AWS    {layout.aws}")
    for name in layout.ports.sandbox:
        console.say(f"  {name:<12} {layout.sandbox_url(name)}")
    console.say(f"  operator token and the rest: {layout.endpoints}")
    console.say(f"The sample merchant's pages, to connect an account (the link works once): {portal}")
