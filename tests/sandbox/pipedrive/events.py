"""Who is told about a change, and in which words."""

import base64
import json
import uuid
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.sandbox.kit import Clock, Courier, DeliveryPolicy, FaultBook, Json, Outgoing
from tests.sandbox.pipedrive import payloads
from tests.sandbox.pipedrive.times import event_time
from tests.sandbox.pipedrive.world import Company

# Guide for webhooks v2: 10 s, three more attempts, 30-minute ban at 10 failed first attempts, gone after 3 bad days.
POLICY = DeliveryPolicy(
    timeout_seconds=10.0,
    retry_delays=(3, 30, 150),
    ban_after=10,
    ban_seconds=30 * 60,
    remove_after_seconds=3 * 24 * 3600,
)
FRESH_ID = "fresh_event_id"  # fault: retries of one event get a new meta.id, which no document rules out
_V1_ACTIONS = {"create": "added", "change": "updated", "delete": "deleted"}


class Announcer:
    """Turns a change of a record into deliveries to the subscriptions it concerns."""

    def __init__(self, courier: Courier, clock: Clock, faults: FaultBook) -> None:
        self.courier, self.clock, self.faults = courier, clock, faults

    def announce(
        self,
        company: Company,
        entity: str,
        action: str,
        before: Json | None,
        after: Json | None,
        *,
        user: int,
        meta: Json | None = None,
    ) -> None:
        """`before` and `after` are records as kept; None where there was or is none."""
        record = after or before or {}
        topic = f"{action}.{entity}"
        correlation = str(uuid.uuid4())
        for webhook in company.webhooks.values():
            if not _concerned(company, webhook, entity, action, record):
                continue
            build = _v1_event if webhook["version"] == "1.0" else _v2_event
            event = build(company, entity, action, deepcopy(before), deepcopy(after))
            event["meta"] |= self._meta(company, webhook, entity, action, record["id"], user, correlation) | (
                meta or {}
            )
            self.courier.send(str(webhook["id"]), topic, self._maker(webhook, topic, event))

    def _meta(
        self, company: Company, webhook: Json, entity: str, action: str, entity_id: int, user: int, correlation: str
    ) -> Json:
        now = self.clock.now()
        if webhook["version"] == "1.0":
            micro = int(now.timestamp() * 1_000_000)
            who: Json = {"action": _V1_ACTIONS[action], "object": entity, "id": entity_id, "company_id": company.id}
            who |= {"user_id": user, "timestamp": micro // 1_000_000, "timestamp_micro": micro}
            return who | {"webhook_id": str(webhook["id"]), "host": f"{company.domain}.pipedrive.com"}
        # ids in meta are strings in the vendor's examples
        return {
            "action": action,
            "entity": entity,
            "entity_id": str(entity_id),
            "id": str(uuid.uuid4()),
            "correlation_id": correlation,
            "company_id": str(company.id),
            "user_id": str(user),
            "webhook_id": str(webhook["id"]),
            "webhook_owner_id": str(webhook["owner_id"]),
            "type": webhook["type"],
            "timestamp": event_time(now),
            "host": f"{company.domain}.pipedrive.com",
            "permitted_user_ids": [str(user_id) for user_id in company.users],
        }

    def _maker(self, webhook: Json, topic: str, event: Json) -> Callable[[int], Outgoing]:
        headers = {"Content-Type": "application/json", "User-Agent": "Pipedrive Webhooks", **_login(webhook)}

        def make(attempt: int) -> Outgoing:
            body = deepcopy(event)
            if webhook["version"] == "1.0":
                body["retry"] = attempt - 1
            else:
                body["meta"]["attempt"] = attempt
                if attempt > 1 and self.faults.take(frozenset({FRESH_ID}), topic=topic):
                    body["meta"]["id"] = str(uuid.uuid4())
            return Outgoing(webhook["subscription_url"], headers, json.dumps(body, ensure_ascii=False).encode())

        return make


def _concerned(company: Company, webhook: Json, entity: str, action: str, record: Json) -> bool:
    if (
        not webhook["is_active"]
        or webhook["event_object"] not in {"*", entity}
        or webhook["event_action"] not in {"*", action}
    ):
        return False
    return visible(company, webhook["user_id"], record)


def visible(company: Company, user_id: int, record: Json) -> bool:
    """Administrators see everything; visible_to 1 means the owner only."""
    user = company.users[user_id]
    return bool(user["is_admin"] or record.get("visible_to") != 1 or record.get("owner_id") == user_id)


def _v2_event(company: Company, entity: str, action: str, before: Json | None, after: Json | None) -> dict[str, Any]:
    old = payloads.v2_record(company, entity, before) if before else None
    new = payloads.v2_record(company, entity, after) if after else None
    if action == "create" and new is not None:
        new["update_time"] = None if entity == "deal" else new["update_time"]  # can be null right after creation
    previous = payloads.changed(old, new) if old and new else old
    meta = {"version": "2.0", "is_bulk_edit": False, "change_source": "app"}
    return {"data": new, "previous": previous, "meta": meta}


def _v1_event(company: Company, entity: str, action: str, before: Json | None, after: Json | None) -> dict[str, Any]:
    matches: Json = {"current": []}
    meta: Json = {"v": 1, "trans_pending": False, "is_bulk_update": False, "pipedrive_service_name": False}
    meta |= {"permitted_user_ids": list(company.users), "matches_filters": matches, "change_source": "app"}
    return {
        "v": 1,
        "matches_filters": matches,
        "meta": meta,
        "current": payloads.v1_record(company, entity, after) if after else None,
        "previous": payloads.v1_record(company, entity, before) if before else None,
        "event": f"{_V1_ACTIONS[action]}.{entity}",
    }


def _login(webhook: Json) -> dict[str, str]:
    user, password = webhook["http_auth_user"], webhook["http_auth_password"]
    if user is None and password is None:
        return {}
    pair = f"{user or ''}:{password or ''}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
