"""The shops of an account, read as a template's `locations` block says: paging, quirks, odd names, what is too much."""

from __future__ import annotations

from typing import Any

import pytest

from taxpoynt.connector_kit import locations
from taxpoynt.connector_kit.cross_checks import cross_checks
from taxpoynt.connector_kit.locations import read_locations
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_account import Locations
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.connector_kit.template_quirks import Quirks
from taxpoynt.connector_kit.template_records import Resource
from taxpoynt.domain.locations import Location
from taxpoynt.errors import PlatformRefused, PlatformUnavailable
from tests.unit.connector_kit.parts import TableApi
from tests.unit.connector_kit.platforms import platform

WHERE: dict[str, Any] = {"resource": "shops", "id": "id", "name": "name", "of": {"sale": "shop_id"}}
CURSOR: dict[str, Any] = {"style": "cursor", "parameter": "at", "next": "next"}


def spec(resource: dict[str, Any] | None = None, quirks: dict[str, Any] | None = None, **where: Any) -> Template:
    shops = Resource.model_validate(resource or {"path": "/shops", "item": "shops"})
    base = platform("square")
    return base.model_copy(
        update={
            "resources": {**base.resources, "shops": shops},
            "locations": Locations.model_validate({**WHERE, **where}),
            "quirks": Quirks.model_validate(quirks or {}),
            "paging": Paging.model_validate({"style": "none"}),
        }
    )


def read(shown: Any, **more: Any) -> list[Location]:
    found = read_locations(TableApi({"/shops": {"shops": shown}}), spec(**more))
    assert found is not None
    return found


def test_every_page_is_read_and_a_shop_that_comes_twice_counts_once() -> None:
    api = TableApi(
        {
            "/shops?open=all": {"shops": [{"id": 1, "name": "Ikeja"}, {"id": 2, "name": "Lekki"}], "next": "b"},
            "/shops?at=b&open=all": {"shops": [{"id": 2, "name": "Lekki"}, {"id": 3, "name": "Abuja"}]},
        }
    )
    paged = {"path": "/shops", "params": {"open": "all"}, "item": "shops", "paged": True, "paging": CURSOR}
    found = read_locations(api, spec(paged))
    assert found is not None
    assert [(one.id, one.name) for one in found] == [("1", "Ikeja"), ("2", "Lekki"), ("3", "Abuja")]
    assert len(api.asked) == 2


def test_everything_the_template_names_is_kept() -> None:
    shown = {"id": "s-1", "name": "Ikeja", "cur": "NGN", "tz": "Africa/Lagos", "at": {"street": "1 Road", "no": None}}
    [one] = read([shown], currency="cur", time_zone="tz", address="at", active="shut != 'yes'")
    assert one == Location(id="s-1", name="Ikeja", currency="NGN", time_zone="Africa/Lagos", address="1 Road")
    [closed] = read([{**shown, "shut": "yes", "at": ["1 Road", "Lagos"]}], active="shut != 'yes'", address="at")
    assert (closed.active, closed.address) == (False, "1 Road, Lagos")


def test_one_shop_without_its_list_and_names_of_their_own_spelling_are_put_right() -> None:
    [one] = read({"Id": 7, "name": "Only"}, quirks={"renamed": {"Id": "id"}})
    assert (one.id, one.name) == ("7", "Only")
    assert read("") == []
    assert read(None) == []


@pytest.mark.parametrize("odd", [None, True, "", "a b", "../x", "a/b", {"x": 1}, "x" * 129])
def test_an_entry_without_a_usable_id_is_left_out(odd: object) -> None:
    assert [one.id for one in read([{"id": odd, "name": "Odd"}, {"id": 1, "name": "Good"}])] == ["1"]


def test_a_name_is_one_line_and_the_id_stands_in_for_none() -> None:
    found = read([{"id": 1, "name": " Ikeja\n\x00 City "}, {"id": 2, "name": None}, {"id": 3, "name": "n" * 999}])
    assert [one.name for one in found[:2]] == ["Ikeja City", "2"]
    assert len(found[2].name) == locations.LONGEST


def test_too_many_shops_and_an_answer_that_is_none_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locations, "MOST", 2)
    with pytest.raises(PlatformRefused, match="more than 2 shops"):
        read([{"id": number, "name": "x"} for number in range(3)])
    with pytest.raises(PlatformRefused):
        read(17)
    with pytest.raises(PlatformUnavailable):
        read_locations(TableApi({"/shops": b"<html>"}), spec())


def test_a_platform_without_shops_is_asked_nothing() -> None:
    api = TableApi({})
    assert read_locations(api, spec().model_copy(update={"locations": None})) is None
    assert api.asked == []


@pytest.mark.parametrize(
    "resource",
    [
        {"path": "/shops/{id}", "item": "data"},
        {"path": "/shops", "item": "data", "params": {"of": "{ids}"}},
        {"path": "/shops", "item": "data", "body": {"ids": ["{id}"]}},
        {"path": "/shops", "item": "data", "body": {}, "batch": {"at_most": 5, "into": "ids"}},
    ],
)
def test_shops_that_are_asked_for_by_their_id_are_no_list(resource: dict[str, Any]) -> None:
    found = cross_checks({"resources": {"shops": resource}, "locations": {"resource": "shops", "of": {}}})
    assert [one.place for one in found if "no list of shops" in one.message] == [("locations", "resource")]
    whole = {"path": "/shops/{account_id}", "item": "data"}
    found = cross_checks({"resources": {"shops": whole}, "locations": {"resource": "shops", "of": {}}})
    assert not any("no list of shops" in one.message for one in found)
