"""A row of the catalogue table, and the filters over rows."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from taxpoynt.domain.catalogue import Feed, Known, Row
from taxpoynt.ports.catalogue import Wish
from taxpoynt.storage.catalogue_keys import partition
from taxpoynt.storage.items import iso

KNOWN = ("pk", "sk", "revision", "as_of", "digest", "ttl")
"""What decides whether a row is newer."""
_END = "\x1f"
"""Between a SKU and an id: no SKU holds it, because only printable ones are kept."""


def item_of(pk: str, row: Row, ttl: int) -> dict[str, Any]:
    """As it is stored: packed, because a write is paid by the kilobyte."""
    return {
        "pk": pk,
        "sk": row.id,
        "revision": row.revision,
        "as_of": iso(row.as_of),
        "digest": row.digest,
        "record": zlib.compress(row.record, 6) if row.record else None,
        "gone": True if row.gone else None,
        "archived": True if row.archived else None,
        "shop": row.location,
        "sku_pk": pk if row.sku else None,
        "sku_sk": f"{row.sku}{_END}{row.id}" if row.sku else None,
        "ttl": ttl,
    }


def row_of(item: Mapping[str, Any]) -> Row:
    """What `item_of` wrote."""
    packed = item.get("record")
    sku = item.get("sku_sk")
    return Row(
        id=item["sk"],
        revision=item["revision"],
        as_of=datetime.fromisoformat(item["as_of"]),
        record=zlib.decompress(packed) if packed else b"",
        gone=bool(item.get("gone")),
        archived=bool(item.get("archived")),
        sku=str(sku).partition(_END)[0] if sku else None,
        location=item.get("shop"),
    )


def known_of(item: Mapping[str, Any] | None) -> Known | None:
    """As much of it as `judge` wants."""
    if item is None:
        return None
    return Known(revision=item["revision"], as_of=datetime.fromisoformat(item["as_of"]), digest=str(item["digest"]))


def sku_range(sku: str) -> tuple[str, str]:
    """Every id with this SKU."""
    return f"{sku}{_END}", f"{sku}{_END}~"


def wish_query(feed: Feed, wish: Wish) -> tuple[str, str | None, dict[str, Any]]:
    """Which keys to read, a filter over what was read (None: every row fits), and the values of both."""
    condition = "pk = :pk"
    values: dict[str, Any] = {"pk": partition(feed)}
    if wish.item is not None:
        condition += " AND begins_with(sk, :item)"
        values["item"] = f"{wish.item}/"
    parts = [] if wish.gone else ["attribute_not_exists(gone)"]
    if not wish.archived:
        parts.append("attribute_not_exists(archived)")
    if wish.location is not None:
        parts.append("shop = :shop")
        values["shop"] = wish.location
    if wish.since is not None:
        parts.append("as_of >= :since")
        values["since"] = iso(wish.since)
    return condition, " AND ".join(parts) or None, values
