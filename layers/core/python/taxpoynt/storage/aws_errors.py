"""AWS's error codes as our verdicts.

What is not listed (a missing permission, a wrong name) stays what it is: a defect of ours, which must reach the
dead-letter queue and its alarm instead of looking like bad input.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own name

from taxpoynt.errors import Retryable, StoreConflict

CONFLICTS = frozenset({"ConditionalCheckFailedException", "ConditionalCheckFailed", "TransactionConflictException"})
BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        "InternalServerError",
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "KMSInternalException",
        "DependencyTimeoutException",
        "KeyUnavailableException",
        "ConditionalRequestConflict",
        "OperationAborted",
        "RequestTimeout",
    }
)


def code_of(error: ClientError) -> str:
    """The error's code; a cancelled transaction is a conflict if any of its parts failed its condition."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code != "TransactionCanceledException":
        return code
    reasons = {str(reason.get("Code", "None")) for reason in error.response.get("CancellationReasons", ())}
    if reasons & {"ConditionalCheckFailed", "TransactionConflict"} or not reasons:
        return "ConditionalCheckFailed"
    return "ThrottlingException" if reasons & {"ThrottlingError", "ProvisionedThroughputExceeded"} else code


@contextmanager
def verdicts(what: str) -> Iterator[None]:
    """Re-raises conflicts as StoreConflict, throttling, outages and broken connections as Retryable."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        if code in CONFLICTS:
            raise StoreConflict(f"{what}: somebody else wrote first") from None
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in BUSY or status >= 500:
            raise Retryable(f"{what}: {code}") from error
        raise
    except (ConnectionError, HTTPClientError) as error:
        raise Retryable(f"{what}: {type(error).__name__}") from error
