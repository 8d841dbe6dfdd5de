"""`.local/demo-report.json`: what the demo found, in the shape of contracts.md, part 1."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

ACCEPTED = "accepted"


@dataclass
class Outcome:
    """One connector's sale. Fields stay None when the demo did not get that far; `total` is a decimal string."""

    sale: str
    invoice_number: str | None = None
    irn: str | None = None
    status: str | None = None
    kind: str | None = None
    currency: str | None = None
    total: str | None = None
    nrs: str | None = None
    seconds_webhook_to_accepted: float | None = None

    def learn(self, invoice: dict[str, Any]) -> None:
        """Take over what `/v1/invoices` says about the sale."""
        self.invoice_number, self.irn = invoice.get("invoice_number"), invoice.get("irn")
        self.status, self.kind = invoice.get("state"), invoice.get("kind")
        self.currency, self.total = invoice.get("currency"), invoice.get("total")

    def right(self, expected: Decimal) -> bool:
        """Accepted by NRS, over exactly this amount?"""
        try:
            return self.nrs == ACCEPTED and Decimal(self.total or "") == expected
        except InvalidOperation:
            return False

    def line(self, connector: str) -> str:
        """The sale in one line: sale → invoice number → IRN → status → total."""
        parts = [
            self.sale,
            self.invoice_number,
            self.irn,
            self.status,
            f"{self.currency or ''} {self.total or '-'}".strip(),
        ]
        return f"{connector:<12} " + "  →  ".join(part or "-" for part in parts)


@dataclass
class Report:
    """The whole run. `refunds`: the credit notes over what was given back, by connector."""

    ok: bool = False
    seconds: float = 0.0
    connectors: dict[str, Outcome] = field(default_factory=dict)
    refunds: dict[str, Outcome] = field(default_factory=dict)

    def right(self, connector: str, total: Decimal, refund: Decimal) -> bool:
        """Is the sale accepted over exactly this amount, and what was given back credited exactly?"""
        back = self.refunds.get(connector)
        return self.connectors[connector].right(total) and (back.right(refund) if back else not refund)

    def as_json(self) -> dict[str, Any]:
        """Exactly the agreed keys; refunds are printed, and count for `ok`."""
        return {name: value for name, value in asdict(self).items() if name != "refunds"}
