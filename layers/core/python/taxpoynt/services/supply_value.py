"""A person supplies what a held sale lacks, and it goes on at once. Kept beside the record with who, why and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from taxpoynt.conversion.rule_book import RULES
from taxpoynt.conversion.supplied_check import checked
from taxpoynt.domain.status import SaleState
from taxpoynt.domain.supplied import SuppliedValue, SuppliedValues
from taxpoynt.errors import BadInput, Fault, Rejected
from taxpoynt.ports import JobQueue, SaleRecord, WorkflowStarter
from taxpoynt.services import jobs
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.sale_files import put_supplied, sale_of, supplied_of
from taxpoynt.services.steps import STARTING, Stores, in_state

LONGEST_NAME = 100
LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class SupplyValue:
    """Repeating it with the same values changes nothing."""

    stores: Stores
    lists: ListSource
    starter: WorkflowStarter
    queue: JobQueue

    def __call__(
        self, merchant: str, connector: str, sale_id: str, values: Mapping[str, str], *, who: str, why: str, by: str
    ) -> SaleRecord:
        """The sale as it stands afterwards. values: by path (`buyer.tin`); by: `merchant` or `operator`, for history.

        FaultsFound with the code of each value that cannot be; Rejected when the sale waits for no value.
        """
        signed = self._signed(values, who, why)
        record = self.stores.sales.get(merchant, connector, sale_id)
        known = supplied_of(self.stores.blobs, record)
        if not in_state(record, SaleState.NEEDS_ATTENTION):
            if _holds(known, values, signed):
                return record
            raise Rejected("this sale is not held, so there is nothing to supply")
        if not record.sale_key:
            raise Rejected("the record cannot be read as a sale yet: mend it in the source system")
        both = checked(
            sale_of(self.stores.blobs, record),
            values,
            signed,
            known,
            merchant=self.stores.connections.get_merchant(merchant).profile,
            clock=record.clock,
            lists=self.lists.current(),
        )
        return self._go_on(record, put_supplied(self.stores.blobs, merchant, both), values, by)

    def _signed(self, values: Mapping[str, str], who: str, why: str) -> SuppliedValue:
        if not values:
            raise BadInput("give at least one value")
        for name, text, most in (("your name", who, LONGEST_NAME), ("the reason, how you know it", why, LONGEST_WHY)):
            if not text.strip() or len(text) > most or not text.isprintable():
                raise BadInput(f"give {name}, in at most {most} plain characters")
        now = self.stores.clock.now()
        return SuppliedValue(path="", value="", who=" ".join(who.split()), why=" ".join(why.split()), at=now)

    def _go_on(self, record: SaleRecord, supplied_key: str, values: Mapping[str, str], by: str) -> SaleRecord:
        detail = {"paths": ",".join(sorted(values))[:200], "by": by}
        supplied = replace(record, supplied_key=supplied_key)
        if not all(map(of_conversion, record.faults)):
            # its record could not be read: only the newest content may be invoiced, so it is fetched first
            stored = self.stores.sales.change(supplied, action="value_supplied", detail=detail)
            event_id = f"supplied:{record.sale_id}:{stored.version}"
            self.queue.send("bulk", jobs.fetch(stored, event_id=event_id, reason="value_supplied"))
            return stored
        resumed = replace(
            supplied,
            state=SaleState.CLAIMED,
            invoice_key=None,
            checked_key=None,
            attempt=record.attempt + 1,
            faults=(),
            next_action_at=self.stores.clock.now() + STARTING,
        )
        stored = self.stores.sales.change(resumed, action="value_supplied", detail=detail)
        self.starter.start_conversion(stored.merchant, stored.connector, stored.sale_id, stored.attempt)
        return stored


def of_conversion(fault: Fault) -> bool:
    """Did the conversion or NRS find it, and not the reading of the record? Only those a supplied value can mend."""
    return fault.code in RULES or fault.code.startswith("NRS-")


def _holds(known: SuppliedValues, values: Mapping[str, str], signed: SuppliedValue) -> bool:
    mine = {one.path: one.value for one in known.values if (one.who, one.why) == (signed.who, signed.why)}
    return all(mine.get(path) == " ".join(value.split()) for path, value in values.items())
