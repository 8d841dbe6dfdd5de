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
    sale: the source record's id; expected_total: what NRS must be told to be paid, from the sandbox's seed.
    allow: words on the button of the platform's consent page.
    trigger: makes the sale happen at the sandbox (its address is given), which fires the real webhook.
    mapping: makes the rules for this merchant's connection (the sandbox's address is given); {} for none.
    """

    name: str
    port: int
    sale: str
    expected_total: Decimal
    trigger: Callable[[str], None]
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
