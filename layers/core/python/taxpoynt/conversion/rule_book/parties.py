"""Rules for seller and buyer; both groups share their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from taxpoynt.conversion.rule_book.rule import REFERENCE, Rule


def party_rules(group: str, who: str, path: str, where: str) -> Iterator[Rule]:
    """One group per party: `group` starts the codes, `where` tells a merchant where to mend it."""
    s = f"{REFERENCE} 7.2"
    need = "" if who == "seller" else " of a business or government invoice"
    yield Rule(
        f"{group}-001", path, f"The {who}{need} is missing.", f"Add the {who} {where}.", s, () if need == "" else (20,)
    )
    yield Rule(
        f"{group}-002",
        f"{path}.tin",
        f"The {who}'s tax number (TIN) is missing.",
        f"Add the TIN {where}. Never use an invented one; the invoice waits until it is there.",
        s,
        (20,),
    )
    yield Rule(
        f"{group}-003",
        f"{path}.tin",
        f"The {who}'s tax number (TIN) does not have a valid form.",
        f"Correct it {where}: 12345678-0001, RN- and the registration number, or the 13-digit Tax ID.",
        s,
        (19,),
    )
    yield Rule(
        f"{group}-004",
        f"{path}.party_name",
        f"The {who}'s name is missing or shorter than two letters.",
        f"Add the name {where}.",
        s,
    )
    yield Rule(
        f"{group}-005",
        f"{path}.party_name",
        f"The {who}'s name is longer than 100 characters.",
        f"Shorten it {where}, or let the converter shorten names (profile, long_names).",
        s,
        (62,),
    )
    yield Rule(
        f"{group}-006",
        f"{path}.email",
        f"The {who}'s e-mail address is missing or not valid.",
        f"Add a valid address of at most 100 characters {where}.",
        s,
        (22,),
    )
    yield Rule(
        f"{group}-007",
        f"{path}.telephone",
        f"The {who}'s telephone number must start with + and the country code.",
        f"Write it like +2348011110001 {where}, or remove it.",
        s,
        (23,),
    )
    yield Rule(
        f"{group}-008",
        f"{path}.business_description",
        f"The {who}'s business description must have 5 to 255 characters.",
        f"Describe the business in a few words {where}, or leave it empty.",
        s,
        (24,),
    )
    yield Rule(
        f"{group}-009",
        f"{path}.postal_address",
        f"The {who}'s address is missing or has no parts.",
        f"Add street, city, postcode and country {where}.",
        s,
    )
    yield Rule(
        f"{group}-010",
        f"{path}.postal_address.street_name",
        f"The street of the {who}'s address is missing or longer than 150 characters.",
        f"Add the street {where}.",
        s,
    )
    yield Rule(
        f"{group}-011",
        f"{path}.postal_address.city_name",
        f"The city of the {who}'s address is missing or longer than 100 characters.",
        f"Add the city {where}.",
        s,
    )
    yield Rule(
        f"{group}-012",
        f"{path}.postal_address.postal_zone",
        f"The postcode of the {who}'s address is missing or longer than 20 characters.",
        f"Add the postcode {where}; Nigerian ones have six digits.",
        s,
    )
    yield Rule(
        f"{group}-013",
        f"{path}.postal_address.country",
        f"The country of the {who}'s address is missing or not a country code.",
        f"Use the two-letter code {where}: NG, not Nigeria or NGA.",
        s,
        (17,),
    )
    yield Rule(
        f"{group}-014",
        f"{path}.postal_address.state",
        f"The state of the {who}'s address is missing or not one of NRS's codes.",
        f"Choose the state {where}; codes look like NG-LA.",
        s,
        (18,),
    )
    yield Rule(
        f"{group}-015",
        f"{path}.postal_address.lga",
        f"The local government area of the {who}'s address is missing, not one of NRS's codes or in another state.",
        f"Choose the local government area {where}; codes look like NG-LA-IKE.",
        s,
        (18,),
    )
    yield Rule(
        f"{group}-016",
        f"{path}.postal_address.state",
        f"The {who}'s address is outside Nigeria, but a Nigerian state or local government area is given.",
        f"Correct the country or remove state and area {where}.",
        s,
    )
