"""What people do in Pipedrive during the campaign, through the sandbox's control routes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import requests

from loadtests.campaign.plan import Planned
from tests.e2e.harness import Slice

ONBOARDED = ("34567890-0001", "45678901-0001", "56789012-0001", "RN-1234567")
"""TINs that the NRS sandbox knows: acknowledges, receives, fails, acknowledges. Others have no access point."""
PRIVATE_BUYER = 5
ADDRESS = {
    "value": "8 Example Road, Aba",
    "street_number": "8",
    "route": "Example Road",
    "locality": "Aba",
    "postal_code": "450001",
    "country": "Nigeria",
}
TIMEOUT = 60


class People:
    """Edits in Pipedrive; `seed` decides who buys."""

    def __init__(self, stage: Slice, seed: int) -> None:
        self._stage, self._url = stage, stage.pipedrive.url
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
        self._session = requests.Session()
        self._companies: list[tuple[int, int]] = []

    def prepare(self, companies: int) -> None:
        """Buyers, and a plan without limits: what Pipedrive allows is not what is measured here."""
        self._send("POST", "/limits", {"burst": 100_000, "daily_tokens": 100_000_000})
        for number in range(companies):
            exchanges = number % 5 < 2
            tin = ONBOARDED[number % 4] if exchanges else f"{20_000_000 + number}-0001"
            self._companies.append(self._company(f"Buyer {number:04} Ltd", tin))

    def offer(self, one: Planned) -> None:
        """The deal is made, still open, and nobody is told."""
        deal: dict[str, Any] = {"title": f"Sale {one.number}", "products": one.lines}
        if one.story.buyer == "person":
            deal |= {"org_id": None, "person_id": PRIVATE_BUYER}
        else:
            company = self._dice.choice(self._companies)
            if one.story.buyer == "no tin":
                company = self._company(f"Buyer without TIN {one.number}", None)
            one.organization = company[0]
            deal |= {"org_id": company[0], "person_id": company[1]}
        if one.story.percent_off:
            deal["discounts"] = [{"amount": one.story.percent_off, "type": "percentage", "description": "Loyalty"}]
        one.deal = int(self._send("POST", "/deals?silent=1", deal)["id"])

    def win(self, one: Planned) -> None:
        """The event of the campaign. Silently where every webhook of the deal gets lost."""
        if one.story.then != "stay open":
            self._send("PATCH", f"/deals/{one.deal}{'?silent=1' if one.lost else ''}", {"status": "won"})
        else:
            self._send("PATCH", f"/deals/{one.deal}", {"title": f"Sale {one.number}, still talking"})

    def follow(self, one: Planned) -> None:
        """What the story says happens after the deal was won."""
        acts: Mapping[str, Callable[[Planned], object]] = {
            "retitle": lambda deal: self._send("PATCH", f"/deals/{deal.deal}", {"title": f"Sale {deal.number} (paid)"}),
            "relines": lambda deal: self._send("PUT", f"/deals/{deal.deal}/products", {"products": deal.edited}),
            "give tin": self._give_tin,
            "lose": lambda deal: self._send("PATCH", f"/deals/{deal.deal}", {"status": "lost"}),
            "delete": lambda deal: self._send("DELETE", f"/deals/{deal.deal}"),
        }
        for act in filter(None, one.story.then.split(", ")):
            if act != "stay open":
                acts[act](one)

    def _give_tin(self, one: Planned) -> None:
        tin = f"{30_000_000 + one.number}-0001"
        self._stage.give_tin(one.organization or 0, tin)

    def _company(self, name: str, tin: str | None) -> tuple[int, int]:
        keys = self._stage.keys
        fields = {keys["buyer_state_key"]: "NG-AB", keys["buyer_lga_key"]: "NG-AB-ANO"}
        if tin:
            fields[keys["buyer_tin_key"]] = tin
        body = {"name": name, "address": ADDRESS, "custom_fields": fields}
        organization = int(self._send("POST", "/organizations?silent=1", body)["id"])
        email = [{"label": "work", "value": f"pay{organization}@buyer.example", "primary": True}]
        who = {"name": "Ada Eze", "org_id": organization, "emails": email, "phones": []}
        return organization, int(self._send("POST", "/persons?silent=1", who)["id"])

    def _send(self, method: str, route: str, body: Any = None) -> dict[str, Any]:
        answer = self._session.request(method, f"{self._url}/_control{route}", json=body, timeout=TIMEOUT)
        if not answer.ok:
            raise RuntimeError(f"{method} {route}: {answer.status_code} {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found
