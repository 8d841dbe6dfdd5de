"""Documents are made once: whatever dies on the way and whoever draws later, the customer's copy is the kept one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from taxpoynt.domain.invoice import Invoice
from taxpoynt.ports import Stamp
from taxpoynt.services.record_outcome import RecordOutcome
from tests.fakes.outside import FakePrinter
from tests.fakes.world import CONNECTOR, MERCHANT, World
from tests.unit.services.test_steps import IDS, until, world

__all__ = ["world"]  # the fixture

KINDS = {"stamp", "qr", "pdf", "receipt", "ubl"}


class LaterPrinter(FakePrinter):
    """Our own code a release later: the same documents drawn otherwise."""

    def pdf(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        return b"%PDF in another font"

    def receipt(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        return b"%PDF in another font"


class Dies(Exception):
    """The process ends here."""


class DyingPrinter(FakePrinter):
    """Dies while it draws the UBL, when nothing is kept yet but the stamp."""

    def ubl(self, invoice: Invoice, stamp: Stamp | None) -> bytes:
        raise Dies


def accepted(world: World) -> None:
    until(world, "SubmitInvoice")


def outcome(world: World, printer: FakePrinter | None = None) -> RecordOutcome:
    return RecordOutcome(world.stores, world.stamps, printer or FakePrinter())


def kept(world: World) -> dict[str, bytes]:
    return {kind: world.blobs.get(key) for kind, key in world.sale().documents.items()}


def digests(world: World) -> Iterator[tuple[str, str]]:
    entry = world.sales.history(MERCHANT, CONNECTOR, world.sale().sale_id)[-1]
    return ((name, value) for name, value in entry.detail.items() if name.endswith("_sha256"))


def test_every_kind_of_document_is_kept_with_its_digest_in_the_history(world: World) -> None:
    accepted(world)
    outcome(world)(*IDS)

    assert set(world.sale().documents) == KINDS
    stated = dict(digests(world))
    for kind, data in kept(world).items():
        assert stated[f"{kind}_sha256"] == hashlib.sha256(data).hexdigest()


def test_what_was_kept_first_stays_when_a_later_release_draws_otherwise(world: World) -> None:
    accepted(world)
    before = world.sale()
    outcome(world)(*IDS)
    first = kept(world)
    world.sales.sales[next(iter(world.sales.sales))] = replace(before, version=world.sale().version)

    outcome(world, LaterPrinter())(*IDS)

    assert kept(world) == first
    assert dict(digests(world))["pdf_sha256"] == hashlib.sha256(first["pdf"]).hexdigest()


def test_a_death_while_drawing_leaves_the_first_stamp_for_the_next_try(world: World) -> None:
    accepted(world)
    with pytest.raises(Dies):
        outcome(world, DyingPrinter())(*IDS)

    outcome(world)(*IDS)

    assert kept(world)["stamp"].startswith(b"stamp1\n")
    assert b"stamp1" in kept(world)["receipt"]
    assert b"stamp1" in kept(world)["ubl"]
