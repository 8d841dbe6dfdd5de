"""What merchants, buyers, NRS and strangers do in a plan, and what the platform tells of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from loadtests.simulation.hub import Actor
from loadtests.simulation.plan import HOUR, Act
from loadtests.simulation.world import ACCOUNT, CONNECTOR, WRONG_SERVICE_ID, World
from taxpoynt.domain.status import SaleState
from taxpoynt.errors import TaxPoyntError
from taxpoynt.services import jobs
from taxpoynt.services.answer_question import Choice, is_question, question_id

TIN = "34567890-0001"


class Acts:
    """Puts a plan on the hub of a world."""

    def __init__(self, world: World) -> None:
        self.world, self.hub, self.cloud, self.platform = world, world.hub, world.cloud, world.platform
        self.what: Mapping[str, Callable[[Act], None]] = {
            "won": self._won,
            "won without tin": self._won,
            "tin": lambda act: self._edited(act, tin=TIN),
            "value": lambda act: self._edited(act, value=act.value),
            "lost": lambda act: self._edited(act, status="lost"),
            "refund": self._refund,
            "answer": self._person_answers,
            "disliked": lambda act: world.nrs.disliked.add(f"PD{act.record}"),
            "liked": lambda act: world.nrs.disliked.discard(f"PD{act.record}"),
            "foreign": self._foreign,
            "profile wrong": lambda act: self._profile(act.merchant, WRONG_SERVICE_ID),
            "profile right": lambda act: self._profile(act.merchant, world.service_ids[act.merchant]),
        }

    def schedule(self) -> None:
        """Everything the plan says, and the end of the faults."""
        hub, world = self.hub, self.world
        for act in world.plan.acts:
            hub.after(act.at, lambda act=act: self.what[act.what](act))  # type: ignore[misc]  # bound now, not later
        if world.plan.refused:
            merchant, begin, end = world.plan.refused
            hub.after(begin, lambda: world.nrs.refused_keys.add(merchant))
            hub.after(end, lambda: world.nrs.refused_keys.discard(merchant))
        hub.after(world.plan.faults_end, self._stop_faults)
        hub.after(2.0, self.cloud.seal_by_the_clock)

    def _stop_faults(self) -> None:
        """Nothing breaks any more, and the operator empties the dead-letter queue: soon, and once more."""
        self.world.faults.on = False
        self.hub.say("FAULTS END")
        self.hub.after(1800.0, self.cloud.redrive)
        self.hub.after(8 * HOUR, self.cloud.redrive)

    # --- the merchant ------------------------------------------------------------------------------------------------

    def _won(self, act: Act) -> None:
        if (act.merchant, act.record) in self.platform.records:
            self._edited(act, status="won")
            return
        tin = TIN if act.what == "won" else None
        self._changed(act.merchant, act.record, status="won", tin=tin, **_priced(act.value))

    def _edited(self, act: Act, **fields: Any) -> None:
        if (act.merchant, act.record) in self.platform.records:
            self._changed(act.merchant, act.record, **fields)

    def _refund(self, act: Act) -> None:
        """All of the deal; sometimes before the deal itself is there."""
        deal = self.platform.records.get((act.merchant, act.record)) or self._future(act)
        same = {name: deal[name] for name in ("value", "rate", "category")}
        fields = {"kind": "refund", "original": act.record, "status": "done", "tin": TIN, **same}
        self._changed(act.merchant, f"r{act.record}{act.value}", **fields)

    def _future(self, act: Act) -> Mapping[str, Any]:
        same = (a for a in self.world.plan.acts if (a.merchant, a.record) == (act.merchant, act.record))
        return _priced(next(a.value for a in same if a.what.startswith("won")))

    def _person_answers(self, act: Act) -> None:
        """Somebody opens the page and answers every question that stands there."""
        actor = Actor(f"person at {act.merchant}", merchant=act.merchant, skew=0.0, mortal=1.0)
        choice: Choice = "issue" if act.value == "issue" else "ignore"
        self.hub.spawn(actor, lambda: self._answers(act.merchant, choice))

    def _answers(self, merchant: str, choice: Choice) -> None:
        stored = self.world.sales.sales.values()
        for record in [one for one in stored if one.merchant == merchant and is_question(one)]:
            seen = question_id(record)
            self.hub.give_way(self.hub.random.random() * 60)  # reading it takes a while
            try:
                self.world.answer(merchant, CONNECTOR, record.sale_id, choice=choice, seen=seen, who="Ada", why="so")
            except TaxPoyntError as error:
                self.hub.say(f"the answer is not taken: {type(error).__name__} {error}")

    def _profile(self, merchant: str, service_id: str) -> None:
        """Mended (or spoilt) in the portal, which looks again at what is held."""
        connections = self.world.connections
        stored = connections.get_merchant(merchant)
        profile = stored.profile.model_copy(update={"service_id": service_id})
        connections.put_merchant(merchant, profile, expected_version=stored.version)
        for record in list(self.world.sales.sales.values()):
            if record.merchant == merchant and record.state is SaleState.NEEDS_ATTENTION:
                event_id = f"merchant_change:{record.sale_id}:{stored.version}"
                self.cloud.send("bulk", jobs.fetch(record, event_id=event_id, reason="merchant_change"))

    def _foreign(self, act: Act) -> None:
        """Somebody else used the IRN that ours will have, for something else.

        Where NRS gives no copies, only the head of the two can be compared (docs/decisions/0018): it differs then.
        """
        world = self.world
        copies = not world.plan.nrs_rates["no copy"]
        whole = {
            "irn": f"PD{act.record}-{world.service_ids[act.merchant]}-20260302",
            "business_id": world.nrs.businesses[act.merchant],
            "issue_date": "2026-03-02",
            "invoice_type_code": "381" if copies else "384",
            "document_currency_code": "NGN",
            "legal_monetary_total": {"payable_amount": 1.0},
        }
        world.nrs.register(str(whole["irn"]), json.dumps(whole).encode(), act.merchant, foreign=True)

    # --- the platform ------------------------------------------------------------------------------------------------

    def _changed(self, merchant: str, record: str, **fields: Any) -> None:
        """A record is written; its webhook comes late, twice or never, and the next poll sees it in any case."""
        now = self.platform.write(merchant, record, **fields)
        won = "deal.won" if now["status"] == "won" else "deal.changed"
        event = {
            "id": f"{record}.{now['update']}",
            "type": "refund.created" if now["kind"] == "refund" else won,
            "means": "changed" if now["kind"] != "refund" and now["status"] != "won" else "fetch",
            "resource": "deal",
            "resource_id": record,
            "account": ACCOUNT + merchant[2:4],
        }
        hub, faults = self.hub, self.world.faults
        if not faults.hit(hub, "lost event", faults.lost_event):
            for _ in range(2 if faults.hit(hub, "doubled event", faults.duplicate) else 1):
                longest = 600.0 if hub.random.random() < 0.3 else 3.0
                hub.after(hub.random.random() * longest, lambda: self._deliver(merchant, event))
        poll = HOUR - hub.now % HOUR + hub.random.random() * 300
        hub.after(poll, lambda: self._poll(merchant, record, now["update"]))

    def _deliver(self, merchant: str, event: Mapping[str, Any]) -> None:
        """receive_webhook: one durable write, then 2xx."""
        text = base64.b64encode(json.dumps([event]).encode()).decode()
        self._job("webhook", "crm", merchant, str(event["id"]), body_b64=text, content_type="application/json")

    def _poll(self, merchant: str, record: str, update: int) -> None:
        event_id = f"poll:{record}:{update}"
        more = {"resource": "deal", "resource_id": record, "event_id": event_id, "reason": "poll"}
        self._job("fetch", "bulk", merchant, event_id, **more)

    def _job(self, job: str, queue: str, merchant: str, event: str, **more: str) -> None:
        whole = jobs.make(job, merchant, f"c_{merchant[2:]}", CONNECTOR, **more)
        self.world.acked.append((merchant, event))
        self.cloud.send(queue, {**whole, "id": f"j{len(self.world.acked)}"})


def _priced(value: str) -> dict[str, str]:
    rate, category = ("0", "ZERO_VAT") if value == "99.99" else ("7.5", "STANDARD_VAT")
    return {"value": value, "rate": rate, "category": category}
