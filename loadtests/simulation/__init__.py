"""The submission design under virtual time and seeded faults, with the real services (docs/decisions/0018)."""
