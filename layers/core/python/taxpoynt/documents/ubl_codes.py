"""NRS's codes in UBL's words: document types, tax categories, units of account.

UBL speaks UNCL 1001 (document types), UNCL 5305 (tax categories), UNCL 5153 (kinds of tax) and UNCL 4461 (means of
payment). NRS swaps 380 and 381 against UNCL 1001 and has its own number for a debit note (reference, section 8.1).
"""

from __future__ import annotations

from taxpoynt.errors import BadInput

_TYPES = {
    "381": "380",  # commercial invoice
    "380": "381",  # credit note
    "384": "383",  # debit note; UNCL's own 384 is a corrected invoice
    "385": "389",  # self-billed invoice
    "386": "393",  # factored invoice
    "392": "395",  # consignment invoice
    "393": "261",  # self-billed credit note
    "394": "389",  # self-billed invoice, NRS's second number for it
    "397": "218",  # final settlement
}
_BACK = {ubl: nrs for nrs, ubl in _TYPES.items() if nrs != "394"}

_CREDITS = frozenset({"381", "261"})

VAT = "VAT"
_CATEGORIES = {
    "STANDARD_VAT": (VAT, "S"),
    "REDUCED_VAT": (VAT, "AA"),
    "ZERO_VAT": (VAT, "Z"),
    "EXEMPTED": (VAT, "E"),
    "STANDARD_GST": ("GST", "S"),
    "REDUCED_GST": ("GST", "AA"),
    "ZERO_GST": ("GST", "Z"),
    "STAMP_DUTY": ("BOL", "S"),
    "STATE_SALES_TAX": ("STT", "S"),
    "LOCAL_SALES_TAX": ("LOC", "S"),
    "ALCOHOL_EXCISE_TAX": ("EXC", "S"),
    "TOBACCO_EXCISE_TAX": ("EXC", "S"),
    "FUEL_EXCISE_TAX": ("EXC", "S"),
    "CARBON_TAX": ("ENV", "S"),
    "PLASTIC_TAX": ("ENV", "S"),
    "IMPORT_DUTY": ("CUD", "S"),
}
_OTHER = ("OTH", "S")


def ubl_type(nrs: str) -> str:
    """UNCL 1001 for NRS's type code: 381 → 380, 380 → 381, 384 → 383; BadInput for a paper that is no invoice."""
    if nrs not in _TYPES:
        raise BadInput(f"document type {nrs} has no UBL invoice")
    return _TYPES[nrs]


def nrs_type(uncl: str) -> str:
    """NRS's type code for UNCL 1001: 380 → 381, 381 → 380, 383 → 384; BadInput for what NRS has no number for."""
    if uncl not in _BACK:
        raise BadInput(f"UNCL 1001 code {uncl} has no NRS document type")
    return _BACK[uncl]


def is_credit(uncl: str) -> bool:
    """Does this type travel as a UBL CreditNote? All others are Invoices: UBL's DebitNote has no type code."""
    return uncl in _CREDITS


def tax_codes(category: str) -> tuple[str, str]:
    """(kind of tax by UNCL 5153, category by UNCL 5305): STANDARD_VAT → VAT, S."""
    return _CATEGORIES.get(category, _OTHER)
