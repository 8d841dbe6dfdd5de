"""The lines in UBL."""

from __future__ import annotations

from taxpoynt.documents.ubl_amounts import amount, line_allowances, line_categories
from taxpoynt.documents.xml_tree import Part, group, value
from taxpoynt.domain.invoice import InvoiceLine
from taxpoynt.domain.money import plain
from taxpoynt.domain.party import Classification


def invoice_line(place: int, line: InvoiceLine, currency: str) -> Part:
    """Line `place` (from 1) of an Invoice."""
    return group(
        "InvoiceLine",
        value("ID", str(place)),
        _quantity("InvoicedQuantity", line),
        amount("LineExtensionAmount", line.net, currency),
        *line_allowances(line, currency),
        _item(line),
        _price(line, currency),
    )


def credit_line(place: int, line: InvoiceLine, currency: str) -> Part:
    """Line `place` (from 1) of a CreditNote."""
    return group(
        "CreditNoteLine",
        value("ID", str(place)),
        _quantity("CreditedQuantity", line),
        amount("LineExtensionAmount", line.net, currency),
        *line_allowances(line, currency),
        _item(line),
        _price(line, currency),
    )


def _quantity(name: str, line: InvoiceLine) -> Part:
    return value(name, plain(line.quantity), unitCode=line.unit, unitCodeListID="UNECERec20")


def _item(line: InvoiceLine) -> Part:
    return group(
        "Item",
        value("Description", line.description),
        value("Name", line.name),
        group("SellersItemIdentification", value("ID", line.sku)),
        *_classified(line.classification),
        *line_categories(line),
    )


def _classified(found: Classification | None) -> list[Part]:
    """Goods by the Harmonised System, services by ISIC; the words of the list beside the code."""
    if found is None:
        return []
    goods = value("ItemClassificationCode", found.hsn_code, listID="HS", name=found.product_category)
    service = value(
        "ItemClassificationCode", found.isic_code, listID="ISIC", listVersionID="4", name=found.service_category
    )
    return [group("CommodityClassification", goods), group("CommodityClassification", service)]


def _price(line: InvoiceLine, currency: str) -> Part:
    return group(
        "Price",
        amount("PriceAmount", line.unit_price_net, currency),
        value("BaseQuantity", "1", unitCode=line.unit, unitCodeListID="UNECERec20"),
    )
