"""Wiring of refresh_code_lists. The lists are open to everybody, so this function may not read our NRS keys."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.nrs.resources import packaged
from taxpoynt.nrs.transport import open_session
from taxpoynt.services.refresh_code_lists import RefreshCodeLists
from taxpoynt.settings import RefreshCodeListsSettings, load
from taxpoynt.storage.alerts import SnsAlerts
from taxpoynt.storage.blobs import S3BlobStore
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.code_lists import DynamoListNotes
from taxpoynt.storage.connections import DynamoConnectionStore

NO_KEY = {"api_key": "never-sent", "api_secret": "never-sent"}


@cache
def refresh_code_lists() -> RefreshCodeLists:
    """The ready use case."""
    settings = load(RefreshCodeListsSettings, os.environ)
    config = NrsConfig.of(settings.nrs_base_url, NO_KEY)
    dynamodb = client("dynamodb")
    return RefreshCodeLists(
        ask=NrsClient(config, open_session(config)).resource,
        packaged=packaged(),
        notes=DynamoListNotes(dynamodb, settings.connections_table),
        blobs=S3BlobStore(client("s3"), settings.raw_bucket),
        connections=DynamoConnectionStore(dynamodb, settings.connections_table),
        alerts=SnsAlerts(client("sns"), settings.alerts_topic_arn),
        clock=SystemClock(),
    )
