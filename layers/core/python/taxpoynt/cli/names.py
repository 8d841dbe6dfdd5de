"""Names people use for a connector's resources: `discounts`, `organisation`, `users_me` are unmistakable."""

from __future__ import annotations

import difflib
import re

from taxpoynt.cli.answer import Usage
from taxpoynt.connector_kit.template import Template

ACCOUNT = "account"
_SHORTEST = 3
"""Letters of a beginning (`org`) that are taken for a name."""


class Names:
    """The resources of one template, and the account its connection belongs to."""

    def __init__(self, template: Template) -> None:
        self.all = (*template.resources, ACCOUNT)
        self._account: set[str] = set()
        for read in template.oauth.account.read.values():
            who = [_form(part) for part in read.path.split("/")[-2:]]
            self._account |= {*who, "_".join(who)}

    def known(self, word: str) -> str | None:
        """The resource that `word` means; None when it is none or could be several.

        Exact first; then without regard to case, separators, plural and British spelling; then the one name that ends
        with the word (`discounts`), begins with it (`org`), or the account by its address (`users/me`).
        """
        if word in self.all:
            return word
        form = _form(word)
        found = [name for name in self.all if _form(name) == form]
        found = found or [name for name in self.all if _form(name).endswith(f"_{form}")]
        found = found or [name for name in self.all if len(form) >= _SHORTEST and _form(name).startswith(form)]
        if not found and form in self._account:
            return ACCOUNT
        return found[0] if len(found) == 1 else None

    def split(self, pair: str) -> tuple[str, str]:
        """`NAME=FILE` as (resource, file); Usage when it is not that."""
        word, _, file = pair.partition("=")
        name = self.known(word)
        if name is not None and file:
            return name, file
        close = difflib.get_close_matches(word, self.all, n=1)
        hint = f"did you mean {close[0]}?" if close and name is None else f"names: {', '.join(sorted(self.all))}"
        raise Usage(f"--related {pair}: give NAME=FILE; {hint}")


def _form(word: str) -> str:
    """`Deal-Products` and `deal_product` are the same word."""
    plain = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")
    plain = plain.replace("organis", "organiz").replace("instalment", "installment")
    return "_".join(part.removesuffix("s") for part in plain.split("_"))
