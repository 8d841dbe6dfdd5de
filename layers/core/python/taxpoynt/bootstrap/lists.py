"""The real source of code lists for the steps."""

from __future__ import annotations

from taxpoynt.nrs.resources import code_lists
from taxpoynt.services.current_lists import CurrentLists
from taxpoynt.settings import StepSettings
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.code_lists import DynamoListNotes


def lists(settings: StepSettings) -> CurrentLists:
    """One for a warm environment: it remembers what it has read."""
    return CurrentLists(
        notes=DynamoListNotes(client("dynamodb"), settings.connections_table),
        blobs=S3BlobStore(client("s3"), settings.raw_bucket),
        clock=SystemClock(),
        packaged=code_lists(),
    )
