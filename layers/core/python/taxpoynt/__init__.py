"""TaxPoynt Connect: won deals and till sales become Nigerian NRS e-invoices."""
