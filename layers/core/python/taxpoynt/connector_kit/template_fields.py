"""The kinds of values a template holds."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Path = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_./{}-]*$")]
Origin = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9-]+(\.[a-z0-9-]+)+$")]
HostName = Annotated[
    str, StringConstraints(pattern=r"^https://([a-z0-9-]+(\.[a-z0-9-]+)+|\{[a-z][a-z0-9_]*\}(\.[a-z0-9-]+){2,})$")
]
"""An origin, or one whose first label is a field of the account: `https://{domain_prefix}.retail.lightspeed.app`."""

Suffix = Annotated[str, StringConstraints(pattern=r"^\.[a-z0-9-]+(\.[a-z0-9-]+)+$")]
Header = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
Status = Annotated[int, Field(ge=100, le=599)]
Count = Annotated[int, Field(ge=1)]
Sentence = Annotated[str, StringConstraints(min_length=3, max_length=500)]
"""Words for people."""

FieldPath = Annotated[
    str, StringConstraints(pattern=r"^(\*|[A-Za-z_][A-Za-z0-9_]*)(\[\])?(\.(\*|[A-Za-z_][A-Za-z0-9_]*)(\[\])?)*$")
]
"""A field of a record: `emails[].value`, `custom_fields.*`. `[]` is every item of a list, `*` every key."""


def _pattern(kind: Any) -> str:
    return str(get_args(kind)[1].pattern)


IN_WORDS: dict[str, str] = {
    _pattern(kind): words
    for kind, words in (
        (Name, "should be a name: a-z, 0-9 and _, beginning with a letter"),
        (Path, "should be a path such as /v2/orders/{id}"),
        (Origin, "should be an origin such as https://api.example.com"),
        (HostName, "should be an origin such as https://api.example.com or https://{shop}.example.com"),
        (Suffix, "should be the end of a host name, such as .example.com"),
        (Header, "should be a header's name in lower case"),
        (FieldPath, "should be a field such as emails[].value"),
    )
}
"""What a pattern means, for the people who read faults."""
