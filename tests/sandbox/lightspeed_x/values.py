"""Ids, numbers, times and texts as X-Series writes them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

CENT, FIVE = Decimal("0.01"), Decimal("0.00001")
ZERO = Decimal(0)
_ID_HEAD = "0af7b240-abf0-11e9-fb5b-"
_CARD = re.compile(r"\d{13,19}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def words(text: str) -> list[str]:
    """The words of a long enumeration."""
    return text.split()


def uid(number: int) -> str:
    """An id whose last twelve digits are the number, so that a crowd's id can be read back."""
    return f"{_ID_HEAD}{number:012x}"


def uid_number(key: str) -> int | None:
    """The number in an id of ours, None for other ids."""
    head, tail = key[: len(_ID_HEAD)], key[len(_ID_HEAD) :]
    return int(tail, 16) if head == _ID_HEAD and re.fullmatch("[0-9a-f]{12}", tail) else None


def short_code(number: int) -> str:
    """Six letters or digits."""
    mixed, shown = number * 7_919_317 % 36**6, ""
    for _ in range(6):
        mixed, rest = divmod(mixed, 36)
        shown += _LETTERS[rest]
    return shown


def cents(number: Decimal) -> Decimal:
    """Two decimals, half up."""
    return number.quantize(CENT, ROUND_HALF_UP)


def five(number: Decimal) -> Decimal:
    """Five decimals, as every unit value has."""
    return number.quantize(FIVE, ROUND_HALF_UP)


def number(value: Decimal) -> int | float:
    """A JSON number; five decimals of a shop's sums survive a float."""
    return int(value) if value == value.to_integral_value() else float(value)


def text5(value: Decimal) -> str:
    """`"468.80000"`, as webhooks and old versions have it."""
    shown = five(value)
    return format(shown or ZERO.quantize(FIVE), "f")


def iso(moment: datetime) -> str:
    """`2014-09-18T01:37:56+00:00`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def iso_z(moment: datetime) -> str:
    """`2019-07-24T21:46:18Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bare(moment: datetime) -> str:
    """`2019-07-24 21:46:25`: UTC, though it does not say so."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def local(moment: datetime, zone: str) -> str:
    """`2019-05-27T15:19:52+12:00` in the outlet's zone, as version 0.9 has it."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    return moment.astimezone(timezone(offset)).isoformat(timespec="seconds")


def decimal(value: Any, what: str) -> Decimal:
    """From a text or a whole number; ValueError says what was wrong. No floats: they are not exact."""
    if isinstance(value, Decimal):
        return value
    if (isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)) or type(value) is int:
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
    return parsed.astimezone(UTC)


def masked(value: Any) -> Any:
    """The server hides digit runs that look like a card number in the text of customers and sales."""
    if not isinstance(value, str):
        return value
    return _CARD.sub(lambda found: "*" * (len(found[0]) - 4) + found[0][-4:], value)
