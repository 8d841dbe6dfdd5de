"""The OAuth side of every platform, with our client credentials from Secrets Manager."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from taxpoynt.connector_kit import loader, oauth, uninstalling
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.connection import TokenSet
from taxpoynt.errors import ConfigurationError
from taxpoynt.ports import AccountIdentity, Clock, PlatformAuthoriser, Question, SecretStore

MIN_SECRET = 24
"""Bytes. The client secret also proves uninstall signals, so a guessable one must not start."""


@dataclass(frozen=True, slots=True)
class TemplateAuthoriser:
    """A PlatformAuthoriser from a connector template and one app registration."""

    template: Template
    client: oauth.OAuthClient
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"TemplateAuthoriser({self.template.name})"

    @property
    def title(self) -> str:
        """As the template says."""
        return self.template.title

    @property
    def questions(self) -> tuple[Question, ...]:
        """As the template says."""
        return tuple(
            Question(name=name, label=one.label, example=one.example, explanation=one.explanation)
            for name, one in self.template.oauth.asked.items()
        )

    @property
    def pkce(self) -> bool:
        """As the template says."""
        return self.template.oauth.pkce

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        code_challenge: str | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> str:
        """The consent screen."""
        return self.client.authorize_url(
            redirect_uri=redirect_uri, state=state, code_challenge=code_challenge, asked=asked
        )

    def exchange(
        self,
        code: str,
        *,
        redirect_uri: str,
        code_verifier: str | None = None,
        callback: Mapping[str, str] | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> TokenSet:
        """Code to tokens."""
        return self.client.exchange(
            code, redirect_uri=redirect_uri, code_verifier=code_verifier, callback=callback, asked=asked
        )

    def refresh(self, tokens: TokenSet) -> TokenSet:
        """Refresh token to new tokens."""
        return self.client.refresh(tokens)

    def revoke(self, tokens: TokenSet) -> None:
        """Ends the grant at the platform."""
        self.client.revoke(tokens)

    def identify(
        self, tokens: TokenSet, *, asked: Mapping[str, str] | None = None, merchant: str | None = None
    ) -> AccountIdentity:
        """Whose account the grant is for."""
        return self.client.identify(tokens, asked=asked, merchant=merchant)

    def read_uninstall(self, *, authorization: str | None, body: bytes) -> uninstalling.Uninstalled:
        """Who an authentic uninstall signal names."""
        return uninstalling.read_uninstall(
            self.template,
            authorization=authorization,
            body=body,
            client_id=self.client_id,
            client_secret=self.client_secret,
        )


def authorisers(
    *, secrets: SecretStore, prefix: str, endpoints: str, clock: Clock
) -> Callable[[str], PlatformAuthoriser]:
    """`prefix`: start of the secrets' names; `endpoints`: JSON, connector to the origin that replaces its hosts."""
    origins: dict[str, str] = json.loads(endpoints)

    def authoriser(connector: str) -> PlatformAuthoriser:
        template = loader.template(connector)
        secret = secrets.get(prefix + connector)
        client_id, client_secret = secret.get("client_id", ""), secret.get("client_secret", "")
        if not client_id or len(client_secret.encode()) < MIN_SECRET:
            raise ConfigurationError(
                f"fill the secret {prefix}{connector} with client_id and a client_secret of at least {MIN_SECRET} bytes"
            )
        client = oauth.OAuthClient(
            template,
            client_id=client_id,
            client_secret=client_secret,
            clock=clock,
            endpoint=origins.get(connector),
            app={name: str(value) for name, value in secret.items() if name not in ("client_id", "client_secret")},
        )
        return TemplateAuthoriser(template, client, client_id, client_secret)

    return authoriser
