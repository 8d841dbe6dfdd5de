"""Every call to the outside: time passes, others run, and the caller may die before or after it takes effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtests.simulation.hub import Hub, Killed
from taxpoynt.errors import Retryable, TaxPoyntError


@dataclass
class Faults:
    """How likely what is, a call or a message. All nought once the faults have stopped."""

    on: bool = True
    death: float = 0.004
    throttle: float = 0.003
    lost_answer: float = 0.002
    stall: float = 0.004
    duplicate: float = 0.12
    lost_event: float = 0.08
    counts: dict[str, int] = field(default_factory=dict)

    def hit(self, hub: Hub, kind: str, rate: float) -> bool:
        """Does it happen now?"""
        if not self.on or hub.random.random() >= rate:
            return False
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return True


class Port:
    """`target` as the actors reach it. `owner` tells from the arguments of a call whose data it touches."""

    def __init__(
        self,
        target: Any,
        name: str,
        hub: Hub,
        faults: Faults,
        *,
        owner: Callable[[tuple[Any, ...]], str | None],
        crossed: list[str],
        outside: bool = False,
        after: Callable[[Any], None] | None = None,
    ) -> None:
        self._target, self._name, self._hub, self._faults = target, name, hub, faults
        self._owner, self._crossed, self._outside = owner, crossed, outside
        self._after = after
        self._calls: dict[str, Callable[..., Any]] = {}

    def __getattr__(self, name: str) -> Any:
        call = self._calls.get(name)
        if call is None:
            found = getattr(self._target, name)
            if not callable(found):
                return found
            call = self._calls[name] = self._wired(found, f"{self._name}.{name}")
        return call

    def _wired(self, found: Callable[..., Any], label: str) -> Callable[..., Any]:
        hub, faults = self._hub, self._faults

        def call(*args: Any, **kwargs: Any) -> Any:
            actor = hub.actor
            if actor is None:  # the world itself looks
                return found(*args, **kwargs)
            self._tenant(label, args)
            slow = faults.hit(hub, "stall", faults.stall)
            hub.give_way(hub.random.uniform(20, 150) if slow else hub.random.random() * 0.03)
            _alive(hub, faults, f"before {label}")
            self._broken("throttle", faults.throttle, label)
            answer = self._done(found, label, args, kwargs)
            _alive(hub, faults, f"after {label}")
            self._broken("lost answer", faults.lost_answer, label)
            return answer

        return call

    def _done(self, found: Callable[..., Any], label: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The call itself: one atomic step."""
        hub = self._hub
        try:
            answer = found(*args, **kwargs)
        except TaxPoyntError as error:
            if hub.lines is not None:
                hub.say(f"{label}{_short(args)} !! {type(error).__name__}: {error}")
            raise
        if self._after is not None:
            self._after(answer)
        if hub.lines is not None:
            hub.say(f"{label}{_short(args)} -> {_short((answer,))}")
        return answer

    def _broken(self, kind: str, rate: float, label: str) -> None:
        """AWS does not take the call, or took it and the answer is lost. What NRS does is its own model's business."""
        actor = self._hub.actor
        if not self._outside and actor and actor.mortal and self._faults.hit(self._hub, kind, rate):
            self._hub.say(f"{label}: {kind}")
            raise Retryable(f"{label}: {kind}")

    def _tenant(self, label: str, args: tuple[Any, ...]) -> None:
        actor = self._hub.actor
        owner = self._owner(args) if args else None
        if actor and actor.merchant and owner and owner != actor.merchant:
            self._crossed.append(f"{actor.name} of {actor.merchant} calls {label} for {owner}")


def _alive(hub: Hub, faults: Faults, where: str) -> None:
    actor = hub.actor
    if actor is None:
        return
    if actor.deadline is not None and hub.now >= actor.deadline:
        raise Killed(f"Sandbox.Timedout {where}")
    if actor.mortal and faults.hit(hub, "death", faults.death * actor.mortal):
        raise Killed(f"Runtime.ExitError {where}")


def _short(values: tuple[Any, ...]) -> str:
    return "(" + ", ".join(_one(value) for value in values) + ")"


def _one(value: Any) -> str:
    if hasattr(value, "sale_id") and hasattr(value, "version"):
        doubt = " in doubt" if value.in_doubt else ""
        how = f"{value.state.value}{doubt} tries={value.tries} irn={value.irn}"
        return f"<{value.merchant} {value.sale_id} v{value.version} {how}>"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, (Mapping, list, tuple)):
        return str(value)[:100]
    return str(value)[:90]


def merchant_first(args: tuple[Any, ...]) -> str | None:
    """Most ports take the merchant, or a record of his, first."""
    first = args[0]
    if isinstance(first, str):
        return first if first.startswith("m_") else None
    return getattr(first, "merchant", None)


def key_prefix(args: tuple[Any, ...]) -> str | None:
    """The bucket's keys begin with the merchant."""
    first = args[0] if isinstance(args[0], str) else (args[0] or [""])[0]
    owner = str(first).partition("/")[0]
    return owner if owner.startswith("m_") else None


def scope_owner(args: tuple[Any, ...]) -> str | None:
    """Rules are asked by scopes; the first is the merchant's own."""
    return str(args[0][0].owner)


def nobody(args: tuple[Any, ...]) -> str | None:
    """Belongs to no merchant."""
    return None
