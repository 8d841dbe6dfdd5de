"""Mistakes of whoever drives a sandbox, as opposed to what a platform refuses (`Refused`)."""


class ControlError(ValueError):
    """The control call is wrong; the text says how."""


class SeedError(ValueError):
    """The seed is wrong; the text says where."""
