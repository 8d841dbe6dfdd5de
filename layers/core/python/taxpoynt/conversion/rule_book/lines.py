"""Rules for lines and their classification."""

from __future__ import annotations

from collections.abc import Iterator

from taxpoynt.conversion.rule_book.rule import REFERENCE, Rule


def line_rules() -> Iterator[Rule]:
    """Lines, their arithmetic and their classification."""
    s, p = f"{REFERENCE} 7.3", "invoice_line[n]"
    yield Rule(
        "LINE-001",
        "invoice_line",
        "The invoice has no lines.",
        "Add at least one line with a quantity above zero.",
        s,
        (40, 42),
    )
    yield Rule("LINE-002", p, "A line must be an object.", "Send each line as a JSON object.", s)
    yield Rule("LINE-003", f"{p}.item.name", "The line has no name.", "Name the product or service.", s)
    yield Rule(
        "LINE-004",
        f"{p}.item.name",
        "The line's name is longer than 100 characters.",
        "Shorten the product's name, or let the converter shorten names (profile, long_names).",
        s,
        (62,),
    )
    yield Rule(
        "LINE-005",
        f"{p}.item.description",
        "The line has no description.",
        "Describe the product or service; its name will do.",
        s,
        (25,),
    )
    yield Rule(
        "LINE-006",
        f"{p}.item.sellers_item_identification",
        "The line has no product code (SKU).",
        "Give the product a code.",
        s,
    )
    yield Rule(
        "LINE-007",
        f"{p}.invoiced_quantity",
        "The quantity must be above zero.",
        "Remove the line or give a quantity.",
        s,
        (40, 41),
    )
    yield Rule(
        "LINE-008",
        p,
        "The quantity or the price is negative.",
        "Make a credit note for what the customer gives back.",
        f"{REFERENCE} 9, rule 13",
        (39,),
    )
    yield Rule(
        "LINE-009",
        f"{p}.price.base_quantity",
        "The quantity that the price is for must be above zero.",
        "Send 1.",
        s,
    )
    yield Rule(
        "LINE-010",
        f"{p}.price.price_unit",
        "The unit must be a code of one to three characters.",
        "Use a unit code such as EA (each), KGM (kilogram) or HUR (hour).",
        f"{REFERENCE} 8.5",
        (26,),
    )
    yield Rule(
        "LINE-011",
        f"{p}.price.price_unit",
        "NRS has no unit {value}.",
        "Use a unit code such as EA (each), KGM (kilogram) or HUR (hour).",
        f"{REFERENCE} 8.5",
        (27,),
    )
    yield Rule(
        "LINE-012",
        f"{p}.line_extension_amount",
        "The line's amount {stated} is not quantity × price − discount + fee, which is {ours}.",
        "Correct the line's amount, quantity, price or discount.",
        f"{REFERENCE} 9, rule 1",
        (36,),
    )
    yield Rule(
        "LINE-013",
        f"{p}.discount_amount",
        "The amount {stated} does not agree with its rate of {rate} %.",
        "Correct the amount or the rate; {ours} would agree.",
        f"{REFERENCE} 9, rule 2",
    )
    yield Rule(
        "LINE-020",
        p,
        "The line's amount {ours} differs from the platform's own sum {stated}.",
        "Look at quantity, price and discount of this line in the source system, then save it again.",
        "a platform that states the sum of a line means it",
    )
    yield Rule(
        "LINE-021",
        p,
        "A discount must be between 0 and 100 percent and not above the line's amount.",
        "Correct the discount in the source system.",
        f"{REFERENCE} 9, rule 13",
    )
    yield Rule(
        "LINE-022",
        p,
        "A fee on the line is negative.",
        "Enter it as a discount in the source system.",
        f"{REFERENCE} 9, rule 13",
    )
    yield Rule(
        "CLASS-001",
        p,
        "The line is not classified as goods or as a service.",
        "Choose an HS code (goods) or a service code for this product in the merchant's classifications.",
        s,
        (29,),
    )
    yield Rule(
        "CLASS-002",
        p,
        "The line is classified as goods and as a service at once.",
        "Keep either the HS code or the service code.",
        s,
        (28,),
    )
    yield Rule(
        "CLASS-003",
        f"{p}.hsn_code",
        "The HS code must look like 8471.30.",
        "Use all six digits with a dot after the fourth.",
        s,
        (31,),
    )
    yield Rule("CLASS-004", f"{p}.hsn_code", "NRS has no HS code {value}.", "Choose one from NRS's HS list.", s)
    yield Rule(
        "CLASS-005",
        f"{p}.product_category",
        "An HS code needs its product category.",
        "Give the category in words beside the HS code.",
        s,
    )
    yield Rule(
        "CLASS-006",
        f"{p}.isic_code",
        "The service code must have four digits.",
        "Keep the leading zero: 0111, not 111.",
        s,
        (32,),
    )
    yield Rule(
        "CLASS-007", f"{p}.isic_code", "NRS has no service code {value}.", "Choose one from NRS's service list.", s
    )
    yield Rule(
        "CLASS-008",
        f"{p}.service_category",
        "A service code needs its service category.",
        "Give the category in words beside the service code.",
        s,
        (30,),
    )
