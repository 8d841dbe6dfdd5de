"""Pages as NRS cuts them: `size=20&page=1&sort_by=created_at&sort_direction_desc=true` unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.sandbox.nrs.problems import Problem

Row = dict[str, Any]
LARGEST = 100


def _whole(args: Mapping[str, str], key: str, default: int) -> int:
    text = args.get(key) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise Problem(f"{key} must be a valid number")
    return int(text)


def page_of(rows: Sequence[tuple[Row, str]], args: Mapping[str, str]) -> dict[str, Any]:
    """The asked page of `(row, created_at)` pairs, in NRS's search shape."""
    size, page = min(_whole(args, "size", 20), LARGEST), _whole(args, "page", 1)
    sort_by = args.get("sort_by") or "created_at"
    descending = (args.get("sort_direction_desc") or "true").lower() == "true"
    ordered = sorted(rows, key=lambda pair: str(pair[0].get(sort_by) or pair[1]), reverse=descending)
    start = (page - 1) * size
    return {
        "items": [row for row, _ in ordered[start : start + size]],
        "page": {
            "page": page,
            "size": size,
            "hasNextPage": start + size < len(ordered),
            "hasPreviousPage": page > 1,
            "totalCount": len(ordered),
        },
        "attributes": None,
    }
