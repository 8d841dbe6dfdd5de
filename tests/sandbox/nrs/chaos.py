"""Every way NRS's calls and notices are known or feared to fail, for chaos plans (`/_control/chaos`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.sandbox.kit import Dice, Fault, Trouble, ordered_fault
from tests.sandbox.nrs.problems import KEY_REFUSED, TRY_LATER

LAGS = frozenset({"confirm_lag", "search_lag"})
"""Fault kinds for a sign: registered and told so, but the look-up named does not know it for `seconds`."""
LYING = "lying_webhook"
"""Fault kind for a notice: another message goes out than the truth."""

PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>upstream prematurely closed</body></html>"
LOGIN_PAGE = "<html><body><form action='/login'>Please sign in to the network to continue</form></body></html>"


def ordered_lag(kind: str) -> float:
    """Seconds of a lag that was ordered for this request, else 0."""
    fault = ordered_fault()
    return fault.seconds if fault and fault.kind == kind else 0.0


def _envelope(dice: Dice, status: int, text: str) -> dict[str, Any]:
    error = {"id": str(UUID(int=dice.getrandbits(128))), "handler": "invoice_actions", "public_message": text}
    return {"code": status, "data": None, "message": "error has occurred", "error": error}


def _same_text(dice: Dice, kind: str, seconds: float = 0) -> Fault:
    """The one sentence NRS has for a number that is used up and for an outage."""
    return Fault(kind, status=400, seconds=seconds, body=_envelope(dice, 400, TRY_LATER))


def _changes_something(method: str, path: str) -> bool:
    """Calls whose work can be done although nobody was told."""
    return method in ("POST", "PATCH") and not path.endswith("/validate")


def _signs(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/sign")


def _outage(dice: Dice) -> Fault:
    status = dice.choice((500, 502, 503, 504))
    return Fault("status", status=status, body=_envelope(dice, status, TRY_LATER))


def _limit(dice: Dice) -> Fault:
    return Fault("rate_limit", seconds=dice.choice((1, 2, 3)))


MENU: Mapping[str, Trouble] = {
    "outage": Trouble(_outage, weight=2),
    "outage_after_commit": Trouble(lambda _: Fault("status_after_commit", status=502), fits=_changes_something),
    "connection_cut": Trouble(lambda _: Fault("drop_before")),
    "cut_after_commit": Trouble(lambda _: Fault("drop_after_commit"), weight=2, fits=_changes_something),
    "same_text": Trouble(lambda dice: _same_text(dice, "status")),
    "same_text_after_commit": Trouble(lambda dice: _same_text(dice, "status_after_commit"), fits=_changes_something),
    "late_after_same_text": Trouble(lambda dice: _same_text(dice, "late_commit", 4), fits=_changes_something),
    "late_after_cut": Trouble(lambda _: Fault("late_commit_drop", seconds=4), fits=_changes_something),
    "silence": Trouble(lambda _: Fault("delay", seconds=22), weight=0.15),
    "silence_after_commit": Trouble(
        lambda _: Fault("delay_after_commit", seconds=22), weight=0.15, fits=_changes_something
    ),
    "slow": Trouble(lambda _: Fault("delay", seconds=1)),
    "drip": Trouble(lambda _: Fault("drip", seconds=2)),
    "half_answer": Trouble(lambda _: Fault("truncate_body")),
    "half_json": Trouble(lambda _: Fault("half_json")),
    "proxy_page": Trouble(lambda _: Fault("status", status=200, body=LOGIN_PAGE)),
    "proxy_page_after_commit": Trouble(
        lambda _: Fault("status_after_commit", status=502, body=PROXY_PAGE), fits=_changes_something
    ),
    "too_many_seconds": Trouble(_limit),
    "too_many_date": Trouble(lambda dice: Fault("rate_limit", seconds=_limit(dice).seconds, body="date")),
    "key_refused": Trouble(
        lambda dice: Fault("status", status=400, body=_envelope(dice, 400, KEY_REFUSED)), weight=0.1
    ),
    "confirm_lag": Trouble(lambda _: Fault("confirm_lag", seconds=4), fits=_signs),
    "search_lag": Trouble(lambda _: Fault("search_lag", seconds=4), fits=_signs),
    "notice_lost": Trouble(lambda _: Fault("drop_webhook"), notice=True),
    "notice_doubled": Trouble(lambda _: Fault("duplicate_webhook"), notice=True),
    "notice_reordered": Trouble(lambda _: Fault("reorder_webhooks", seconds=2), notice=True),
    "notice_late": Trouble(lambda _: Fault("delay_webhook", seconds=3), notice=True),
    "notice_lying": Trouble(lambda _: Fault(LYING), notice=True),
}
"""Name → how. Durations in seconds before the plan's pace; 22 s outlasts a client that waits 20."""
