"""Pure work done once for equal content: without it nearly all time goes into making the same few invoices again.

What is memoised is pure and content-addressed: reading stored models, writing models, converting, checking, encoding.
Nothing that reads or writes a port is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from taxpoynt.conversion import body_rules, numbering, rules
from taxpoynt.domain.source import read_json
from taxpoynt.nrs.payload import body as encode_body
from taxpoynt.services import check_invoice, conversion_inputs, convert_sale, correct_sale, sale_files, submission

_LIMIT = 20_000


class Memo:
    """A dictionary with a bound; emptied when full."""

    def __init__(self) -> None:
        self.kept: dict[Any, Any] = {}

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once per key."""
        try:
            return self.kept[key]
        except KeyError:
            if len(self.kept) > _LIMIT:
                self.kept.clear()
            value = self.kept[key] = make()
            return value


_texts: dict[int, tuple[Any, bytes]] = {}


def text_of(model: BaseModel) -> bytes:
    """A model's JSON, once per object: models are frozen."""
    known = _texts.get(id(model))
    if known is not None and known[0] is model:
        return known[1]
    if len(_texts) > _LIMIT:
        _texts.clear()
    data = model.model_dump_json().encode()
    _texts[id(model)] = (model, data)
    return data


def _memoised() -> dict[tuple[Any, str], Any]:
    models, converted, faults, bodies, irns, parsed = (Memo() for _ in range(6))
    read_model, convert, check, check_body = (
        sale_files._read_model,  # noqa: SLF001 - the one place where stored models are read
        conversion_inputs.converted,
        rules.check,
        body_rules.check_body,
    )
    irn = numbering.irn

    def put_model(blobs: Any, folder: str, model: BaseModel) -> str:
        data = text_of(model)
        return str(
            blobs.put(f"{folder}/{hashlib.sha256(data).hexdigest()}.json", data, content_type="application/json")
        )

    def read(blobs: Any, place: str, kind: Any) -> Any:
        data = blobs.get(place)
        return models.get(
            (data, kind),
            lambda: read_model(_Given(data), place, kind),  # type: ignore[arg-type]  # asked for `get` alone
        )

    def convert_once(sale: Any, inputs: Any, lists: Any) -> Any:
        key = (text_of(sale), text_of(inputs), lists.version)
        invoice, found = converted.get(key, lambda: convert(sale, inputs, lists))
        return invoice, list(found)

    def check_once(invoice: Any, lists: Any, **more: Any) -> Any:
        key = (text_of(invoice), lists.version, *sorted(more.items()))
        return list(faults.get(key, lambda: check(invoice, lists, **more)))

    def check_body_once(whole: Any, lists: Any, **more: Any) -> Any:
        key = (id(whole), lists.version, *sorted(more.items()))
        known = bodies.get(key, lambda: (whole, check_body(whole, lists, **more)))
        return list(known[1]) if known[0] is whole else check_body(whole, lists, **more)

    def read_json_once(data: bytes) -> Any:
        return parsed.get(data, lambda: read_json(data))

    return {
        (sale_files, "_put_model"): put_model,
        (sale_files, "_read_model"): read,
        (convert_sale, "converted"): convert_once,
        (correct_sale, "converted"): convert_once,
        (rules, "check"): check_once,
        (check_invoice, "check_body"): check_body_once,
        (check_invoice, "read_json"): read_json_once,
        (submission, "read_json"): read_json_once,
        (numbering, "irn"): lambda *args: irns.get(args, lambda: irn(*args)),
    }


class _Given:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def get(self, _place: str) -> bytes:
        """The bytes that were read already."""
        return self._data


_encoded = Memo()


def body_once(invoice: Any) -> bytes:
    """nrs.payload.body, once per invoice."""
    data: bytes = _encoded.get(text_of(invoice), lambda: encode_body(invoice))
    return data


@contextmanager
def memoised() -> Iterator[None]:
    """With the memoised functions in place of the real ones."""
    ours = _memoised()
    real = {where: getattr(*where) for where in ours}
    for (module, name), function in ours.items():
        setattr(module, name, function)
    try:
        yield
    finally:
        for (module, name), function in real.items():
            setattr(module, name, function)
