"""Each transform: what it reads, and what it refuses rather than guess."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.domain.money import plain
from taxpoynt.mapping.rules import transform_fault
from taxpoynt.mapping.transforms import TRANSFORMS, NoValue
from tests.unit.mapping.test_expressions import MOST_STEPS, steps

D = Decimal
REFUSED = "refused"


def done(name: str, value: Any, argument: Any = None) -> Any:
    try:
        made = TRANSFORMS[name].run(value, argument)
    except NoValue:
        return REFUSED
    return plain(made) if isinstance(made, Decimal) else made


@pytest.mark.parametrize(
    ("value", "argument", "expected"),
    [
        (D("10.50"), None, "10.50"),
        (7, None, "7"),
        ("1e3", None, "1000"),
        (" -12.5 ", None, "-12.5"),
        ("1,234.50", None, REFUSED),
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("12.345.678", ",", "12345678"),
        ("1 234,5", ",", "1234.5"),
        ("1\u202f234,5", ",", "1234.5"),
        ("1'234.5", ".", "1234.5"),
        ("12,34.5", ".", REFUSED),
        ("1,2345", ".", REFUSED),
        ("1,234,56", ".", REFUSED),
        ("1.234,50", ".", REFUSED),
        ("₦5", ".", REFUSED),
        ("", None, REFUSED),
        (True, None, REFUSED),
        ([1], None, REFUSED),
        ("NaN", None, REFUSED),
        ("Infinity", ".", REFUSED),
        ("9" * 40, None, REFUSED),
    ],
)
def test_decimal(value: Any, argument: Any, expected: str) -> None:
    assert done("decimal", value, argument) == expected


@pytest.mark.parametrize(
    ("value", "argument", "expected"),
    [
        (150050, "NGN", "1500.50"),
        ([150050, "ngn"], None, "1500.50"),
        ([150050, "JPY"], "NGN", "150050"),
        ({"amount": -433, "currency": "USD"}, None, "-4.33"),
        (["1234", "KWD"], None, "1.234"),
        ([500, "HUF"], None, "5.00"),
        ([500, "UGX"], None, "500"),
        ([500, "CLF"], None, "0.0500"),
        ([0, "NGN"], None, "0.00"),
        ([None, "NGN"], None, None),
        ({"currency": "NGN"}, None, None),
        (150050, None, REFUSED),
        ([150050, "naira"], None, REFUSED),
        ([150050, None], None, REFUSED),
        (D("10.5"), "NGN", REFUSED),
        ([1, 2, 3], None, REFUSED),
        ("x", "NGN", REFUSED),
    ],
)
def test_minor_units_by_the_currency(value: Any, argument: Any, expected: Any) -> None:
    assert done("minor_units", value, argument) == expected


@pytest.mark.parametrize(
    ("name", "value", "argument", "expected"),
    [
        ("percent_from_fraction", "0.075", None, "7.5"),
        ("percent_from_fraction", D("0.09375"), None, "9.375"),
        ("percent_from_fraction", 0, None, "0"),
        ("percent_from_fraction", "5 %", None, REFUSED),
        ("negate", "-1.50", None, "1.50"),
        ("negate", 0, None, "0"),
        ("negate", "x", None, REFUSED),
        ("abs", "-0.1", None, "0.1"),
        ("sum", ["0.10", D("0.20"), 3, None, ""], None, "3.30"),
        ("sum", [], None, None),
        ("sum", ["a"], None, REFUSED),
        ("sum", "1", None, REFUSED),
        ("title", "ada o'neil LTD", None, "Ada O'neil Ltd"),
        ("html_to_text", "<p>Fine &amp; dry<br>5&nbsp;kg</p>\x07", None, "Fine & dry 5 kg"),
        ("html_to_text", "a < b", None, "a < b"),
        ("join", ["a", None, " b "], "-", "a-b"),
        ("join", "a", "-", REFUSED),
        ("concat", "a", "-", "a"),
        ("replace", "₦5,000", {"from": "₦", "to": ""}, "5,000"),
        ("replace", "a" * 90_000, {"from": "a", "to": "b" * 100}, REFUSED),
        ("between", "Ada (RC 123) x", {"after": "(", "before": ")"}, "RC 123"),
        ("between", "id: 7", {"after": ":"}, "7"),
        ("between", "7 items", {"before": " "}, "7"),
        ("between", "nothing", {"after": "("}, REFUSED),
        ("cut", "NG-LA-IKE", {"start": 0, "length": 5}, "NG-LA"),
        ("cut", "NG", {"start": 0, "length": 5}, REFUSED),
        ("first", [None, "", "a", "b"], None, "a"),
        ("last", ["a", "b", None], None, "b"),
        ("first", [], None, None),
        ("first", "a", None, "a"),
        ("boolean", True, None, "true"),
        ("boolean", "No", None, "false"),
        ("boolean", 1, None, "true"),
        ("boolean", D(0), None, "false"),
        ("boolean", 2, None, REFUSED),
        ("boolean", "perhaps", None, REFUSED),
        ("boolean", None, None, REFUSED),
        ("lookup", True, {"true": "inclusive"}, "inclusive"),
        ("lookup", 17, {"17": "A"}, "A"),
        ("lookup", [1], {"*": "A"}, REFUSED),
    ],
)  # fmt: skip
def test_texts_numbers_and_lists(name: str, value: Any, argument: Any, expected: Any) -> None:
    assert done(name, value, argument) == expected


@pytest.mark.parametrize(
    ("name", "value", "argument", "expected"),
    [
        ("datetime", "2026-05-15T21:31:07+01:00", None, "2026-05-15T20:31:07+00:00"),
        ("datetime", "2026-05-15T21:31:07Z", "Africa/Nairobi", "2026-05-15T21:31:07+00:00"),
        ("datetime", "2019-02-24T13:48:44.206+0000", None, "2019-02-24T13:48:44.206000+00:00"),
        ("datetime", "2026-05-15 21:31", "Africa/Lagos", "2026-05-15T20:31:00+00:00"),
        ("datetime", ["2026-07-01 12:00", "Europe/London"], None, "2026-07-01T11:00:00+00:00"),
        ("datetime", ["2026-07-01 12:00", "Europe/London"], "Africa/Lagos", "2026-07-01T11:00:00+00:00"),
        ("datetime", "2026-05-15", {"zone": "Africa/Lagos", "at": "12:00"}, "2026-05-15T11:00:00+00:00"),
        ("datetime", "20260515", {"zone": "UTC", "at": "00:00"}, "2026-05-15T00:00:00+00:00"),
        ("datetime", [None, "Africa/Lagos"], None, None),
        ("datetime", "2026-05-15 21:31", None, REFUSED),
        ("datetime", "2026-05-15", "Africa/Lagos", REFUSED),
        ("datetime", ["2026-05-15 21:31", "Mars/Base"], None, REFUSED),
        ("datetime", ["2026-05-15 21:31", "../../etc/passwd"], None, REFUSED),
        ("datetime", ["2026-05-15 21:31", "America"], None, REFUSED),
        ("datetime", "15/05/2026 10:00", None, REFUSED),
        ("datetime", "0001-01-01T00:00:00+14:00", None, REFUSED),
        ("datetime", 7, None, REFUSED),
        ("date", "2026-05-15", None, "2026-05-15"),
        ("date", 20260515, None, "2026-05-15"),
        ("date", "15/5/2026", {"order": "dmy"}, "2026-05-15"),
        ("date", "5.15.2026", {"order": "mdy"}, "2026-05-15"),
        ("date", "2026-05-15T23:30:00Z", "Africa/Lagos", "2026-05-16"),
        ("date", ["2026-05-15T23:30:00Z", "America/New_York"], None, "2026-05-15"),
        ("date", "2026-05-15T23:30:00", None, "2026-05-15"),
        ("date", "2026-05-15T23:30:00Z", None, REFUSED),
        ("date", "15/05/2026", None, REFUSED),
        ("date", "15/05/26", {"order": "dmy"}, REFUSED),
        ("date", "31/02/2026", {"order": "dmy"}, REFUSED),
        ("date", "20261399", None, REFUSED),
        ("unix_seconds", 1780000000, None, "2026-05-28T20:26:40+00:00"),
        ("unix_seconds", "1780000000.5", None, "2026-05-28T20:26:40.500000+00:00"),
        ("unix_millis", 1780000000123, None, "2026-05-28T20:26:40.123000+00:00"),
        ("unix_millis", 10**27, None, REFUSED),
        ("unix_seconds", "soon", None, REFUSED),
    ],
)  # fmt: skip
def test_dates_and_times_never_guess_a_zone_or_an_order(name: str, value: Any, argument: Any, expected: Any) -> None:
    assert done(name, value, argument) == expected


@pytest.mark.parametrize(
    "spec",
    [
        {"decimal": ";"},
        {"minor_units": "naira"},
        {"datetime": "Mars/Base"},
        {"datetime": {"zone": "UTC", "at": "25:00"}},
        {"datetime": {"at": "12:00"}},
        {"date": {"order": "ydm"}},
        {"cut": {"start": -1, "length": 1}},
        {"cut": {"start": 0, "length": 0}},
        {"replace": {"from": ""}},
        {"between": {}},
        {"between": {"after": ""}},
        {"join": None},
        {"negate": 1},
        {"lookup": {"a": "x" * 300}},
    ],
)
def test_an_argument_that_cannot_be_meant_is_a_fault_of_the_rule(spec: Any) -> None:
    assert transform_fault(spec) is not None


LONG: list[Any] = [
    "<" * 100_000,
    "<p>" * 33_000,
    "&amp;" * 20_000,
    "\u00a0a " * 33_000,
    "9" * 100_000,
    "1,234" * 20_000,
    ["9.99"] * 50_000,
    ["a" * 1000] * 5000,
    [["a"]] * 50_000,
    10**5000,
]


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_no_transform_takes_much_work_over_anything(name: str) -> None:
    argument = yaml.safe_load(TRANSFORMS[name].argument.example or "null")
    for value in LONG:
        assert steps(partial(done, name, value, argument)) <= MOST_STEPS


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4))
def test_signs_and_fractions_lose_no_digit(number: Decimal) -> None:
    assert TRANSFORMS["negate"].run(TRANSFORMS["negate"].run(number, None), None) == number
    assert TRANSFORMS["percent_from_fraction"].run(number, None) == number * 100
    assert TRANSFORMS["sum"].run([number] * 3, None) == number * 3


@given(st.integers(-(10**20), 10**20), st.sampled_from(["NGN", "JPY", "KWD", "CLF"]))
def test_minor_units_are_exact(units: int, currency: str) -> None:
    digits = {"NGN": 2, "JPY": 0, "KWD": 3, "CLF": 4}[currency]
    assert TRANSFORMS["minor_units"].run([units, currency], None) * 10**digits == units


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda one: one.year > 1))
def test_a_moment_stays_the_same_moment(moment: datetime) -> None:
    made = TRANSFORMS["datetime"].run(moment.isoformat(), None)
    assert datetime.fromisoformat(made) == moment
