"""Whatever names a host from outside, requests stay at the vendor's hosts."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, find, given, settings
from hypothesis import strategies as st

from taxpoynt.connector_kit.hosts import Outside, api_origin, auth_origin, host_set, origin_of
from taxpoynt.errors import ConfigurationError, PlatformRefused
from tests.unit.connector_kit.platforms import NAMES, platform

SPECS = {name: platform(name) for name in NAMES}
X, SALESFORCE = SPECS["lightspeed_x"], SPECS["salesforce"]
HOSTILE = st.one_of(
    st.text(max_size=80),
    st.text("ab-.@:/\\?#%&=[] \t\n\x00A0", max_size=20),
    st.sampled_from(
        ["evil.example", "evil.example#", "a@evil.example", "x.evil.example?", "evil.example/", "127.0.0.1:80#", "a.b"]
    ),
)


def shop_of(prefix: str) -> str:
    found = origin_of(X, host_set(X, "production").api, Outside(callback={"domain_prefix": prefix}))
    assert found is not None
    return found


def broken_shop_of(prefix: str) -> str:
    """Broken twin: puts the label in without looking at it."""
    return "https://{domain_prefix}.retail.lightspeed.app".replace("{domain_prefix}", prefix)


def stays(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    inside = host.endswith(".retail.lightspeed.app") and host.count(".") == 3 and port is None
    return inside and parts.scheme == "https" and parts.username is None and origin == f"https://{host}"


@given(HOSTILE)
@example("exampleshop")
def test_a_field_of_the_callback_is_one_label_below_the_vendors_host_or_refused(prefix: str) -> None:
    try:
        origin = shop_of(prefix) if prefix else "https://a.retail.lightspeed.app"
    except PlatformRefused:
        return
    assert stays(origin), origin


def test_the_twin_that_does_not_look_leads_elsewhere() -> None:
    found = find(
        HOSTILE.filter(bool), lambda prefix: not stays(broken_shop_of(prefix)), settings=settings(max_examples=500)
    )
    assert not stays(broken_shop_of(found))
    assert stays(broken_shop_of("exampleshop"))
    assert stays(shop_of("exampleshop"))


@given(HOSTILE)
def test_a_choice_accepts_the_vendors_hosts_only(named: str) -> None:
    rule = host_set(SALESFORCE, "production").auth
    try:
        origin = origin_of(SALESFORCE, rule, Outside(merchant={"my_domain": named}))
    except PlatformRefused:
        return
    assert (
        origin is None
        or origin in ("https://login.salesforce.com", "https://test.salesforce.com")
        or (urlsplit(origin).hostname or "").endswith(".my.salesforce.com")
    )


@given(st.sampled_from(NAMES), HOSTILE, st.sampled_from(["https://", "http://", "", "//"]))
def test_what_was_stored_is_believed_no_more_than_what_came(name: str, host: str, scheme: str) -> None:
    spec = SPECS[name]
    for rule in (api_origin, auth_origin):
        try:
            origin = rule(spec, scheme + host, None)
        except PlatformRefused:
            continue
        hosts = [one.api for one in spec.hosts.sets()] + [one.token or one.auth for one in spec.hosts.sets()]
        assert (
            any(isinstance(one, str) and one == origin for one in hosts)
            or any(origin.endswith(suffix) for one in hosts if not isinstance(one, str) for suffix in one.suffixes)
            or stays(origin)
        )


@pytest.mark.parametrize("name", ["hubspot", "square", "lightspeed_r"])
def test_a_platform_with_one_host_for_everybody_needs_no_name(name: str) -> None:
    assert api_origin(platform(name), None, None) == platform(name).hosts.production.api


@pytest.mark.parametrize("name", ["lightspeed_x", "salesforce"])
def test_a_platform_with_a_host_for_each_account_has_none_without_a_name(name: str) -> None:
    with pytest.raises(PlatformRefused, match="nothing names the host"):
        api_origin(platform(name), None, None)


def test_a_vendor_without_a_sandbox_has_none_to_choose() -> None:
    assert host_set(platform("square"), "sandbox").api == "https://connect.squareupsandbox.com"
    for name, environment in (("hubspot", "sandbox"), ("square", "staging")):
        with pytest.raises(ConfigurationError, match="no environment"):
            host_set(platform(name), environment)
