"""The address a platform calls for one connection, and the pairs it may prove itself with.

A pair is stored before it is given away, and ends a day after the last subscription that has it is gone: by time, and
never because of how many there are. Every write is over the version that was read, so that of two jobs at once one
comes again instead of losing the other's pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from taxpoynt.connector_kit.webhook import basic_secret, new_basic_pair
from taxpoynt.domain.connection import Connection, Endpoint
from taxpoynt.ports import Clock, ConnectionStore, Connector, PlatformApi, WebhookSetup

OVERLAP = timedelta(hours=24)
"""How long a replaced pair is still accepted: a sender repeats what failed for as long as a day (matrix: rotation)."""
PAIR, OF_ENDPOINT = "pair", "endpoint"
"""Kinds of secrets, as WebhookSetup names them."""
MAX_PAIRS = 6
"""Pairs in use side by side; more means that subscriptions were made again and again, so all are made anew."""


@dataclass(frozen=True, slots=True)
class WebhookDoor:
    """`secret_prefix`: start of the names of secrets that a person puts down for one connection."""

    connections: ConnectionStore
    clock: Clock
    public_url: str
    secret_prefix: str

    def subscribe(self, connection: Connection, connector: Connector, api: PlatformApi) -> tuple[str, ...] | None:
        """The ids of the subscriptions, each of which can prove itself; None where a person subscribes, or nobody."""
        setup = connector.webhooks
        url = f"{self.public_url}/webhooks/{connection.connector}"
        if setup.own_address:
            url += f"/{connection.endpoint}"
            door = self._open(connection, setup)
            if setup.secret == PAIR:
                return self._with_pair(connection, connector, api, door, url)
        return connector.subscribe(api, url=url, user="", password="") if setup.by == "api" else None

    def _open(self, connection: Connection, setup: WebhookSetup) -> Endpoint:
        """The endpoint, made when there is none; again active when it was closed."""
        place = str(connection.endpoint)
        known = self.connections.get_endpoint(place)
        if known and known.active:
            return known
        own = f"{self.secret_prefix}{connection.connector}/{connection.connection}"
        new = Endpoint(
            endpoint=place,
            merchant=connection.merchant,
            connection=connection.connection,
            connector=connection.connector,
            secrets=(own,) if setup.secret == OF_ENDPOINT else (),
            version=known.version if known else 0,
        )
        return self.connections.put_endpoint(new)

    def _with_pair(
        self, connection: Connection, connector: Connector, api: PlatformApi, door: Endpoint, url: str
    ) -> tuple[str, ...]:
        """A new pair for what is made now. Pairs nobody has any more get an end."""
        in_use = [one for one in door.secrets if one not in door.until]
        if len(in_use) >= MAX_PAIRS:
            connector.unsubscribe(api, connection.subscriptions)
        user, password = new_basic_pair()
        new = basic_secret(user, password)
        door = self.connections.put_endpoint(replace(door, secrets=(new, *self._living(door))))
        ids = connector.subscribe(api, url=url, user=user, password=password)
        self.connections.put_endpoint(self._settled(door, new, ids))
        return ids

    def _living(self, door: Endpoint) -> tuple[str, ...]:
        return door.accepted(self.clock.now())

    def _settled(self, door: Endpoint, new: str, ids: Sequence[str]) -> Endpoint:
        """Who has which pair. Ids nobody knew belong to this call's pair, or to one of a call that was cut off."""
        living = self._living(door)
        known = {one for secret, many in door.uses.items() if secret in living for one in many}
        unknown = tuple(one for one in ids if one not in known)
        uses: dict[str, tuple[str, ...]] = {}
        for secret in living:
            had = door.uses.get(secret, unknown)
            uses[secret] = tuple(one for one in had if one in ids)
        kept = tuple(one for one in living if one != new or uses[new])  # nothing was made: the new pair is nobody's
        until = {one: door.until.get(one) or self.clock.now() + OVERLAP for one in kept if not uses[one]}
        return replace(door, secrets=kept, uses=_only(uses, kept), until=until)


def _only(uses: Mapping[str, tuple[str, ...]], kept: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {secret: uses[secret] for secret in kept}
