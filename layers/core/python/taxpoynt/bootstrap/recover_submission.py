"""Wiring of recover_submission."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.submissions import submissions
from taxpoynt.services.recover_submission import RecoverSubmission
from taxpoynt.services.submission import Submission
from taxpoynt.settings import RecoverSubmissionSettings, load


def recover_submission() -> RecoverSubmission:
    """The use case with the key pair of now."""
    return RecoverSubmission(_submissions()(), secrets.SystemRandom().random)


@cache
def _submissions() -> Callable[[], Submission]:
    return submissions(load(RecoverSubmissionSettings, os.environ))
