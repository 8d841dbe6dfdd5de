"""The campaign: thousands of sales through the real stack while NRS fails and workers die (docs/local-stage.md)."""
