"""A large catalogue loads within the platform's limits, in flat memory, killed again and again: docs/catalogue.md."""
