"""Seller and buyer in UBL."""

from __future__ import annotations

from taxpoynt.documents.places import Places
from taxpoynt.documents.ubl_codes import VAT
from taxpoynt.documents.wording import ANONYMOUS
from taxpoynt.documents.xml_tree import Part, group, value
from taxpoynt.domain.party import Address, Merchant, Party


def supplier(seller: Merchant, places: Places) -> Part:
    """Who sells; its NRS business id is one of its identifications."""
    own = group("PartyIdentification", value("ID", seller.business_id, schemeID="NRS business id"))
    return group("AccountingSupplierParty", _party(seller, own, places))


def customer(buyer: Party | None, places: Places) -> Part:
    """Who buys; UBL wants somebody, so an anonymous sale says that it is one."""
    return group("AccountingCustomerParty", _party(buyer or Party(name=ANONYMOUS), None, places))


def _party(party: Merchant | Party, own: Part, places: Places) -> Part:
    scheme = group("TaxScheme", value("ID", VAT))
    return group(
        "Party",
        own,
        group("PartyName", value("Name", party.name)),
        _address(party.address, places) if party.address else None,
        group("PartyTaxScheme", value("CompanyID", party.tin, schemeID="TIN"), scheme) if party.tin else None,
        group("PartyLegalEntity", value("RegistrationName", party.name), value("CompanyID", party.tin, schemeID="TIN")),
        group("Contact", value("Telephone", party.telephone), value("ElectronicMail", party.email)),
    )


def _address(address: Address, places: Places) -> Part:
    """The state by name and ISO 3166-2 code, the local government area as district."""
    here = address.country == "NG"
    return group(
        "PostalAddress",
        value("StreetName", address.street),
        value("AdditionalStreetName", address.unit),
        value("CityName", address.city),
        value("PostalZone", address.postal_code),
        value("CountrySubentity", places.state(address)),
        value("CountrySubentityCode", address.state if here else None),
        value("District", places.lga(address) or (address.lga if here else None)),
        group("AddressLine", value("Line", address.free_text)),
        group("Country", value("IdentificationCode", address.country), value("Name", places.country(address))),
    )
