"""The sandbox's state and the questions the routes ask of it. Guarded by the kit's lock."""

from __future__ import annotations

import copy
from collections import Counter, deque
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from werkzeug.datastructures import Headers

from tests.sandbox.kit import Clock, SeedError
from tests.sandbox.nrs.check_invoice import Rules
from tests.sandbox.nrs.irn import service_id
from tests.sandbox.nrs.problems import KEY_REFUSED, sentence
from tests.sandbox.nrs.records import EXCHANGES, Key, Row, SignedInvoice, Taxpayer
from tests.sandbox.nrs.sealing import seal
from tests.sandbox.nrs.tables import KEYS, Tables, read_lists

LAGOS = timezone(timedelta(hours=1))
DATA = Path(__file__).resolve().parents[1] / "seed" / "nrs"

SETTINGS: dict[str, tuple[Any, ...]] = {
    "strictness": ("strict", "lenient"),
    "unknown_irn_status": (404, 400),
    "download_shape": ("rewritten", "as_sent"),
}
"""Name -> allowed values, the first is the default.

unknown_irn_status: confirm's answer to an unknown IRN was never captured, so clients must take either.
download_shape: whether the downloaded copy is NRS's own JSON (keys sorted, 1.50 as 1.5) or the bytes as sent.
"""

SECONDS = {"step_seconds": 0.2, "confirm_lag_seconds": 0.0, "search_lag_seconds": 0.0}
"""Name -> default of settings that are seconds, from 0 to 60.

step_seconds: real seconds between the notices of an exchange.
confirm_lag_seconds, search_lag_seconds: how long confirm (and download) or search do not know a new invoice yet.
"""

SEED_KEYS = frozenset({"settings", "keys", "entities", "taxpayers", "users", "extra_rows", "webhook_url", "note"})


