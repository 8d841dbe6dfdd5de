"""What NRS says when it refuses, in its own words where they are known (reference, section 13)."""

from __future__ import annotations

GENERIC = "validation failed: we are unable to process your request. also confirm this is not a duplicate request"
KEY_REFUSED = "unable to validate api key"
IRN_REFUSED = "irn validation failed for this business, refer to the template and try again"
TRY_LATER = "unable to complete this operation at this time, kindly try again later"
TERMINAL = "invoice is in a terminal state and cannot be updated"
NOT_SIGNED = "can only update payment status of invoices that have been signed"
NO_WEBHOOK = "webhook url is not setup"
NO_ROUTE = "no route found for this path. kindly check your request and try again"


class Problem(Exception):
    """One refusal: HTTP status, NRS's handler name, and the two texts. `details` None leaves the key out."""

    def __init__(
        self,
        details: str | None = None,
        *,
        public: str = GENERIC,
        status: int = 400,
        handler: str = "invoice_actions",
    ) -> None:
        super().__init__(details or public)
        self.details = details
        self.public = public
        self.status = status
        self.handler = handler


def sentence(text: str, *, status: int = 400, handler: str = "invoice_actions") -> Problem:
    """A refusal whose useful text is the public message itself; NRS names no details for these."""
    return Problem(public=text, status=status, handler=handler)
