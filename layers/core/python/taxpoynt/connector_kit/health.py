"""Is a connection well? Asks the platform once with its token, and for its subscriptions where we make them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from taxpoynt.connector_kit.subscribing import standing
from taxpoynt.connector_kit.template import Template
from taxpoynt.errors import NeedsReauthorisation, Rejected, Retryable
from taxpoynt.ports import PlatformApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """token: works; refused (the merchant must connect again); no answer (the platform's trouble, not the grant's).

    subscriptions: `5 of 5` in words; problem: the kind of error, never its text. For people and for the record.
    """

    token: Literal["works", "refused", "no answer", "not asked"]
    subscriptions: str
    problem: str = ""

    @property
    def well(self) -> bool:
        """Nothing to do for anybody."""
        return self.token in ("works", "not asked") and not self.problem


def look(api: PlatformApi, template: Template, subscriptions: Iterable[str]) -> Health:
    """What stands there now. `subscriptions`: the ids of those that are ours. Raises nothing that a platform does."""
    wanted = tuple(subscriptions)
    try:
        asked = _ask(api, template)
        there = _there(api, template, wanted)
    except NeedsReauthorisation as problem:
        return Health(token="refused", subscriptions="not asked", problem=type(problem).__name__)  # noqa: S106 (a word)
    except Retryable as problem:
        return Health(token="no answer", subscriptions="not asked", problem=type(problem).__name__)  # noqa: S106 (a word)
    except Rejected as problem:
        return Health(token="works", subscriptions="not asked", problem=type(problem).__name__)  # noqa: S106 (a word)
    token: Literal["works", "not asked"] = "works" if asked or there is not None else "not asked"
    if there is None:
        return Health(token=token, subscriptions=_unasked(template))
    lacking = "" if there == len(wanted) and wanted else "SubscriptionsMissing"
    return Health(token=token, subscriptions=f"{there} of {len(wanted)}", problem=lacking)


def _ask(api: PlatformApi, template: Template) -> bool:
    """The cheapest question we know: the first about the account. False where the token itself says whose it is."""
    for question in template.oauth.account.read.values():
        api.get(question.path, question.params or None)
        return True
    return False


def _there(api: PlatformApi, template: Template, wanted: tuple[str, ...]) -> int | None:
    """How many of ours are there and active; None where we make none."""
    if template.webhooks is None or template.webhooks.subscribe != "api":
        return None
    there = standing(api, template)
    return sum(there.get(one, False) for one in set(wanted))


def _unasked(template: Template) -> str:
    if template.webhooks is None:
        return "none: polled only"
    return f"made by the {template.webhooks.subscribe}"
