"""One tree of errors; the first level says what the caller must do.

`Retryable`: the same call may succeed later, nothing about the input is wrong.
`Rejected`: the same call will fail again; somebody must change something.

Step Functions matches error names exactly and knows no base classes, so `edge.step`
re-raises the verdict (`Retryable` or `Rejected`) and keeps the leaf's name in the message.
Messages carry ids and codes, never bodies, tokens or buyer data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """What the other side answered, for safekeeping only: it may quote the buyer, so it is in no message."""

    status: int
    body: bytes = field(repr=False)


class TaxPoyntError(Exception):
    """Base of everything we raise; never raised itself.

    said: the answer behind the error, where a whole one came; answered: the other side spoke in its own words, so it
    is not down, whatever it said.
    """

    said: Said | None = None
    answered: bool = False

    def __init__(self, message: str = "", *, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class Retryable(TaxPoyntError):
    """Try the same again later. `retry_after` in seconds where the other side named one."""

    def __init__(self, message: str = "", *, retry_after: float | None = None, request_id: str | None = None) -> None:
        super().__init__(message, request_id=request_id)
        self.retry_after = retry_after


class Rejected(TaxPoyntError):
    """Trying the same again will fail again."""


# --- what happened, when trying again helps ---------------------------------------------------------------------


class RateLimited(Retryable):
    """The other side asked us to slow down."""


class PlatformUnavailable(Retryable):
    """A platform answered 5xx, timed out or refused the connection."""


class NrsUnavailable(Retryable):
    """NRS answered with an outage, and nothing was registered by this call."""


class OutcomeUnknown(Retryable):
    """A call that may have taken effect did not tell us; look up before sending again.

    faults: what it is, should it turn out that the answer was a refusal after all; empty where there was none.
    """

    faults: tuple[Fault, ...] = ()


class CircuitOpen(Retryable):
    """The other side failed too often just now; no call was made. `retry_after` says when to come back."""


class OutOfTime(Retryable):
    """This call's time is nearly used up: what is left is done by the next one instead of being cut off."""


class Busy(Retryable):
    """Somebody else holds the claim or lease right now."""


class StoreConflict(Retryable):
    """A conditional write lost against a concurrent one; read again and decide again."""


# --- what happened, when somebody must act ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken numbered rule.

    code: stable, e.g. `BUYER-002`; path: where in the invoice (or source record), dotted with indexes;
    message: what is wrong, in the merchant's words; remedy: what to do about it.
    """

    code: str
    path: str
    message: str
    remedy: str


class FaultsFound(Rejected):
    """The document breaks numbered rules; the merchant can mend it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("faults: " + ", ".join(sorted({fault.code for fault in faults})))
        self.faults = tuple(faults)


class CreditTooLarge(Rejected):
    """Credit notes may not take more from a document than it says."""


class NotFound(Rejected):
    """The thing asked for does not exist, or not for this merchant (which looks the same on purpose)."""


class SignatureMismatch(Rejected):
    """A webhook that its platform did not send."""


class NeedsReauthorisation(Rejected):
    """The platform refuses our grant; the merchant must connect again."""


class PlatformRefused(Rejected):
    """A platform refused a request for a reason that repeating does not change."""


class NrsRefused(Rejected):
    """NRS refused the document; `faults` holds its reason in our shape."""

    def __init__(self, message: str, faults: Sequence[Fault] = (), *, request_id: str | None = None) -> None:
        super().__init__(message, request_id=request_id)
        self.faults = tuple(faults)


class NrsKeyRefused(Rejected):
    """NRS refused our key pair: stop this identity's queue and alert; no retry loop."""


class ContentConflict(Rejected):
    """NRS holds this IRN with other content than ours: stop and alert."""


class BadInput(Rejected):
    """What we were given cannot be read; the message says what was expected."""


class ConfigurationError(Rejected):
    """Settings, templates or secrets are wrong; the operator must mend them."""
