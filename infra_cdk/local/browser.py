"""A browser small enough for the demo: follows redirects, keeps cookies, presses buttons of real HTML forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT = 30


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, and the words on its buttons."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list["Button"] = field(default_factory=list)


@dataclass
class Button:
    """A button: its words, and the field it sends when pressed."""

    text: str = ""
    name: str = ""
    value: str = ""


class PageReader(HTMLParser):
    """Collects forms and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._in_form = False
        self._button: Button | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what can be followed or sent."""
        given = {key: value or "" for key, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._in_form = True
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self._in_form and tag == "input":
            self._input(given)
        elif self._in_form and tag == "button":
            self._button = Button(name=given.get("name", ""), value=given.get("value", ""))
            self.forms[-1].buttons.append(self._button)

    def _input(self, given: dict[str, str]) -> None:
        form = self.forms[-1]
        if given.get("type") == "submit":
            form.buttons.append(Button(given.get("value", ""), given.get("name", ""), given.get("value", "")))
        elif given.get("type") not in ("checkbox", "radio") or "checked" in given:
            form.fields[given.get("name", "")] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        """The words on a button."""
        if self._button is not None:
            self._button.text += data

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag == "form":
            self._in_form = False
        elif tag == "button":
            self._button = None


class NotOnPage(Exception):
    """The page has no such button or link; the message shows what it is."""


class Browser:
    """One merchant's browser. `get` and `press` answer the page that redirects end at."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._page = requests.Response()
        self._reader = PageReader()

    @property
    def url(self) -> str:
        """Address of the page shown."""
        return self._page.url

    @property
    def status(self) -> int:
        """HTTP status of the page shown."""
        return self._page.status_code

    @property
    def text(self) -> str:
        """Source of the page shown."""
        return self._page.text

    def get(self, url: str) -> "Browser":
        """Open an address."""
        return self._show(self._session.get(urljoin(self.url or "", url), timeout=TIMEOUT))

    def follow(self, part: str) -> "Browser":
        """Follow the first link whose address contains `part`.

        Raises:
            NotOnPage: there is none.
        """
        for link in self._reader.links:
            if part in link:
                return self.get(link)
        raise NotOnPage(f"no link with {part!r} on {self.describe()}")

    def press(self, *words: str) -> "Browser":
        """Press the first button whose text contains one of the words, in any case.

        Raises:
            NotOnPage: there is none.
        """
        for form in self._reader.forms:
            for button in form.buttons:
                if any(word.lower() in button.text.lower() for word in words):
                    return self._send(form, button)
        raise NotOnPage(f"no button {' or '.join(words)!r} on {self.describe()}")

    def describe(self) -> str:
        """The page in one line, for messages."""
        return f"{self.url.split('?')[0]} (HTTP {self.status}): {' '.join(self.text.split())[:300]}"

    def _send(self, form: Form, button: Button) -> "Browser":
        fields = dict(form.fields)
        if button.name:
            fields[button.name] = button.value
        target = urljoin(self.url, form.action)
        if form.method == "post":
            # A browser says where a form came from; pages may insist on it.
            headers = {"Origin": "/".join(self.url.split("/")[:3]), "Referer": self.url}
            return self._show(self._session.post(target, data=fields, headers=headers, timeout=TIMEOUT))
        return self._show(self._session.get(target, params=fields, timeout=TIMEOUT))

    def _show(self, page: requests.Response) -> "Browser":
        self._page, self._reader = page, PageReader()
        self._reader.feed(page.text)
        return self
