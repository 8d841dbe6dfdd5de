"""Wiring of submit_invoice."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.submissions import submissions
from taxpoynt.services.submission import Submission
from taxpoynt.services.submit_invoice import SubmitInvoice
from taxpoynt.settings import SubmitInvoiceSettings, load


def submit_invoice() -> SubmitInvoice:
    """The use case with the key pair of now."""
    return SubmitInvoice(_submissions()())


@cache
def _submissions() -> Callable[[], Submission]:
    return submissions(load(SubmitInvoiceSettings, os.environ))
