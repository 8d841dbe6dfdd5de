"""How R-Series writes values: every scalar is a string, decimals without trailing zeros, times in UTC with +00:00."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

CENT = Decimal("0.01")


def words(text: str) -> list[str]:
    """The words of a long enumeration."""
    return text.split()


def text(value: Any) -> str:
    """One scalar on the wire."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return str(value)


def plain(number: Decimal) -> str:
    """`34.48`, `20`, `0.9965025`, never an exponent or a negative zero."""
    return format(number.normalize(), "f") if number else "0"


def cents(number: Decimal) -> Decimal:
    """Two decimals, half up (away from zero), as the header of a sale rounds."""
    return number.quantize(CENT, ROUND_HALF_UP)


def decimal(value: Any, what: str) -> Decimal:
    """From a control call's text or whole number; ValueError says what was wrong. No floats: they are not exact."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        with suppress(InvalidOperation):
            return Decimal(value)
    raise ValueError(f'{what} must be a text such as "19.99", or a whole number, not {value!r}')


def moment(value: Any, what: str) -> datetime:
    """An ISO time with an offset."""
    try:
        parsed = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be a time such as 2026-05-15T09:00:00+00:00, not {value!r}") from None
    if parsed.tzinfo is None:
        raise ValueError(f"{what} needs an offset: {value}")
    return parsed.astimezone(UTC).replace(microsecond=0)
