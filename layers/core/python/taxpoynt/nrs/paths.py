"""Where NRS found fault, in our words: its lower-case paths mapped back to `Invoice` (reference, section 13)."""

from __future__ import annotations

import re

_PARTY = {
    "": "",
    ".partyname": ".name",
    ".tin": ".tin",
    ".email": ".email",
    ".telephone": ".telephone",
    ".businessdescription": ".business_description",
    ".postaladdress": ".address",
    ".postaladdress.streetname": ".address.street",
    ".postaladdress.cityname": ".address.city",
    ".postaladdress.postalzone": ".address.postal_code",
    ".postaladdress.lga": ".address.lga",
    ".postaladdress.state": ".address.state",
    ".postaladdress.country": ".address.country",
}

_LINE = {
    "": "",
    ".hsncode": ".classification.hsn_code",
    ".productcategory": ".classification.product_category",
    ".isiccode": ".classification.isic_code",
    ".servicecategory": ".classification.service_category",
    ".discountrate": ".discount_percent",
    ".discountamount": ".discount",
    ".feerate": ".fee_percent",
    ".feeamount": ".fee",
    ".invoicedquantity": ".quantity",
    ".lineextensionamount": ".net",
    ".item": "",
    ".item.name": ".name",
    ".item.description": ".description",
    ".item.sellersitemidentification": ".sku",
    ".price": ".unit_price_net",
    ".price.priceamount": ".unit_price_net",
    ".price.basequantity": ".quantity",
    ".price.priceunit": ".unit",
}

_SUBTOTAL = "taxtotal[].taxsubtotal[]"

_OURS = {
    "businessid": "seller.business_id",
    "irn": "irn",
    "issuedate": "issue_date",
    "issuetime": "issue_time",
    "duedate": "due_date",
    "taxpointdate": "tax_point_date",
    "invoicetypecode": "type_code",
    "invoicekind": "kind",
    "paymentstatus": "payment_status",
    "documentcurrencycode": "currency",
    "taxcurrencycode": "tax_currency",
    "note": "note",
    "buyerreference": "buyer_reference",
    "billingreference": "refers_to",
    "billingreference[].irn": "refers_to[].irn",
    "billingreference[].issuedate": "refers_to[].issue_date",
    "paymentmeans": "payments",
    "paymentmeans[].paymentmeanscode": "payments[].means_code",
    "allowancecharge[].amount": "charges[].amount",
    "taxtotal": "taxes",
    "taxtotal[].taxamount": "tax_total",
    _SUBTOTAL: "taxes[]",
    _SUBTOTAL + ".taxableamount": "taxes[].base",
    _SUBTOTAL + ".taxamount": "taxes[].amount",
    _SUBTOTAL + ".taxcategory": "taxes[].category",
    _SUBTOTAL + ".taxcategory.id": "taxes[].category",
    _SUBTOTAL + ".taxcategory.percent": "taxes[].rate_percent",
    "legalmonetarytotal.lineextensionamount": "lines_total",
    "legalmonetarytotal.taxexclusiveamount": "net_total",
    "legalmonetarytotal.taxinclusiveamount": "gross_total",
    "legalmonetarytotal.payableamount": "payable",
    "invoiceline": "lines",
    **{"accountingsupplierparty" + theirs: "seller" + ours for theirs, ours in _PARTY.items()},
    **{"accountingcustomerparty" + theirs: "buyer" + ours for theirs, ours in _PARTY.items()},
    **{"invoiceline[]" + theirs: "lines[]" + ours for theirs, ours in _LINE.items()},
}


def our_path(theirs: str) -> str:
    """`invoicerequest.invoice.invoiceline[0].item.description` → `lines[0].description`.

    What we do not know comes back as it was, without NRS's prefix, so that nothing said is lost.
    """
    bare = re.sub(r"^(invoicerequest\.)?(invoice\.)?", "", theirs.lower())
    indexes = re.findall(r"\[(\d+)]", bare)
    ours = _OURS.get(re.sub(r"\[\d+]", "[]", bare).replace("_", ""))
    if ours is None:
        return bare
    return ours.replace("[]", f"[{indexes[-1]}]") if indexes else ours
