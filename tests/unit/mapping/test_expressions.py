"""JMESPath within bounds: whatever is written over whatever record, it ends soon, in a value or a reason."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import cache
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jmespath import parser

from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput
from taxpoynt.mapping import bounded
from taxpoynt.mapping.bounded import Budget, Interpreter, TooMuchWork, weigh
from taxpoynt.mapping.expressions import MAX_OUTPUT, compiled, exact_data, fault_of, find, plain_data
from taxpoynt.mapping.roots import references, roots_of
from taxpoynt.mapping.transforms import NoValue

MOST_STEPS = 400_000
"""Lines of Python in one evaluation, some 30 ms. A count, as seconds are the machine's; `make bench` has those."""
D = Decimal


def steps(run: Callable[[], Any]) -> int:
    """How many lines of Python, calls and returns something takes; loops in C show in `make bench` only."""
    count = 0

    def counted(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal count
        count += 1
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        with suppress(NoValue):
            run()
    finally:
        sys.settrace(before)
    return count


# --- what is found --------------------------------------------------------------------------------------------------

VIEW = {
    "order": {
        "total": D("161250.00"),
        "count": 3,
        "lines": [{"id": 1, "net": D("10.50"), "tax": D("0.7875")}, {"id": 2, "net": D("2.25"), "tax": 0}],
        "tips": [D("0.10"), D("0.20")],
    }
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("order.total > `1000`", True),
        ("order.total == `161250`", True),
        ("order.lines[?net > `5`].id", [1]),
        ("order.lines[?tax == `0`].id", [2]),
        ("sum(order.tips)", D("0.30")),
        ("sum(order.lines[].net)", D("12.75")),
        ("max(order.lines[].net)", D("10.50")),
        ("max_by(order.lines, &net).id", 1),
        ("sort_by(order.lines, &net)[].id", [2, 1]),
        ("sort(order.tips)", [D("0.10"), D("0.20")]),
        ("abs(to_number('-1.10'))", D("1.10")),
        ("ceil(order.tips[0])", 1),
        ("to_number('1,5')", None),
        ("to_number('1e400')", None),
        ("to_number(order)", None),
        ("to_string(order.total)", "161250.00"),
        ("to_string(order.count)", "3"),
        ("type(order.total)", "number"),
        ("type(order.lines)", "array"),
        ("avg(order.tips)", D("0.15")),
        ("`0.1`", D("0.1")),
        ("contains(order.tips, `0.1`)", True),
        ("order.count > 'x'", None),
        ("order.lines > `1`", None),
        ("order.lines[?id > 'x']", []),
        ("not_null(order.x, order.count)", 3),
    ],
)
def test_numbers_are_exact_and_are_compared_as_numbers(expression: str, expected: Any) -> None:
    assert fault_of(expression) is None
    assert find(expression, VIEW) == expected


@pytest.mark.parametrize(
    "expression", ["sum(order.lines)", "join(',', order.tips)", "length(order.count)", "max(order)"]
)
def test_what_cannot_be_computed_is_no_value_with_a_reason(expression: str) -> None:
    with pytest.raises(NoValue, match="not computable"):
        find(expression, VIEW)


def test_fractions_are_text_where_json_holds_them_and_decimals_where_rules_see_them() -> None:
    assert plain_data({"a": D("0.10"), "b": 0.1}) == {"a": "0.10", "b": "0.1"}
    assert exact_data({"a": D("0.10"), "b": [0.1]}) == {"a": D("0.10"), "b": [D("0.1")]}
    for beyond in (float("inf"), D("NaN"), D("1e60"), object()):
        with pytest.raises(BadInput):
            exact_data({"a": [beyond]})


# --- what is accepted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "|".join(["[@,@][]"] * 60),
        "|".join(["[@,@]"] * 80),
        "|".join(["{a:@,b:@}"] * 40),
        "!" * 400 + "a",
        ".".join("a" * 200),
        "a" * 501,
        "(" * 200 + "a" + ")" * 200,
        "`" + "[" * 200 + "]" * 200 + "`",
        "",
        None,
        7,
        "a..b",
        "nosuch(@)",
        "`1e400`",
        "`NaN`",
        "`text`",
        "!order.void",
        "a.b.!c",
    ],
)
def test_what_cannot_be_meant_or_would_grow_is_not_accepted(text: Any) -> None:
    assert fault_of(text) is not None


