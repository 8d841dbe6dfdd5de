"""The kinds of values a template holds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Path = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_./{}-]*$")]
Origin = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+$")]
Suffix = Annotated[str, StringConstraints(pattern=r"^\.[a-z0-9-]+(\.[a-z0-9-]+)+$")]
Header = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
Status = Annotated[int, Field(ge=100, le=599)]
Count = Annotated[int, Field(ge=1)]
