"""Wiring of explanations for people who are not the merchant: personal data are masked unless they ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from taxpoynt.connector_kit.classed import HIDDEN_FROM_OTHERS, Classes, classes
from taxpoynt.connector_kit.loader import load, template
from taxpoynt.connector_kit.redaction import classed_texts
from taxpoynt.connector_kit.template_data import DataClass
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import NotFound, TaxPoyntError
from taxpoynt.ports import BlobStore
from taxpoynt.services.masked_explanation import MaskedExplanation


def masked_explanation(explain: Callable[[str, str], Mapping[str, Any]], blobs: BlobStore) -> MaskedExplanation:
    """By the data classes of each connector's template."""

    def texts(connector: str, record_key: str | None, unmasked: bool) -> Mapping[str, str] | None:  # noqa: FBT001 - a port's call, by place
        """None when the record, or its connector, is there no more."""
        if record_key is None:
            return None
        try:
            bundle = SourceBundle.from_bytes(blobs.get(record_key))
            return texts_of(connector, bundle, kinds=_kinds(unmasked=unmasked))
        except TaxPoyntError:
            return None

    return MaskedExplanation(explain, classes_of, texts)


def classes_of(connector: str, unmasked: bool) -> Classes:  # noqa: FBT001 - the use case names it
    """Of a connector that is no longer installed nobody knows the classes: all that its rules read is hidden."""
    try:
        return classes(template(connector), _kinds(unmasked=unmasked))
    except NotFound:
        return lambda _: "personal"


def texts_of(connector: str, bundle: SourceBundle, *, kinds: tuple[DataClass, ...]) -> Mapping[str, str]:
    """The texts of these classes in a record."""
    made = load(connector)
    return classed_texts(made.template.data, made.read_view(bundle, {}), hide=kinds)


def _kinds(*, unmasked: bool) -> tuple[DataClass, ...]:
    return ("secret",) if unmasked else HIDDEN_FROM_OTHERS
