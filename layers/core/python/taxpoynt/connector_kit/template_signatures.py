"""How a delivery proves its sender, as data: what is signed, with which secret, and how the header carries it.

`signing.py` carries it out on the ack path without this module; what is written here is checked when a template is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Header, Name
from taxpoynt.domain.model import Model

Part = Annotated[
    str,
    StringConstraints(
        pattern=r"^(method|url|body|secret|timestamp|header:[a-z0-9-]+|form:[A-Za-z0-9_.-]+|text:[\x20-\x7e]{1,40})$"
    ),
]
"""One part of the signing string: what the word says; `header:NAME` a header's value; `form:NAME` one decoded field of
a form body; `text:…` those characters."""

Token = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,40}$")]


class Timestamp(Model):
    """When the sender signed: in a header, in a part of the signature header (`t=…`), or at the top of a JSON body.

    The text is signed as it is printed. Deliveries further than `tolerance_seconds` from now, either way, are stale;
    mind that some senders repeat a delivery with its first timestamp.
    """

    header: Header | None = None
    part: Token | None = None
    body: Token | None = None
    unit: Literal["s", "ms", "iso"]
    tolerance_seconds: Annotated[int, Field(ge=1, le=86_400)] = 300

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(place is not None for place in (self.header, self.part, self.body)) != 1:
            raise ValueError("say where the timestamp stands: one of header, part, body")
        return self


class Layout(Model):
    """A signature header with several parts: split by `split`, each a name and a value joined by `joined`.

    signature: the name whose value is the signature. require: parts that must stand there exactly so. several: the
    name may stand there several times with different values, of which one must be right (a sender that rotates).
    """

    split: Literal[",", " ", ";"]
    joined: Literal["=", ","]
    signature: Token
    require: dict[Token, Token] = Field(default_factory=dict)
    several: bool = False


class Key(Model):
    """From the secret as it is kept to the bytes of the key: without `prefix`, as text or decoded."""

    prefix: str = ""
    encoding: Literal["text", "base64", "hex"] = "text"


class Scheme(Model):
    """One way to prove the sender. Several stand strongest first; the first that a delivery shows is the one judged.

    kind: mac (a keyed digest over `sign`), basic (HTTP Basic), path (nothing but the unguessable path), none.
    header: shows the scheme; with `when`, only if those headers have those values. prefix: of a bare value
    (`sha256=`). url: a quirk of how the sender writes the address it signs. older: known, for `taxpoynt verify` and
    vectors, but refused on the webhook route, so that nobody can choose the weaker scheme for us. doubtful: the vendor
    leaves a detail open; the log then says which other reading of a refused signature would have matched.
    """

    name: Name
    kind: Literal["mac", "basic", "path", "none"]
    header: Header | None = None
    when: dict[Header, Token] = Field(default_factory=dict)
    digest: Literal["hmac-sha256", "hmac-sha1", "sha256"] | None = None
    encoding: Literal["hex", "base64", "base64url"] | None = None
    prefix: str = ""
    layout: Layout | None = None
    sign: tuple[Part, ...] = ()
    timestamp: Timestamp | None = None
    url: Literal["as_called", "hubspot_v3"] = "as_called"
    key: Key = Key()
    older: bool = False
    doubtful: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind != "mac":
            if self.header or self.digest or self.encoding or self.sign or self.timestamp or self.layout:
                raise ValueError(f"{self.kind} has no header, digest, encoding, sign, timestamp or layout")
            return self
        if not (self.header and self.digest and self.encoding and self.sign):
            raise ValueError("a mac needs header, digest, encoding and sign")
        if "body" not in self.sign and not any(part.startswith("form:") for part in self.sign):
            raise ValueError("what is signed must hold the body")
        if (self.digest == "sha256") != ("secret" in self.sign):
            raise ValueError("secret is a part of what is signed when the digest has no key, and only then")
        return self._timestamp_fits()

    def _timestamp_fits(self) -> Self:
        stamp = self.timestamp
        if "timestamp" in self.sign and stamp is None:
            raise ValueError("timestamp is signed, but there is no timestamp block")
        if stamp and "timestamp" not in self.sign and not (stamp.body and "body" in self.sign):
            raise ValueError("the timestamp is not signed, so it proves nothing")
        if stamp and stamp.part and self.layout is None:
            raise ValueError("a timestamp in a part of the header needs a layout")
        return self


class Signature(Model):
    """Whose secret proves a delivery, and how.

    secret: connection (a random pair we made for one connection), endpoint (of one connection's webhook, put down in
    Secrets Manager by a person), app (the `fields` of our application's secret, current and for a day the previous
    version), none. min_bytes: shorter ones are not accepted as configuration.
    """

    secret: Literal["connection", "endpoint", "app", "none"]
    fields: Annotated[tuple[Name, ...], Field(min_length=1)] = ("client_secret",)
    min_bytes: Annotated[int, Field(ge=16, le=64)] = 24
    schemes: Annotated[tuple[Scheme, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        kinds = {scheme.kind for scheme in self.schemes}
        if len(kinds) > 1:
            raise ValueError("schemes of several kinds cannot stand side by side: the weakest would decide")
        wanted = {"basic": ("connection",), "path": ("none",), "none": ("none",), "mac": ("endpoint", "app")}
        if self.secret not in wanted[self.schemes[0].kind]:
            raise ValueError(f"the secret of {self.schemes[0].kind} is {' or '.join(wanted[self.schemes[0].kind])}")
        if all(scheme.older for scheme in self.schemes):
            raise ValueError("at least one scheme must be accepted on the webhook route")
        return self


class Vector(Model):
    """One delivery whose verdict is known.

    secrets: as a person has them (`user:password` for Basic), newest first; at: when it arrives, needed where a
    scheme has a timestamp; older: judged as `taxpoynt verify` does, which also takes the older schemes; reason: the
    word of the verdict, where it matters which.
    """

    name: str
    method: Literal["GET", "POST"] = "POST"
    url: str = "https://connect.example.com/webhooks"
    headers: dict[str, str]
    body: str | None = None
    body_base64: str | None = None
    secrets: tuple[str, ...] = ()
    at: AwareDatetime | None = None
    older: bool = False
    genuine: bool
    reason: str | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.body is not None and self.body_base64 is not None:
            raise ValueError("body or body_base64, not both")
        return self

    def moment(self, otherwise: datetime) -> datetime:
        """When it arrives."""
        return self.at or otherwise
