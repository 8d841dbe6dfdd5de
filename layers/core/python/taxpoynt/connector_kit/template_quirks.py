"""Named habits of platforms that are no standard: a closed list, not an expression language. quirks.py has the code."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from taxpoynt.domain.model import Model

Keys = Annotated[tuple[str, ...], Field(min_length=1)]
"""Names of keys, at any depth of an answer."""


class Quirks(Model):
    """What is put right in every answer before anything else reads it.

    always_lists: values under these keys are lists even when one item comes as an object and none as "" or null.
    zero_is_none: "0" and 0 under these keys mean that there is none.
    epoch_is_none: a time at the start of 1970 under these keys means that there is none.
    any_case: these keys come in changing upper and lower case; they are read as written here.
    renamed: key as it comes: key as the template calls it.
    ids_18: 15-character case-sensitive ids under these keys are written with their 3-character checksum.
    """

    always_lists: Keys | None = None
    zero_is_none: Keys | None = None
    epoch_is_none: Keys | None = None
    any_case: Keys | None = None
    renamed: dict[str, str] | None = None
    ids_18: Keys | None = None