def test_a_negation_that_binds_to_the_first_name_only_says_how_to_write_it() -> None:
    assert fault_of("!line.void") == "`!a.b` is read as `(!a).b`, which is always nothing; write `!(a.b)`"
    assert find("!(line.void)", {"line": {}}) is True


# --- bounds ---------------------------------------------------------------------------------------------------------


@cache
def hostile() -> dict[str, Any]:
    """A record of some megabytes, with everything that expressions can be slow over."""
    rows = [{"a": n, "b": "x" * 40, "c": [1, 2, 3], "d": {"e": "f"}, "f": D(n) / 8} for n in range(3000)]
    return {
        "rows": rows,
        "text": 'é\\"' * 400_000,
        "nested": [[[[1] * 20] * 20] * 20] * 20,
        "texts": ["a" * 5000 + str(n) for n in range(2000)],
        "wide": {str(n): n for n in range(50_000)},
        "numbers": [7] * 1_000_000,
        "deep": read_json(b"[" * 60 + b"]" * 60),
    }


BOMBS = [
    "rows|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|length(@)",
    "[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]",
    "to_string(to_string(to_string(to_string(to_string(to_string(to_string(text)))))))",
    "nested[][][][]|length(@)",
    "nested[*][*][*][*]|length(@)",
    "*.*.*.*",
    "sort_by(rows, &b)|[0]",
    "sort(texts)|[0]",
    "sort(numbers)|[0]",
    "sum(numbers)",
    "join(',', texts)",
    "contains(texts, 'zz')",
    "wide.* | length(@)",
    "rows == rows",
    "rows[?c == d]",
    "rows[?b==b && c==c && d==d]",
    "to_string(rows)",
    "rows[*].merge(@, @, @, @) | length(@)",
    "merge(wide, wide) | length(@)",
    "numbers[::-1]|[0]",
    "map(&[@,@,@], rows)[][]|length(@)",
    "numbers[]|[0]",
    "reverse(numbers)|[0]",
    "max_by(rows, &max_by(c, &@))",
    "rows[*].[rows, a, b][]",
    "rows[*].c[] | sort(@) | [0]",
]


@pytest.mark.parametrize("text", BOMBS)
def test_no_bomb_takes_more_work_than_its_budget(text: str) -> None:
    assert fault_of(text) is None, "the bound is on the work, not only on how it is written"
    assert steps(lambda: find(text, hostile())) <= MOST_STEPS


@pytest.mark.parametrize(
    "text", ["nested[][][][]|length(@)", "rows[?c == d]", "sort_by(rows, &b)|[0]", "to_string(rows)"]
)
def test_without_the_budget_the_same_bombs_do_much_more_work(text: str) -> None:
    unbounded = Budget(10**12)
    Interpreter(unbounded).visit(compiled(text), hostile())
    assert 10**12 - unbounded.left > bounded.MAX_WORK
    with pytest.raises(NoValue, match="too much work"):
        find(text, hostile())


def test_what_is_found_is_bounded_too() -> None:
    assert find("@", [1] * 1000) == [1] * 1000
    with pytest.raises(NoValue, match="too much work"):
        find("@", [1] * (MAX_OUTPUT + 1))
    shared: list[Any] = []
    for _ in range(200):
        shared = [shared, shared]
    with pytest.raises(TooMuchWork):
        weigh(shared, Budget(1000))


def test_an_order_of_two_thousand_lines_is_read_with_room_to_spare() -> None:
    lines = [
        {"id": n, "qty": "1", "price": D("9.99"), "void": n % 50 == 0, "tax": [{"rate": "0.075"}]} for n in range(2000)
    ]
    assert len(find("order.lines[?!(void)].id", {"order": {"lines": lines}})) == 1960
    assert find("sum(order.lines[].price)", {"order": {"lines": lines}}) == D("19980.00")


def test_too_deep_data_is_no_value() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(NoValue):
        find("to_string(@)", deep)


# --- any expression over any record ---------------------------------------------------------------------------------

_NAMES = st.sampled_from(
    ["rows", "a", "b", "c", "d", "text", "texts", "nested", "wide", "numbers", "deep", "@", "*", "deal"]
)
_LITERALS = st.sampled_from(["`1`", "'x'", "`[1,2]`", "`0.5`", "`{}`", "`null`", "`true`", '"odd name"'])
_ONE = st.sampled_from(
    re.findall("[a-z_]+", "length sum to_string to_number sort max min keys values reverse type abs to_array not_null")
)
_BY = st.sampled_from(["sort_by", "max_by", "min_by"])


