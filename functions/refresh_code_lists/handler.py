"""refresh_code_lists: called by the scheduler; answers counts. An operator may name lists that may shrink."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from taxpoynt.bootstrap import refresh_code_lists as wiring
from taxpoynt.edge import tick


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    def refresh_code_lists() -> Callable[[], Mapping[str, int]]:
        return partial(wiring.refresh_code_lists(), tuple(event.get("accept_smaller", ())))

    return tick(refresh_code_lists, context)
