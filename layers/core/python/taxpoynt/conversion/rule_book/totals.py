"""Rules for taxes, sums, plain numbers and payments."""

from __future__ import annotations

from collections.abc import Iterator

from taxpoynt.conversion.rule_book.rule import REFERENCE, Rule


def tax_rules() -> Iterator[Rule]:
    """Tax treatment and tax subtotals."""
    s, p = f"{REFERENCE} 7.4", "tax_total[0].tax_subtotal[n]"
    yield Rule(
        "TAX-001",
        "tax_total",
        "The tax total is missing or has not exactly one entry with at least one subtotal.",
        "Send one tax total; a sale without tax has a ZERO_VAT or EXEMPTED subtotal of 0.",
        s,
    )
    yield Rule(
        "TAX-002",
        "lines[n]",
        "Nobody says how this line is taxed.",
        "Give the product a tax rate in the source system, or choose the merchant's default tax treatment.",
        f"{REFERENCE} 19",
    )
    yield Rule(
        "TAX-003",
        "lines[n]",
        "The line states a tax of {percent} %, which Nigerian law does not know.",
        "Set 7.5 % or 0 % in the source system, or map this tax to an NRS category.",
        f"{REFERENCE} 8.2",
    )
    yield Rule(
        "TAX-004",
        f"{p}.tax_category.id",
        "NRS has no tax category {value}.",
        "Use STANDARD_VAT, ZERO_VAT or EXEMPTED.",
        f"{REFERENCE} 8.2",
        (33,),
    )
    yield Rule(
        "TAX-005",
        f"{p}.tax_category.percent",
        "{category} has {law} %, not {stated} %.",
        "Correct the rate or the category.",
        f"{REFERENCE} 9, rule 10",
        (34,),
    )
    yield Rule(
        "TAX-006",
        f"{p}.tax_amount",
        "The tax {stated} is not {percent} % of {base}, which is {ours}.",
        "Correct the taxable amount or the tax.",
        f"{REFERENCE} 9, rule 5",
    )
    yield Rule(
        "TAX-007",
        "tax_total[0].tax_amount",
        "The tax total {stated} is not the sum of its subtotals, {ours}.",
        "Correct the tax total.",
        f"{REFERENCE} 9, rule 7",
        (35,),
    )
    yield Rule(
        "TAX-008",
        "tax_total[0].tax_subtotal",
        "The taxable amounts add up to {ours}, the amount without tax is {stated}.",
        "Spread document discounts and charges over the tax subtotals.",
        f"{REFERENCE} 9, rule 6",
    )
    # TAX-009 (several taxes on a line) is retired: a line may bear several. Its code is not used again.
    yield Rule(
        "TAX-010",
        "lines[n]",
        "The line states two rates of VAT; one supply has one.",
        "Leave one VAT rate on the line in the source system, or map the other tax's name in the merchant's profile.",
        f"{REFERENCE} 9, rule 6",
    )
    yield Rule(
        "TAX-011",
        "lines[n]",
        "The line states other taxes, but nobody says how it stands with VAT.",
        "State VAT on the line too, 0 % if none is due, or choose a default of 0 % in the merchant's profile.",
        f"{REFERENCE} 9, rule 6",
    )
    yield Rule(
        "TAX-012",
        f"{p}.tax_category.id",
        "Withholding tax is kept back by the buyer; it is no part of the tax total.",
        "Take it out of the tax total; say in the note what is withheld.",
        f"{REFERENCE} 8.2; decision record 0010",
    )
    yield Rule(
        "TAX-013",
        "tax_total[0].tax_subtotal",
        "No subtotal says how the sale stands with VAT.",
        "Add a STANDARD_VAT, ZERO_VAT or EXEMPTED subtotal; all taxable amounts together are the amount without tax.",
        f"{REFERENCE} 9, rule 6",
    )
    yield Rule(
        "TAX-014",
        "withholding[n]",
        "The withholding tax has neither a rate of 0 to 100 % nor an amount that is not negative.",
        "State its rate or its amount in the source system.",
        f"{REFERENCE} 8.2",
    )


