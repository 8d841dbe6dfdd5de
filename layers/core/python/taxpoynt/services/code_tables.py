"""A merchant's product table in the raw bucket: content-addressed pieces, so that a sale reads a few and never all.

A product's key says in which piece it stands: the SHA-256 of the key modulo the number of pieces. 50,000 products make
64 pieces of some 100 KB; what was read stays in memory.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from taxpoynt.conversion.decided import keys_of
from taxpoynt.domain.decisions import CodeRow
from taxpoynt.domain.ledger import canonical
from taxpoynt.domain.sale import SaleLine
from taxpoynt.ports import BlobStore
from taxpoynt.services.sale_files import JSON, digest

Piece = Mapping[str, Mapping[str, str]]

MOST_PIECES = 64
PER_PIECE = 400
MOST_KEPT = 32


class CodeTables:
    """Product tables as sales ask them. `blobs`: the raw bucket."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._kept: OrderedDict[str, Piece] = OrderedDict()

    def rows(self, body: Mapping[str, Any], lines: Iterable[SaleLine]) -> dict[str, CodeRow]:
        """The rows of the table `body` names for what these lines sell: by product id, else SKU, else name."""
        places: Sequence[str] = body["pieces"]
        found: dict[str, CodeRow] = {}
        for line in lines:
            for key in keys_of(line):
                row = self._piece(places[_place(key, len(places))]).get(key)
                if row is not None:
                    found[key] = CodeRow.model_validate(row)
                    break
        return found

    def _piece(self, place: str) -> Piece:
        """From memory where it was read before: a place names its merchant and its content, so it is never stale."""
        if place not in self._kept:
            self._kept[place] = json.loads(self._blobs.get(place))
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(place)
        return self._kept[place]


def put_table(
    blobs: BlobStore, merchant: str, original: bytes, entries: Mapping[str, CodeRow], rows: int
) -> dict[str, Any]:
    """Keeps the file as it came, and its pieces; answers the body of the version that names them."""
    count = 1
    while count < MOST_PIECES and len(entries) > count * PER_PIECE:
        count *= 2
    pieces: list[dict[str, Any]] = [{} for _ in range(count)]
    for key, row in entries.items():
        pieces[_place(key, count)][key] = row.model_dump(exclude_none=True)
    kept = blobs.put(f"{merchant}/codes/{digest(original)}.csv", original, content_type="text/csv; charset=utf-8")
    places = [_put(blobs, merchant, piece) for piece in pieces]
    return {"version": 1, "rows": rows, "keys": len(entries), "original": kept, "pieces": places}


def _put(blobs: BlobStore, merchant: str, piece: Piece) -> str:
    data = canonical(piece)
    return blobs.put(f"{merchant}/codes/{digest(data)}.json", data, content_type=JSON)


def _place(key: str, count: int) -> int:
    return int.from_bytes(sha256(key.encode("utf-8", "surrogatepass")).digest()[:4], "big") % count
