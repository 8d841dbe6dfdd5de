"""What people do in Pipedrive's own pages: create, change, win, delete, merge. Each change is announced to webhooks."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.pipedrive import seeding, shapes
from tests.sandbox.pipedrive.events import Announcer
from tests.sandbox.pipedrive.times import local_date, v2_time
from tests.sandbox.pipedrive.world import Company

STATUSES = frozenset({"open", "won", "lost"})


class Editor:
    """Changes records of one company as one of its users; `announcer` None makes the changes unheard."""

    def __init__(self, company: Company, now: datetime, announcer: Announcer | None, user: int | None = None) -> None:
        self.company, self.now, self.announcer = company, now, announcer
        self.user: int = company.user(user)["id"]

    def create(self, entity: str, given: Json) -> Json:
        """A new record (a deal with its products and discounts); it may be won from the start."""
        if given.get("id") in self.company.records[entity]:
            raise ControlError(f"there is a {entity} {given['id']} already")
        if entity == "deal":
            status = _known_status(given.get("status", "open"))
            record = seeding.add_deal(self.company, given | {"status": "open"}, self.now)
            self._set_status(record, status)
        else:
            record = shapes.new_record(self.company, entity, given, self.now)
            self.company.records[entity][record["id"]] = record
        self._announce(entity, "create", None, record)
        return record

    def copy_deal(self, deal_id: int, given: Json) -> Json:
        """A new deal like an old one, products and discounts included: many sales from one line of a load test."""
        old = self.record("deal", deal_id)
        kept = {
            key: old[key] for key in ("title", "value", "currency", "org_id", "person_id", "custom_fields", "owner_id")
        }
        lines = [{k: v for k, v in line.items() if k not in {"id", "deal_id"}} for line in self.company.lines[deal_id]]
        discounts = [
            {key: part[key] for key in ("amount", "type", "description")} for part in self.company.discounts[deal_id]
        ]
        return self.create("deal", kept | {"products": deepcopy(lines), "discounts": discounts} | given)

    def change(self, entity: str, record_id: int, patch: Json) -> Json:
        """Sets fields. A deal's status moves its dates along; fields that Pipedrive computes are refused."""
        record = self.record(entity, record_id)
        fixed = (
            {"id", "add_time", "update_time", "org_id"}
            if entity == "organization"
            else {"id", "add_time", "update_time"}
        )
        if bad := sorted((set(patch) - shapes.known_keys(entity)) | (set(patch) & fixed)):
            raise ControlError(f"cannot set {', '.join(bad)} of a {entity}")
        before, record = record, deepcopy(record)
        custom = shapes.check_custom_fields(self.company, entity, patch.get("custom_fields") or {})
        if "status" in patch and entity == "deal":
            self._set_status(record, patch["status"])
        record |= {key: value for key, value in patch.items() if key not in {"status", "custom_fields"}}
        record["custom_fields"] = record["custom_fields"] | custom
        if entity == "organization":
            record["address"] = shapes.address(record["address"])
        if entity == "deal":
            self._follow(record, before)
        self.company.records[entity][record_id] = record  # only now, so that a refused edit changes nothing
        return self._changed(entity, before, record)

    def delete(self, entity: str, record_id: int, merged_into: int | None = None) -> None:
        """Marks it deleted; for 30 days a deleted deal can still be listed."""
        record = self.record(entity, record_id)
        before = deepcopy(record)
        record |= {"is_deleted": True, "update_time": v2_time(self.now)}
        if entity == "deal":
            record["status"] = "deleted"
        meta = {"merged_to_id": str(merged_into)} if merged_into is not None else None
        self._announce(entity, "delete", before, None, meta)

    def merge(self, entity: str, record_id: int, into: int) -> Json:
        """The first is deleted, the second stays; deals and people move over."""
        kept = self.record(entity, into)
        self.delete(entity, record_id, merged_into=into)
        key = {"organization": "org_id", "person": "person_id"}.get(entity, "")
        for other in ("deal", "person"):
            for record in self.company.records[other].values():
                if key and record.get(key) == record_id:
                    record[key] = into
        before = deepcopy(kept)
        kept["update_time"] = v2_time(self.now)
        self._announce(entity, "change", before, kept, {"merged_from_id": str(record_id)})
        return kept

    def set_lines(self, deal_id: int, lines: list[Json]) -> Json:
        """Replaces the product lines; a change of one line's tax_method is a change for all of them."""
        deal = self.record("deal", deal_id)
        before, kept = deepcopy(deal), self.company.lines[deal_id]
        self.company.lines[deal_id] = []
        try:
            for given in lines:
                line_id = given.get("id") or max(
                    [seeding.next_line_id(self.company), *(line["id"] + 1 for line in kept)]
                )
                line = shapes.new_line(self.company, deal, given | {"deal_id": deal_id}, line_id, self.now)
                self.company.lines[deal_id].append(line)
            seeding.check_parts(self.company, deal_id)
        except ValueError:
            self.company.lines[deal_id] = kept
            raise
        seeding.revalue(self.company, deal)
        return self._changed("deal", before, deal)

    def change_line(self, deal_id: int, line_id: int, patch: Json) -> Json:
        """Sets fields of one line."""
        lines = deepcopy(self.company.lines[self.record("deal", deal_id)["id"]])
        if line_id not in {line["id"] for line in lines}:
            raise ControlError(f"deal {deal_id} has no product line {line_id}")
        for line in lines:
            if line["id"] == line_id:
                line |= patch | {"update_time": v2_time(self.now)}
            elif "tax_method" in patch:
                line["tax_method"] = patch["tax_method"]
        return self.set_lines(deal_id, lines)

    def set_discounts(self, deal_id: int, discounts: list[Json]) -> Json:
        """Replaces the discounts on the whole deal."""
        deal = self.record("deal", deal_id)
        before = deepcopy(deal)
        made = [shapes.new_discount(deal, given, self.user, self.now) for given in discounts]
        self.company.discounts[deal_id] = made
        seeding.revalue(self.company, deal)
        return self._changed("deal", before, deal)

    def record(self, entity: str, record_id: int) -> Json:
        """ControlError when there is none."""
        found = self.company.records[entity].get(record_id)
        if found is None:
            raise ControlError(f"there is no {entity} {record_id}")
        return found

    def _set_status(self, deal: Json, status: Any) -> None:
        if _known_status(status) == deal["status"]:
            return
        moment = v2_time(self.now)
        won, lost = (moment if status == "won" else None), (moment if status == "lost" else None)
        closed = won or lost
        deal |= {"status": status, "won_time": won, "lost_time": lost, "close_time": closed}
        deal["first_won_time"] = deal["first_won_time"] or won  # stays when the deal is opened again
        zone = self.company.timezone
        deal |= {"local_won_date": local_date(won, zone), "local_lost_date": local_date(lost, zone)}
        deal["local_close_date"] = local_date(closed, zone)

    def _follow(self, deal: Json, before: Json) -> None:
        for entity, key in (("organization", "org_id"), ("person", "person_id")):
            if deal[key] is not None:
                self.record(entity, deal[key])
        if deal["stage_id"] != before["stage_id"]:
            deal["stage_change_time"] = v2_time(self.now)
        if deal["is_archived"] != before["is_archived"]:
            deal["archive_time"] = v2_time(self.now) if deal["is_archived"] else None
        seeding.revalue(self.company, deal)

    def _changed(self, entity: str, before: Json, record: Json) -> Json:
        if record != before:
            record["update_time"] = v2_time(self.now)
            self._announce(entity, "change", before, record)
        return record

    def _announce(
        self, entity: str, action: str, before: Json | None, after: Json | None, meta: Json | None = None
    ) -> None:
        if self.announcer:
            self.announcer.announce(self.company, entity, action, before, after, user=self.user, meta=meta)


def _known_status(status: Any) -> str:
    if status not in STATUSES:
        raise ControlError(f'"status" must be one of {", ".join(sorted(STATUSES))}; use DELETE to delete')
    return str(status)
