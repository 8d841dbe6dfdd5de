"""The documents of a sale in the raw bucket: where each is kept and how it is read back."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from taxpoynt.domain.inputs import ConversionInputs
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.domain.supplied import SuppliedValues
from taxpoynt.errors import BadInput, ContentConflict, StoreConflict
from taxpoynt.ports import BlobStore, SaleRecord

JSON = "application/json"

ModelT = TypeVar("ModelT", bound=BaseModel)


def digest(data: bytes) -> str:
    """SHA-256, hex: the name of content."""
    return hashlib.sha256(data).hexdigest()


def put_source(blobs: BlobStore, merchant: str, bundle: SourceBundle) -> str:
    """Keeps the platform's answers byte for byte."""
    data = bundle.to_bytes()
    place = f"{merchant}/records/{bundle.connector}/{bundle.resource}/{bundle.resource_id}/{digest(data)}.json"
    return blobs.put(place, data, content_type=JSON)


def put_sale(blobs: BlobStore, merchant: str, sale: Sale) -> str:
    """Keeps a sale; equal sales have equal keys."""
    return _put_model(blobs, f"{merchant}/sales", sale)


def put_invoice(blobs: BlobStore, merchant: str, invoice: Invoice) -> str:
    """Keeps an invoice; equal invoices have equal keys."""
    return _put_model(blobs, f"{merchant}/invoices", invoice)


def put_supplied(blobs: BlobStore, merchant: str, values: SuppliedValues) -> str:
    """Keeps the values a person supplied for one sale."""
    return _put_model(blobs, f"{merchant}/supplied", values)


def put_inputs(blobs: BlobStore, merchant: str, inputs: ConversionInputs) -> str:
    """Keeps what a conversion is made from."""
    return _put_model(blobs, f"{merchant}/inputs", inputs)


def put_body(blobs: BlobStore, merchant: str, irn: str, body: bytes) -> str:
    """Freezes the bytes that NRS gets."""
    return blobs.put(f"{merchant}/submissions/{irn}/{digest(body)}.json", body, content_type=JSON)


def put_answer(blobs: BlobStore, record: SaleRecord, call: str, body: bytes) -> str:
    """Keeps an answer of NRS to `call` byte for byte; the try and the content tell answers of one IRN apart."""
    name = f"{record.tries:03}-{call}-{digest(body)[:16]}"
    return blobs.put(f"{record.merchant}/answers/{record.irn}/{name}.json", body, content_type=JSON)


def sale_of(blobs: BlobStore, record: SaleRecord) -> Sale:
    """The sale as it was mapped."""
    return _read_model(blobs, record.sale_key, Sale)


def sale_at(blobs: BlobStore, place: str) -> Sale:
    """A sale by its key: one kept beside the claimed one, such as a refund fitted to its invoice."""
    return _read_model(blobs, place, Sale)


def supplied_of(blobs: BlobStore, record: SaleRecord) -> SuppliedValues:
    """The values a person supplied for this sale; none as a rule."""
    return _read_model(blobs, record.supplied_key, SuppliedValues) if record.supplied_key else SuppliedValues()


def inputs_of(blobs: BlobStore, record: SaleRecord) -> ConversionInputs:
    """What the sale was read and converted from; of a record older than these are kept, no more than its sale's key."""
    if record.inputs_key is None:
        return ConversionInputs(sale_key=record.sale_key)
    return _read_model(blobs, record.inputs_key, ConversionInputs)


def invoice_of(blobs: BlobStore, record: SaleRecord) -> Invoice:
    """The invoice as it was computed; StoreConflict while there is none (the sale changed under this run)."""
    if record.invoice_key is None:
        raise StoreConflict("the sale changed meanwhile and is not converted yet")
    return _read_model(blobs, record.invoice_key, Invoice)


def body_of(blobs: BlobStore, record: SaleRecord) -> bytes:
    """The frozen bytes; ContentConflict when they are not the ones that were reserved."""
    body = blobs.get(record.body_key or "")
    if digest(body) != record.body_sha256:
        raise ContentConflict("the frozen bytes are not the ones that were reserved")
    return body


def _put_model(blobs: BlobStore, folder: str, model: BaseModel) -> str:
    data = model.model_dump_json().encode()
    return blobs.put(f"{folder}/{digest(data)}.json", data, content_type=JSON)


def _read_model(blobs: BlobStore, place: str, kind: type[ModelT]) -> ModelT:
    try:
        return kind.model_validate_json(blobs.get(place))
    except ValidationError:
        raise BadInput(f"a stored {kind.__name__} cannot be read") from None
