"""From a platform's list to rows, and from a row to our terms, as the template's `syncs` say. Pure.

A revision is written so that text order is age order: a version as 20 digits, a time as ISO in UTC with microseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from taxpoynt.connector_kit.template_polling import TimeForm
from taxpoynt.connector_kit.template_syncs import Revision, Sync, Term
from taxpoynt.domain.catalogue import CatalogueItem, Customer, Kind, Row, StockLevel
from taxpoynt.domain.party import Address, Classification
from taxpoynt.domain.source import read_json
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.rules import named
from taxpoynt.mapping.transforms import TRANSFORMS, NoValue, text_of

MAX_RECORD = 32_768
"""Bytes of one kept row; a larger one is counted as unreadable, never cut off."""
VERSION_DIGITS = 20
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_FALSE = (None, False, "", "false", "0", 0)
"""Platforms write truth as true, "true" or 1, and a time of deletion that is not there as null or "" ."""

M = TypeVar("M", CatalogueItem, Customer, StockLevel)


def row_of(sync: Sync, shown: Any, as_of: datetime) -> Row | None:
    """One element of a list as a row; None when it cannot be one (no usable id, too large)."""
    row_id = _id(sync, shown)
    if row_id is None or not isinstance(shown, Mapping):
        return None
    gone = _true(sync.gone, shown)
    record = b"" if gone else canonical(cut(shown, sync.keep))
    if len(record) > MAX_RECORD:
        return None
    return Row(
        id=row_id,
        revision=revision_of(sync.revision, shown),
        as_of=as_of,
        record=record,
        gone=gone,
        archived=_true(sync.archived, shown),
        sku=None if gone else _text(sync.sku, shown, 200),
        location=_text(sync.location, shown, 128),
    )


def _id(sync: Sync, shown: Any) -> str | None:
    parts = [_value(part, shown) for part in (sync.id, sync.item, sync.item and sync.location) if part]
    texts = [str(part) for part in parts if isinstance(part, str | int) and not isinstance(part, bool)]
    usable = len(texts) == len(parts) and all(_ID.fullmatch(text) for text in texts)
    return "/".join(texts) if usable and texts else None


def revision_of(revision: Revision | None, shown: Any) -> str:
    """Empty when the row tells none, or none that can be read."""
    found = _value(revision.value, shown) if revision else None
    if revision is None or found is None or isinstance(found, bool):
        return ""
    if revision.by == "version":
        text = str(found)
        return text.zfill(VERSION_DIGITS) if text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS else ""
    moment = moment_of(found)
    return time_mark(moment) if moment else ""


def time_mark(moment: datetime) -> str:
    """A time as revisions write it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(value: Any) -> datetime | None:
    """ISO text (UTC where it names no zone), or seconds or milliseconds since 1970, as number or text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{9,13}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 10**8 < value < 10**13:
        return datetime.fromtimestamp(value / 1000 if value > 10**11 else value, UTC)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def since_of(mark: str, written: TimeForm, overlap_seconds: int) -> str:
    """A time mark, less the overlap, as the platform's filter wants it."""
    moment = (datetime.fromisoformat(mark) - timedelta(seconds=overlap_seconds)).astimezone(UTC)
    if written in ("epoch", "epoch_ms"):
        return str(int(moment.timestamp() * (1000 if written == "epoch_ms" else 1)))
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + _ENDINGS[written]


_ENDINGS: dict[TimeForm, str] = {"seconds": "Z", "offset": "+00:00", "milliseconds": ".000+0000"}


def canonical(record: Any) -> bytes:
    """Equal records have equal bytes."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def cut(shown: Mapping[str, Any], keep: Sequence[str]) -> dict[str, Any]:
    """What stands at the paths of `keep`, in its own shape; what is not there stays absent."""
    wanted: dict[str, Any] = {}
    for path in keep:
        at = wanted
        for step in path.replace("[]", "").split("."):
            at = at.setdefault(step, {})
    found: dict[str, Any] = _cut(shown, wanted)
    return found


def _cut(value: Any, wanted: Mapping[str, Any]) -> Any:
    """An empty `wanted` is everything. Lists are gone through element by element."""
    if not wanted or value is None:
        return value
    if isinstance(value, list):
        return [_cut(one, wanted) for one in value]
    if not isinstance(value, Mapping):
        return value
    rest = wanted.get("*")
    return {
        name: _cut(one, wanted.get(name, rest if rest is not None else {}))
        for name, one in value.items()
        if name in wanted or rest is not None
    }


def terms_of(kind: Kind, sync: Sync, row: Row) -> CatalogueItem | Customer | StockLevel:
    """A kept row in our terms. A value that cannot be brought into them is left out, as on an invoice."""
    record = read_json(row.record) if row.record else {}
    said = {name: value for name, rule in sync.terms.items() if (value := _term(rule, record)) is not None}
    changed = moment_of(said.pop("updated_at", None)) or _changed_at(sync, row)
    plain: dict[str, Any] = {"updated_at": changed}
    if kind == "stock":
        item, _, location = row.id.partition("/")
        return _made(StockLevel, {"item": item, "location": location, **plain}, said)
    plain |= {"id": row.id, "location": row.location, "archived": row.archived}
    if kind == "items":
        classes = {name: said.pop(name, None) for name in Classification.model_fields}
        found = Classification(**classes) if any(classes.values()) else None
        return _made(CatalogueItem, {**plain, "sku": row.sku, "classification": found}, said)
    address = {part: said.pop(f"address.{part}", None) for part in Address.model_fields}
    return _made(Customer, {**plain, "address": Address(**address) if any(address.values()) else None}, said)


def _made(model: type[M], plain: Mapping[str, Any], said: Mapping[str, str]) -> M:
    try:
        return model(**plain, **said)
    except ValidationError as problem:
        unfit = {error["loc"][0] for error in problem.errors(include_url=False, include_context=False)}
        return model(**plain, **{name: value for name, value in said.items() if name not in unfit})


def _changed_at(sync: Sync, row: Row) -> datetime | None:
    by_time = sync.revision is not None and sync.revision.by == "time" and row.revision
    return datetime.fromisoformat(row.revision) if by_time else None


def _term(rule: str | Term, record: Any) -> str | None:
    term = Term(source=rule) if isinstance(rule, str) else rule
    try:
        value = find(term.source, record)
        for spec in term.transforms:
            name, argument = named(spec)
            if value is not None or TRANSFORMS[name].on_none:
                value = TRANSFORMS[name].run(value, argument)
        return None if value is None else text_of(value).strip() or None
    except NoValue:
        return None


def _text(expression: str | None, shown: Any, most: int) -> str | None:
    found = _value(expression, shown) if expression else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    text = str(found).strip()
    return text if text and len(text) <= most and text.isprintable() else None


def _true(expression: str | None, shown: Any) -> bool:
    found = _value(expression, shown) if expression else None
    return found.strip().lower() not in ("", "false", "0") if isinstance(found, str) else found not in _FALSE


def _value(expression: str, shown: Any) -> Any:
    try:
        return find(expression, shown)
    except NoValue:
        return None