class World:
    """Everything NRS knows."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.clear()

    def clear(self) -> None:
        """Nobody and nothing, default settings, the code lists as they are published."""
        self.settings: dict[str, Any] = {name: allowed[0] for name, allowed in SETTINGS.items()}
        self.settings |= SECONDS
        self.tables = Tables(read_lists(DATA))
        self.keys: dict[str, Key] = {}
        self.entities: dict[str, Row] = {}
        self.businesses: dict[str, Row] = {}
        self.taxpayers: dict[str, Taxpayer] = {}
        self.users: dict[str, Row] = {}
        self.parties: dict[str, Row] = {}
        self.signed: dict[str, SignedInvoice] = {}
        self.sign_attempts: Counter[str] = Counter()
        self.checks: deque[Row] = deque(maxlen=10_000)  # a load test must not fill the memory
        self.vat_reports: list[Row] = []
        self.webhook_url: str | None = None

    def load(self, data: Mapping[str, Any]) -> None:
        """Merges a seed; SeedError says what is wrong with it."""
        if unknown := sorted(set(data) - SEED_KEYS):
            raise SeedError(f"unknown key in the nrs seed: {', '.join(unknown)}; known: {', '.join(sorted(SEED_KEYS))}")
        try:
            self._merge(data)
        except (KeyError, TypeError, AttributeError) as error:
            raise SeedError(f"the nrs seed lacks or misspells something: {error!r}") from error

    def _merge(self, data: Mapping[str, Any]) -> None:
        self.change_settings(data.get("settings", {}))
        for row in data.get("keys", ()):
            self.keys[row["api_key"]] = key = Key(**{**row, "entities": tuple(row["entities"])})
            seal(b"", api_key=key.api_key, pub=key.pub)
        for row in data.get("entities", ()):
            self.entities[row["id"]] = entity = copy.deepcopy(row)
            for business in entity["businesses"]:
                service_id(business["irn_template"])
                self.businesses[business["id"]] = business
        for row in data.get("taxpayers", ()):
            self.onboard(**row)
        self.users.update({row["email"]: dict(row) for row in data.get("users", ())})
        for name, rows in data.get("extra_rows", {}).items():
            self.tables.change(name, add=rows)
        self.webhook_url = data.get("webhook_url", self.webhook_url)

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """SeedError for an unknown name or value."""
        for name, value in changes.items():
            if name in SECONDS and isinstance(value, int | float) and 0 <= value <= 60:
                pass
            elif value not in SETTINGS.get(name, ()):
                seconds = ", ".join(SECONDS)
                raise SeedError(f"no setting {name} = {value!r}; there are {SETTINGS}, and {seconds} from 0 to 60")
            self.settings[name] = value

    def onboard(self, tin: str, *, onboarded: bool = True, exchange: str = "acknowledges", **info: Any) -> Taxpayer:
        """A taxpayer that can receive invoices (or, with `onboarded` False, one that only exists)."""
        if exchange not in EXCHANGES:
            raise SeedError(f"exchange must be one of {', '.join(EXCHANGES)}, not {exchange!r}")
        known = self.taxpayers.get(tin)
        self.taxpayers[tin] = Taxpayer(tin, {**(known.info if known else {}), **info}, onboarded, exchange)
        return self.taxpayers[tin]

    def now(self) -> datetime:
        """In Lagos: NRS's legal day."""
        return self.clock.now().astimezone(LAGOS)

    def today(self) -> date:
        return self.now().date()

    def caller(self, headers: Headers) -> Key:
        """Whose key pair came with the request; a Problem with status 400 (never 401) when nobody's."""
        key = self.keys.get(headers.get("x-api-key", ""))
        if key is None or key.refused or headers.get("x-api-secret") != key.api_secret:
            raise sentence(KEY_REFUSED, handler="handler")
        return key

    def business(self, key: Key, business_id: str) -> Row | None:
        """An active business of an entity that enabled this key, else None."""
        for entity_id in key.entities:
            for business in self.entities.get(entity_id, {}).get("businesses", ()):
                if business["id"] == business_id and business["is_active"]:
                    return dict(business)
        return None

    def rules(self, key: Key) -> Rules:
        """What an invoice sent with this key is checked against."""

        def template_of(business_id: str) -> str | None:
            business = self.business(key, business_id)
            return None if business is None else str(business["irn_template"])

        return Rules(
            tables=self.tables,
            today=self.today(),
            strict=self.settings["strictness"] == "strict",
            template_of=template_of,
            parties=self.parties.__contains__,
        )

    def register(self, invoice: SignedInvoice, *, confirm_lag: float = 0, search_lag: float = 0) -> None:
        """Official from now on; the look-ups hear of it after the longer of the ordered lag and the setting."""
        now = self.now()
        confirm_lag = max(confirm_lag, self.settings["confirm_lag_seconds"])
        search_lag = max(search_lag, self.settings["search_lag_seconds"])
        invoice.confirm_from = now + timedelta(seconds=confirm_lag) if confirm_lag else None
        invoice.search_from = now + timedelta(seconds=search_lag) if search_lag else None
        invoice.sequence = len(self.signed) + 1
        self.signed[invoice.irn] = invoice

    def heard_of(self, since: datetime | None) -> bool:
        """Whether a look-up that lags until `since` knows the invoice by now."""
        return since is None or self.now() >= since

    def visible(self, key: Key, irn: str) -> SignedInvoice | None:
        """A signed invoice of one of the key's businesses."""
        found = self.signed.get(irn)
        return found if found and self.business(key, found.business_id) else None

    def public(self) -> Row:
        """Without secrets."""
        return {
            "settings": self.settings,
            "keys": [{"api_key": key.api_key[:8] + "…", "refused": key.refused} for key in self.keys.values()],
            "entities": list(self.entities.values()),
            "taxpayers": [
                {"tin": t.tin, "onboarded": t.onboarded, "exchange": t.exchange, **t.info}
                for t in self.taxpayers.values()
            ],
            "parties": list(self.parties.values()),
            "signed": sorted(self.signed),
            "sign_attempts": dict(self.sign_attempts),
            "vat_reports": self.vat_reports,
            "webhook_url": self.webhook_url,
            "lists": {name: len(self.tables.rows(name)) for name in KEYS},
        }
