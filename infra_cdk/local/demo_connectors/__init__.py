"""What the demo does with each connector: one module here per connector, found by being here (no list to edit)."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra_cdk.local.browser import Browser


def no_rules(_sandbox: str) -> dict[str, Any]:
    """The connector's own mapping says everything."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConnector:
    """One connector in the demo.

    name: as in taxpoynt.connectors; port: of its sandbox.
    sale: the source record's id, where the seed has it already; expected_total: what NRS must be told to be paid.
    allow: words on the button of the platform's consent page.
    trigger: makes the sale happen at the sandbox (its address is given), which fires the real webhook; the sale's id.
    refund: gives a part of that sale back (address and id are given); expected_refund: what the credit note comes to.
    webhooks: False where the platform has none and is polled.
    mapping: makes the rules for this merchant's connection (the sandbox's address is given); {} for none.
    """

    name: str
    port: int
    expected_total: Decimal
    trigger: Callable[[str], str]
    sale: str = ""
    refund: Callable[[str, str], None] | None = None
    expected_refund: Decimal = Decimal(0)
    webhooks: bool = True
    allow: tuple[str, ...] = ("allow", "install", "authorise", "authorize")
    mapping: Callable[[str], dict[str, Any]] = no_rules

    def connect(self, browser: Browser, link: str) -> None:
        """Walk a connect link as the merchant would: consent at the platform, confirm the account.

        Raises:
            NotOnPage: a step did not show what the next one needs.
        """
        browser.get(link).press("continue", "start", "open", "connect")
        browser.follow(f"/oauth/{self.name}/start")
        browser.press(*self.allow)
        browser.press("yes", "confirm")


def discover() -> tuple[DemoConnector, ...]:
    """The `CONNECTOR` of every module in this package, by name."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.CONNECTOR for module in modules), key=lambda connector: connector.name))