def _bigger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["|", ".", "||", "&&", "==", ">", "<="]), inner).map("".join),
        inner.map("({})[*]".format),
        inner.map("({})[]".format),
        inner.map("!({})".format),
        st.tuples(inner, inner).map(lambda two: f"({two[0]})[?{two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]},{two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"{{a:{two[0]},b:{two[1]}}}"),
        st.tuples(inner, st.sampled_from(["[0]", "[-1]", "[::2]", "[::-1]", "[1:]", ".*"])).map(
            lambda two: f"({two[0]}){two[1]}"
        ),
        st.tuples(_ONE, inner).map(lambda two: f"{two[0]}({two[1]})"),
        st.tuples(_BY, inner, inner).map(lambda three: f"{three[0]}({three[1]}, &{three[2]})"),
        st.tuples(inner, inner).map(lambda two: f"map(&{two[0]}, {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"contains({two[0]}, {two[1]})"),
        inner.map("join(',', {})".format),
        inner.map("merge({0}, {0})".format),
    )


_EXPRESSIONS = st.recursive(_NAMES | _LITERALS, _bigger, max_leaves=12)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.decimals(-9, 9, places=2),
    st.floats(allow_nan=False),
)
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=20,
)
_QUIET = settings(max_examples=300, suppress_health_check=list(HealthCheck))


@_QUIET
@given(_EXPRESSIONS | st.text(alphabet="[]().|*@!&`'{}:,?ab1", max_size=500))
def test_any_expression_over_a_hostile_record_ends_in_time(text: str) -> None:
    compiled.cache_clear()
    parser.Parser.purge()
    assert steps(lambda: fault_of(text)) <= MOST_STEPS
    if fault_of(text) is None:
        assert steps(lambda: find(text, hostile())) <= MOST_STEPS


@_QUIET
@given(_EXPRESSIONS | st.text(max_size=500), _DATA)
def test_any_expression_over_any_record_ends_in_json_or_a_reason(text: str, data: Any) -> None:
    if fault_of(text) is not None:
        return
    with suppress(NoValue, BadInput):
        json.dumps(plain_data(find(text, exact_data({"deal": data, "a": data}))))


@_QUIET
@given(st.binary(max_size=400), _EXPRESSIONS)
def test_any_bytes_are_a_record_or_refused(body: bytes, text: str) -> None:
    try:
        view = {"deal": read_json(body)}
    except BadInput:
        return
    if fault_of(text) is None:
        assert steps(lambda: find(text, view)) <= MOST_STEPS


# --- roots ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("deal.title", [("deal", ("title",))]),
        ('deal.custom_fields."3d0f"', [("deal", ("custom_fields", "3d0f"))]),
        ("person.emails[?primary].value | [?@ != ''] | [0]", [("person", ("emails", "value"))]),
        ("organization && 'organisation' || person.name", [("organization", ()), ("person", ("name",))]),
        ("[address.route, address.street_number]", [("address", ("route",)), ("address", ("street_number",))]),
        ("{a: x.y, b: z[0].w}", [("x", ("y",)), ("z", ("w",))]),
        ("sort_by(lines, &price)[0].name", [("lines", ())]),
        ("lines[?id == product.id]", [("lines", ())]),
        ("not_null(a.b, c).d", [("a", ("b",)), ("c", ())]),
        ("@.deal.id", [("deal", ("id",))]),
        ("@ | deal.id", [("deal", ("id",))]),
        ("[*].a", []),
        ("`1`", []),
        ("!(a.b) && c == 'x'", [("a", ("b",)), ("c", ())]),
        ("lines[].taxes[].rate", [("lines", ("taxes", "rate"))]),
        ("wide.*.name", [("wide", ("name",))]),
    ],
)
def test_the_roots_of_an_expression_are_found_without_running_it(expression: str, expected: Any) -> None:
    assert references(expression) == expected


@_QUIET
@given(_EXPRESSIONS)
def test_an_expression_sees_nothing_but_its_roots(text: str) -> None:
    if fault_of(text) is not None or "@" in text or "*" in text:
        return
    view = {name: [{"a": [1], "b": "x"}] for name in ("rows", "a", "b", "c", "d", "text", "deal")}
    seen = {name: view[name] for name in roots_of(text) if name in view}

    def outcome(given_view: Any) -> Any:
        try:
            return find(text, given_view)
        except NoValue as reason:
            return str(reason)

    assert outcome(view) == outcome(seen)
