"""Wiring of record_outcome."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.stores import stores
from taxpoynt.documents.places import Places
from taxpoynt.documents.printer import DocumentPrinter
from taxpoynt.nrs.resources import code_lists
from taxpoynt.nrs.stamp import RsaStampMaker
from taxpoynt.services.record_outcome import RecordOutcome
from taxpoynt.settings import RecordOutcomeSettings, load


@cache
def record_outcome() -> RecordOutcome:
    """The ready use case."""
    printer = DocumentPrinter(Places.of(code_lists()))
    return RecordOutcome(stores(load(RecordOutcomeSettings, os.environ)), RsaStampMaker(), printer)
