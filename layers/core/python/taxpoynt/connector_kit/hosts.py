"""Which host a request goes to: the template's rules over whatever names a host from outside.

Nothing from outside is believed: a field is one DNS label below a host of the vendor's, and a whole origin is one of
the template's list. Every origin that was stored is held against the rules again before a connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_hosts import Host, HostChoice, HostSet, Source
from taxpoynt.errors import ConfigurationError, PlatformRefused
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.transforms import NoValue

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
"""One label of a host name (RFC 1035), in lower case; what may stand for a field."""

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
"""A name in DNS: labels of 63 characters; a longer one makes the resolver raise what is no network error."""

_LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9.-]+)(:[0-9]{1,5})?\Z")
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What may name a host, by its source: token answer, callback query, the merchant's answers, our app's secret."""

    token: Mapping[str, Any] = field(default_factory=dict, repr=False)
    callback: Mapping[str, str] = field(default_factory=dict, repr=False)
    merchant: Mapping[str, str] = field(default_factory=dict)
    app: Mapping[str, str] = field(default_factory=dict, repr=False)

    def value(self, source: Source, at: str) -> str | None:
        """The text found there; None when there is none."""
        if source == "token":
            found = _found(at, self.token)
        else:
            by_name: Mapping[str, str] = getattr(self, source)
            found = by_name.get(at)
        if found is not None and not isinstance(found, str):
            raise PlatformRefused("a host that is no text")
        return found or None


def token_header(template: Template, access_token: str) -> dict[str, str]:
    """The header that proves a request of the API."""
    name = template.hosts.token_header
    return {"Authorization": f"Bearer {access_token}"} if name is None else {name: access_token}


def host_set(template: Template, environment: str) -> HostSet:
    """The hosts of `production` or `sandbox`; ConfigurationError for an environment that the vendor does not have."""
    found = {"production": template.hosts.production, "sandbox": template.hosts.sandbox}.get(environment)
    if found is None:
        raise ConfigurationError(f"{template.name} has no environment called {environment[:20]!r}")
    return found


def origin_of(template: Template, host: Host, outside: Outside) -> str | None:
    """The origin that a rule gives; None when nothing names one; PlatformRefused for one that the rule forbids."""
    if isinstance(host, HostChoice):
        named = outside.value(host.source, host.at)
        if named is None:
            return host.default
        return allowed(template, host, f"https://{named}" if "://" not in named else named)
    wanted = _FIELD.search(host)
    if wanted is None:
        return host
    rule = template.hosts.fields[wanted[1]]
    label = outside.value(rule.source, rule.at)
    if label is None:
        return None
    if not LABEL.match(label):
        raise PlatformRefused(f"{template.name}: {wanted[1]} is not one label of a host name")
    return host.replace(wanted[0], label)


def allowed(template: Template, host: Host, origin: str) -> str:
    """The origin without a path, if the rule allows it; PlatformRefused otherwise."""
    clean = _clean(template, origin)
    if not _fits(host, clean):
        raise PlatformRefused(f"{template.name}: a host outside the template's rule")
    return clean


def api_origin(template: Template, named: str | None, endpoint: str | None) -> str:
    """The origin to call: the override where the stage has one, else `named` if a rule of the template allows it.

    Without a name the platform has one host for everybody, or there is none to call.
    """
    if endpoint is not None:
        return local_origin(endpoint)
    return _one_of(template, named, [one.api for one in template.hosts.sets()])


def auth_origin(template: Template, named: str | None, endpoint: str | None) -> str:
    """The same for the host at which tokens are renewed and given back."""
    if endpoint is not None:
        return local_origin(endpoint)
    return _one_of(template, named, [one.token or one.auth for one in template.hosts.sets()])


def local_origin(endpoint: str) -> str:
    """The stage's override, as an origin without path."""
    if not _LOCAL.match(endpoint):
        raise PlatformRefused("a platform endpoint must be an origin such as http://localhost:9101")
    return endpoint


def _one_of(template: Template, named: str | None, rules: list[Host]) -> str:
    if named is None:
        fixed = origin_of(template, rules[0], Outside())
        if fixed is None:
            raise PlatformRefused(f"{template.name}: nothing names the host to call")
        return fixed
    clean = _clean(template, named)
    if any(_fits(rule, clean) for rule in rules):
        return clean
    raise PlatformRefused(f"{template.name}: a host outside the template's rule")


def _clean(template: Template, named: str) -> str:
    try:
        parts = urlsplit(named)
        host = (parts.hostname or "").lower()
    except ValueError:
        raise PlatformRefused(f"{template.name}: a host that is none") from None
    plain = parts.scheme == "https" and parts.netloc.lower() == host and parts.path in ("", "/")
    if not plain or not _HOST.fullmatch(host) or parts.query or parts.fragment:
        raise PlatformRefused(f"{template.name}: a host outside the template's rule")
    return f"https://{host}"


def _fits(rule: Host, origin: str) -> bool:
    if isinstance(rule, HostChoice):
        host = origin.removeprefix("https://")
        return origin in (*rule.origins, rule.default) or any(
            host.endswith(suffix) and len(host) > len(suffix) for suffix in rule.suffixes
        )
    wanted = _FIELD.search(rule)
    if wanted is None:
        return origin == rule
    before, after = rule.split(wanted[0])
    label = origin.removeprefix(before).removesuffix(after)
    return origin == before + label + after and LABEL.match(label) is not None


def _found(expression: str, seen: Any) -> Any:
    try:
        return find(expression, seen)
    except NoValue:
        return None
