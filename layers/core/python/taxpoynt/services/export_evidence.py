"""A merchant's evidence of a period as one zip that anybody can verify without us (README.txt in the pack).

Written as it goes: one file in memory at a time, lists of files and sales on disk, however long the period.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import IO, Any

from taxpoynt.conversion.list_copy import key_of
from taxpoynt.domain.keys import sale_key
from taxpoynt.domain.ledger import Block, Head, canonical, from_bytes, sha256
from taxpoynt.errors import BadInput, NotFound
from taxpoynt.ports import BlobStore, Clock, HistoryEntry, LedgerStore, SaleRecord, SaleStore
from taxpoynt.services.evidence import places
from taxpoynt.services.pack_file import ROOM, Pack, seal
from taxpoynt.services.sale_files import inputs_of
from taxpoynt.services.seal_ledger import place

PAGE = 100
SKEW = timedelta(minutes=15)
"""Clocks of two functions may differ: the block before the first one needed by time is taken too."""
VERSION = 1


@dataclass(slots=True)
class Counts:
    """What went in."""

    documents: int = 0
    accepted: int = 0
    not_submitted: int = 0
    missing: list[str] = field(default_factory=list)
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExportEvidence:
    """Reads only; what is not sealed yet is in the pack and the script says so."""

    sales: SaleStore
    blobs: BlobStore
    ledger: LedgerStore
    clock: Clock

    def __call__(self, merchant: str, first: date, last: date, out: IO[bytes]) -> dict[str, Any]:
        """Writes the pack of documents with an issue date from `first` to `last` to `out`; the manifest.

        out: empty, and can be read back. BadInput when the period is none.
        """
        if first > last:
            raise BadInput("the period ends before it begins")
        manifest = self._written(merchant, first, last, out)
        seal(out)
        return manifest

    def _written(self, merchant: str, first: date, last: date, out: IO[bytes]) -> dict[str, Any]:
        head = self.ledger.head(merchant)  # first: what is sealed while the pack is made is not told as its end
        with (
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
            tempfile.TemporaryFile() as digests,
            tempfile.TemporaryFile() as listed,
            tempfile.TemporaryFile() as table,
        ):
            pack, counts = Pack(archive, digests), Counts()
            for name in ("README.txt", "verify.py"):
                pack.add(name, (files("taxpoynt.evidence_pack") / name).read_bytes())
            for record in self._in(merchant, first, last):
                self._sale(pack, counts, record, listed)
            begin = self._blocks(pack, head, counts, table)
            pack.add_open("sales.jsonl", listed)
            pack.add_open("entries.csv", table)
            return self._close(pack, counts, head, begin, (merchant, first, last))

    def _in(self, merchant: str, first: date, last: date) -> Iterator[SaleRecord]:
        """Newest day first, as the store lists them."""
        cursor = None
        while True:
            page, cursor = self.sales.list_sales(merchant, limit=PAGE, cursor=cursor)
            for record in page:
                if first <= record.clock.issue_date <= last:
                    yield record
            if cursor is None or (page and page[-1].clock.issue_date < first):
                return

    def _sale(self, pack: Pack, counts: Counts, record: SaleRecord, listed: IO[bytes]) -> None:
        if record.body_key is None:
            counts.not_submitted += 1
            return
        entries = self.sales.history(record.merchant, record.connector, record.sale_id)
        counts.documents += 1
        counts.accepted += any(entry.action == "accepted" for entry in entries)
        counts.earliest = min(counts.earliest or entries[0].at, entries[0].at)
        for key in (*places(record, entries), *self._more(record)):
            self._blob(pack, counts, key)
        listed.write(canonical(_row(record, entries)) + b"\n")

    def _more(self, record: SaleRecord) -> list[str]:
        """What the inputs name: the code lists, and the sales a correction was made from."""
        try:
            inputs = inputs_of(self.blobs, record)
        except NotFound:
            return []
        keys = [inputs.sale_key, key_of(inputs.lists_version) if inputs.lists_version else ""]
        if difference := inputs.difference:
            keys += [difference.original_sale_key, difference.changed_sale_key or "", *difference.earlier_sale_keys]
        return [key for key in keys if key]

    def _blob(self, pack: Pack, counts: Counts, key: str) -> None:
        name = f"blobs/{key}"
        if pack.has(name):
            return
        try:
            pack.add(name, self.blobs.get(key))
        except NotFound:
            if not key.startswith("shared/"):  # the packaged lists are kept with the first refresh
                counts.missing.append(key)

    def _blocks(self, pack: Pack, head: Head, counts: Counts, table: IO[bytes]) -> int:
        """Every block from the first that can hold an entry of these sales to the head; the first one's number."""
        begin = self._first_block(head, (counts.earliest or self.clock.now()) - SKEW)
        table.write(b"block,place,at,chain,sequence,action,hash\n")
        for number in range(begin, head.number + 1):
            data = self.blobs.get(place(head.merchant, number))
            pack.add(f"ledger/{number:08}.json", data)
            for row in _rows(from_bytes(data)):
                table.write(row)
        return begin

    def _first_block(self, head: Head, moment: datetime) -> int:
        """By halving: the last block sealed before `moment`, so every later entry is in it or after it."""
        low, high = 1, max(head.number, 1)
        while low < high:
            middle = (low + high + 1) // 2
            if self._sealed_before(head.merchant, middle, moment):
                low = middle
            else:
                high = middle - 1
        return low if self._is_kept(head, low) else low + 1

    def _sealed_before(self, merchant: str, number: int, moment: datetime) -> bool:
        try:
            block = from_bytes(self.blobs.get(place(merchant, number)))
        except NotFound:  # purged with everything it could tell of
            return True
        return datetime.fromisoformat(block.sealed_at) < moment

    def _is_kept(self, head: Head, number: int) -> bool:
        try:
            return bool(head.number) and bool(self.blobs.get(place(head.merchant, number)))
        except NotFound:
            return number == head.number

    def _close(
        self, pack: Pack, counts: Counts, head: Head, begin: int, period: tuple[str, date, date]
    ) -> dict[str, Any]:
        merchant, first, last = period
        whole = hashlib.sha256()
        pack.digests.seek(0)
        with pack.archive.open("files.txt", "w") as into:
            while piece := pack.digests.read(1 << 16):
                whole.update(piece)
                into.write(piece)
        manifest: dict[str, Any] = {
            "v": VERSION,
            "merchant": merchant,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "made_at": self.clock.now().isoformat(timespec="seconds"),
            "documents": counts.documents,
            "accepted": counts.accepted,
            "not_submitted": counts.not_submitted,
            "files": pack.files,
            "missing": counts.missing,
            "ledger": {
                "first_block": begin,
                "last_block": head.number,
                "head": head.hash,
                "entries": head.entries,
            },
            "files_sha256": whole.hexdigest(),
        }
        manifest["manifest_sha256"] = sha256(canonical(manifest))
        pack.archive.writestr("manifest.json", canonical(manifest) + b"\n")
        pack.archive.comment = ROOM
        return manifest


def _row(record: SaleRecord, entries: Sequence[HistoryEntry]) -> dict[str, Any]:
    return {
        "chain": sale_key(record.merchant, record.connector, record.sale_id),
        "connector": record.connector,
        "sale_id": record.sale_id,
        "document": record.document,
        "corrects": record.corrects,
        "number": record.number,
        "irn": record.irn,
        "issue_date": record.clock.issue_date.isoformat(),
        "currency": record.currency,
        "total": record.total,
        "state": entries[-1].after.value,
        "first_at": _iso(entries[0].at),
        "entries": len(entries),
    }


def _rows(block: Block) -> Iterator[bytes]:
    for position, entry in enumerate(block.entries, start=block.first):
        cells = (block.number, position, entry["at"], entry["chain"], entry["sequence"], entry["action"], entry["hash"])
        yield ",".join(json.dumps(cell) if isinstance(cell, str) else str(cell) for cell in cells).encode() + b"\n"


def _iso(moment: datetime) -> str:
    """As entries and blocks write it, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
