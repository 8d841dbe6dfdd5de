"""From an IRN back to its source: made again from what was kept, byte for byte, and why each field is so (P7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from taxpoynt.domain.inputs import ConversionInputs, Reading
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.source import SourceBundle, read_json
from taxpoynt.errors import NotFound, TaxPoyntError
from taxpoynt.mapping.engine import Explained
from taxpoynt.ports import BlobStore, Connector, SaleReading, SaleRecord, SaleStore
from taxpoynt.services.conversion_inputs import converted
from taxpoynt.services.current_lists import ListSource
from taxpoynt.services.explain_fields import Ground, explained, leaves
from taxpoynt.services.final_invoice import BodyMaker, numbered
from taxpoynt.services.sale_files import body_of, digest, inputs_of, invoice_of, sale_at, sale_of

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExplainInvoice:
    """Reads only. `software` names the code that runs now."""

    sales: SaleStore
    blobs: BlobStore
    connector: Callable[[str], Connector]
    lists: ListSource
    body: BodyMaker
    software: str

    def __call__(self, merchant: str, irn: str) -> Shown:
        """What was sent, whether it comes out the same today, and why each field is what it is.

        `rebuilt.same` is True only when record → sale and sale → bytes both come out as they were; otherwise
        `differences` says where, first. NotFound for an IRN that was never reserved, or for another merchant's.
        """
        record = self.sales.find_by_irn(merchant, irn)
        if not record.body_key:
            raise NotFound("nothing was sent under this IRN yet")
        inputs, sent = inputs_of(self.blobs, record), body_of(self.blobs, record)
        invoice, rebuilt, mapped = self._again(record, inputs, sent)
        ground = Ground(invoice, self._converted_sale(record, inputs), inputs, mapped, record.lists_version)
        return {
            **_identity(record, irn),
            "rebuilt": rebuilt,
            "made_from": {**_versions(inputs, self.software), "catalogue": self._from_catalogue(inputs)},
            "fields": explained(read_json(sent), ground),
            "trace": [entry.model_dump() for entry in invoice.trace],
            "history": self._history(record),
        }

    def _again(self, record: SaleRecord, inputs: ConversionInputs, sent: bytes) -> tuple[Invoice, Shown, Sequence[Any]]:
        """The invoice (as made again, else as kept), how it compares, and the mapping rules that were asked."""
        kept, differences = sale_of(self.blobs, record), []
        sale, mapped, problem = self._sale(inputs, kept)
        if sale is not None and sale != kept:
            differences.append({"step": "record to sale", **_first_difference(_plain(kept), _plain(sale))})
        invoice, made, why = self._bytes(record, inputs, self._converted_sale(record, inputs))
        if made is not None and made != sent:
            differences.append({"step": "sale to bytes", **_first_difference(read_json(sent), read_json(made))})
        problems = [each for each in (problem, why) if each]
        shown = {
            "same": made == sent and not differences and not problems,
            "sha256_sent": digest(sent),
            "sha256_rebuilt": digest(made) if made is not None else None,
            "differences": differences,
            "problems": problems,
        }
        return invoice or invoice_of(self.blobs, record), shown, mapped

    def _converted_sale(self, record: SaleRecord, inputs: ConversionInputs) -> Sale:
        """The claimed sale, or the copy of it that was fitted to the invoice it refunds."""
        return sale_at(self.blobs, inputs.sale_key or record.sale_key)

    def _sale(self, inputs: ConversionInputs, kept: Sale) -> tuple[Sale | None, Sequence[Explained], str]:
        """Read again from the platform's own answers; a correction's sale is the difference that was kept."""
        reading = inputs.reading
        if reading is None:
            return None, (), "by which template and rules this record was read was not kept"
        try:
            again = self._read(reading)
        except TaxPoyntError as error:
            return None, (), f"the source record cannot be read again: {type(error).__name__}: {error}"
        return (kept if inputs.difference else again.sale), again.explained, ""

    def _from_catalogue(self, inputs: ConversionInputs) -> list[str]:
        """Which records were rows of the catalogue, each as of when: the rest were fetched for the sale."""
        if inputs.reading is None:
            return []
        try:
            return SourceBundle.from_bytes(self.blobs.get(inputs.reading.record_key)).from_catalogue()
        except NotFound:
            return []

    def _read(self, reading: Reading) -> SaleReading:
        bundle = SourceBundle.from_bytes(self.blobs.get(reading.record_key))
        return self.connector(reading.connector).read(
            bundle,
            account=reading.account,
            mapping=reading.mapping,
            operator=reading.operator_mapping,
            settings=reading.settings,
        )

    def _bytes(
        self, record: SaleRecord, inputs: ConversionInputs, sale: Sale
    ) -> tuple[Invoice | None, bytes | None, str]:
        if inputs.issue_date is None:
            return None, None, "from what this invoice was converted was not kept"
        try:
            draft, _ = converted(sale, inputs, self.lists.of(inputs.lists_version))
            invoice = numbered(record, draft)
            return invoice, self.body(invoice), ""
        except TaxPoyntError as error:
            return None, None, f"the invoice cannot be made again: {type(error).__name__}: {error}"

    def _history(self, record: SaleRecord) -> list[Shown]:
        entries = self.sales.history(record.merchant, record.connector, record.sale_id)
        return [
            {"at": one.at.isoformat(), "action": one.action, "state": one.after.value, "detail": dict(one.detail)}
            for one in entries
        ]


def _identity(record: SaleRecord, irn: str) -> Shown:
    return {
        "irn": irn,
        "merchant": record.merchant,
        "connector": record.connector,
        "sale_id": record.sale_id,
        "document": record.document,
        "corrects": record.corrects,
        "state": record.state.value,
        "number": record.number,
        "body_key": record.body_key,
    }


def _versions(inputs: ConversionInputs, software: str) -> Shown:
    reading = inputs.reading
    return {
        "record_key": reading.record_key if reading else None,
        "template": reading.template if reading else None,
        "mapping": reading.mapping_version if reading else None,
        "rules": {one.layer: {"version": one.number, "digest": one.digest} for one in reading.versions}
        if reading
        else {},
        "profile_version": inputs.profile_version,
        "lists_version": inputs.lists_version,
        "difference": inputs.difference.model_dump(mode="json") if inputs.difference else None,
        "supplied": [one.model_dump(mode="json") for one in inputs.supplied.values],
        "software": inputs.software,
        "software_now": software,
        "software_changed": bool(inputs.software) and inputs.software != software,
    }


def _plain(sale: Sale) -> Any:
    return sale.model_dump(mode="json")


def _first_difference(kept: Any, again: Any) -> Shown:
    """The first leaf, in the order of what was kept, that is other than it was."""
    was, now = dict(leaves(kept)), dict(leaves(again))
    for path in (*was, *now):
        if was.get(path) != now.get(path):
            return {"field": path, "was": _shown(was.get(path)), "now": _shown(now.get(path))}
    return {"field": "", "was": "the same values", "now": "written otherwise"}


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)