def sum_rules() -> Iterator[Rule]:
    """Document sums, plain numbers, payments and document charges."""
    s, p = f"{REFERENCE} 9", "legal_monetary_total"
    yield Rule(
        "SUM-001", p, "The totals are missing.", "Send legal_monetary_total with its four amounts.", f"{REFERENCE} 7.4"
    )
    yield Rule(
        "SUM-002",
        f"{p}.line_extension_amount",
        "The lines add up to {ours}, but {stated} is given.",
        "Correct the total of the lines.",
        f"{s}, rule 3",
    )
    yield Rule(
        "SUM-003",
        f"{p}.tax_exclusive_amount",
        "Lines less discounts plus charges are {ours}, but {stated} is given.",
        "Correct the amount without tax.",
        f"{s}, rule 4",
    )
    yield Rule(
        "SUM-004",
        f"{p}.tax_inclusive_amount",
        "Amount without tax plus tax is {ours}, but {stated} is given.",
        "Correct the amount with tax.",
        f"{s}, rule 8",
    )
    yield Rule(
        "SUM-005",
        f"{p}.payable_amount",
        "The payable amount must equal the amount with tax, {ours}, not {stated}.",
        "Send the whole amount; payments belong to the payment status.",
        f"{s}, rule 9",
        (37,),
    )
    yield Rule(
        "SUM-006",
        "",
        "Our total {ours} differs from the platform's own total {stated}.",
        "Look at lines, discounts and taxes of this record in the source system, then save it again.",
        "promise P3: the amount is right",
    )
    yield Rule(
        "SUM-007",
        "discounts",
        "The discounts on the whole document exceed its lines, or one is not a valid discount.",
        "Correct the discount in the source system.",
        f"{s}, rule 13",
    )
    yield Rule(
        "SUM-008",
        "withholding",
        "More tax is withheld than the whole invoice is.",
        "Correct the withholding tax in the source system.",
        "decision record 0010",
    )
    yield Rule(
        "SUM-009",
        "rounding",
        "The cash rounding is more than the whole invoice.",
        "Correct the rounding in the source system.",
        "decision record 0010",
    )
    yield Rule(
        "SUM-010",
        f"{p}.payable_amount",
        "A credit or debit note over nothing corrects nothing.",
        "Do not send it; there is nothing to correct.",
        f"{s}, rule 13",
    )
    yield Rule(
        "NUM-001",
        "",
        "A number is expected here, not text or anything else.",
        "Send the amount as a plain JSON number, without quotes.",
        f"{REFERENCE} 7.4",
        (38,),
    )
    yield Rule("NUM-002", "", "This number is missing.", "Send it, also when it is 0.", f"{REFERENCE} 7.4")
    yield Rule(
        "NUM-003",
        "",
        "This number is negative.",
        "Amounts are 0 or more; what goes back is a credit note.",
        f"{s}, rule 13",
        (39,),
    )
    yield Rule("NUM-004", "", "This number is too large or too long to be an amount.", "Correct the number.", f"{s}")
    yield Rule(
        "NUM-005",
        "",
        "The amount has more than the {digits} decimals its currency has.",
        "Round the amount.",
        f"{s}, rule 11",
    )
    yield Rule(
        "PAY-001",
        "payment_means[n].payment_means_code",
        "The payment means code must be text NRS's list has.",
        'Use "10" cash, "30" transfer or "48" card, or leave the payment means out.',
        f"{REFERENCE} 8.3",
        (45,),
    )
    yield Rule(
        "PAY-002",
        "payment_means",
        "Payment means must be a list of objects with a code and a due date.",
        "Send payment_means_code and payment_due_date, or leave the payment means out.",
        f"{REFERENCE} 7.1",
    )
    yield Rule(
        "PAY-003",
        "payments[n].amount",
        "A tender is negative, or more change was given than was handed over.",
        "Correct the payment in the source system; money given back is a refund with a positive amount.",
        f"{s}, rule 13",
    )
    yield Rule(
        "CHARGE-002",
        "charges[n]",
        "A charge is negative.",
        "Enter it as a discount in the source system.",
        f"{s}, rule 13",
    )
    yield Rule(
        "CHARGE-001",
        "allowance_charge",
        "Document discounts and charges must be a list of objects with charge_indicator (true or false) and amount.",
        "Send charge_indicator false for a discount, true for a charge.",
        f"{REFERENCE} 7.1",
    )
    yield Rule(
        "SELLER-020",
        "seller.service_id",
        "The seller's 8-character NRS service id is missing or malformed.",
        "Copy it from the IRN template in the NRS portal into the merchant's profile.",
        f"{REFERENCE} 6a",
    )
