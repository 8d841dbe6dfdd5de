"""Who sells and who buys."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from taxpoynt.domain.model import Model


class Address(Model):
    """A postal address as far as it is known; absent parts are None, never a placeholder.

    `lga` and `state` are NRS codes (`NG-AB-ANO`, `NG-AB`); `country` is ISO 3166-1 alpha-2.
    `free_text` holds an address the source gives in one piece only; it is shown, never taken apart.
    """

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    postal_code: str | None = None
    lga: str | None = None
    state: str | None = None
    region: str | None = None
    country: str | None = None
    free_text: str | None = None


class Party(Model):
    """A buyer as the source record shows it. `kind`: organisation, person or government, where the source tells."""

    name: str | None = None
    tin: str | None = None
    email: str | None = None
    telephone: str | None = None
    business_description: str | None = None
    address: Address | None = None
    kind: Literal["organisation", "person", "government"] | None = None


class Classification(Model):
    """What is sold, in NRS's lists.

    Goods by `hsn_code` + `product_category`, services by `isic_code` + `service_category`.
    """

    hsn_code: str | None = None
    product_category: str | None = None
    isic_code: str | None = None
    service_category: str | None = None


class MerchantDefaults(Model):
    """A merchant's decisions for what source records do not say; each absent one makes a fault, never a guess.

    tax_category: for lines whose source states no tax (`STANDARD_VAT`, `ZERO_VAT`, `EXEMPTED`);
    zero_rate_category: what a stated rate of 0 means (default `ZERO_VAT`);
    classification: for lines without one;
    classifications: by product id, SKU or product name (exact, first found in this order);
    unit: price_unit for lines without one (`EA`);
    payment_terms_days: due date of B2B invoices after the issue date (0);
    buyer_without_tin: `hold` (default) or `b2c` for an organisation without TIN;
    require_state_lga: fault when absent for an address in Nigeria;
    deal_line_classification: for a deal without products; invoice_prefix: the start of invoice numbers;
    long_names: `shorten` (with a warning in the trace) or `reject`;
    changes_after_acceptance: a record edited after its invoice was accepted makes a question (`ask`) or the credit or
    debit note at once (`correct`);
    tips: beside the invoice (`outside`) or in it as an untaxed charge (`charge`);
    tax_names: a tax's name in the source (any case) → NRS tax category, for taxes whose rate says nothing.
    """

    tax_category: str | None = None
    zero_rate_category: str = "ZERO_VAT"
    classification: Classification | None = None
    classifications: dict[str, Classification] = Field(default_factory=dict)
    deal_line_classification: Classification | None = None
    unit: str = "EA"
    payment_terms_days: int = 0
    buyer_without_tin: Literal["hold", "b2c"] = "hold"
    require_state_lga: bool = True
    invoice_prefix: str | None = None
    long_names: Literal["shorten", "reject"] = "shorten"
    changes_after_acceptance: Literal["ask", "correct"] = "ask"
    tips: Literal["outside", "charge"] = "outside"
    tax_names: dict[str, str] = Field(default_factory=dict)


class Merchant(Model):
    """The seller: the tenant and its NRS identity; shape of the command line's `--merchant` file.

    `business_id` is NRS's UUID; `service_id` the 8 characters of its IRN template. Every field may be absent
    while the merchant is being set up; the rules say what is missing. `crypto_keys` is the text of the
    `crypto_keys.txt` from the merchant's NRS portal (public key and certificate, both public) for the stamp.
    `nrs_keys`: which API keys its calls use, the operator's (`shared`) or the merchant's own secret (`own`).
    """

    business_id: str | None = None
    service_id: str | None = None
    tin: str | None = None
    name: str | None = None
    email: str | None = None
    telephone: str | None = None
    business_description: str | None = None
    address: Address | None = None
    crypto_keys: str | None = None
    nrs_keys: Literal["shared", "own"] = "shared"
    defaults: MerchantDefaults = MerchantDefaults()
