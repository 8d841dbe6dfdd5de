"""A platform whose hosts belong to the account asks the merchant first, and believes neither answer nor callback."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from taxpoynt.ports import Question

from .conftest import Portal


@pytest.fixture
def asking(portal: Portal) -> Portal:
    portal.platform.questions = (Question(name="shop", label="Your shop's name", example="acme"),)
    return portal


def test_a_merchant_is_asked_before_the_consent_screen(asking: Portal) -> None:
    browser = asking.signed_in(asking.merchant())
    page = browser.get("/oauth/pipedrive/start")
    assert page.status == 200
    assert "Your shop&#39;s name" in str(page.body)
    assert 'placeholder="acme"' in str(page.body)


def test_the_answer_leads_to_the_consent_screen_by_a_link_and_comes_back_with_the_callback(asking: Portal) -> None:
    browser = asking.signed_in(asking.merchant())
    page = browser.get("/oauth/pipedrive/start?shop=acme")
    assert page.status == 200
    href = str(page.body).partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    state = parse_qs(urlsplit(href).query)["state"][0]
    back = browser.get(f"/oauth/pipedrive/callback?code=good&state={state}&domain_prefix=acme")
    assert back.status == 303
    assert asking.platform.told == [{"domain_prefix": "acme", "shop": "acme"}]


def test_an_answer_that_is_no_host_of_the_platform_is_told_so(asking: Portal) -> None:
    browser = asking.signed_in(asking.merchant())
    page = browser.get("/oauth/pipedrive/start?shop=evil.example")
    assert page.status == 400
    assert "no address of this platform" in str(page.body)
    assert "evil.example" not in str(page.body)


def test_an_empty_answer_is_asked_again(asking: Portal) -> None:
    assert "<form" in str(asking.signed_in(asking.merchant()).get("/oauth/pipedrive/start?shop=%20").body)


def test_a_platform_that_asks_nothing_leads_straight_to_consent(portal: Portal) -> None:
    assert portal.signed_in(portal.merchant()).get("/oauth/pipedrive/start?shop=evil.example").status == 303
