"""A person with a browser without JavaScript: opens pages, fills labelled fields, presses named buttons."""

from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

Fields = dict[str, str]


class Person:
    """One browser session; ``page`` is what is seen, ``url`` where."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.url = home
        self.session = requests.Session()
        self.page = BeautifulSoup("", "html.parser")
        self.status = 0
        self.typed: dict[str, str | None] = {}

    def open(self, path: str) -> "Person":
        """Open an address."""
        return self._see(self.session.get(urljoin(self.url, path), timeout=60))

    def follow(self, name: str) -> "Person":
        """Follow the first link of this name."""
        return self.open(str(self._named("a", name)["href"]))

    def fill(self, label: str, value: str) -> "Person":
        """Write into the field of this label, or choose the option that begins like this."""
        return self._write(self.field(label), value)

    def _write(self, field: Tag, value: str) -> "Person":
        if field.name == "select":
            options = [one for one in field.find_all("option") if one.get_text(strip=True).startswith(value)]
            assert options, f"{field['name']} does not offer {value}"
            value = str(options[0]["value"])
        self.typed[str(field["name"])] = value
        return self

    def tick(self, label: str) -> "Person":
        """Tick a box or choose a radio button."""
        field = self.field(label)
        self.typed[str(field["name"])] = str(field.get("value", "on"))
        return self

    def field(self, label: str) -> Tag:
        """The field of this label."""
        named = self.page.find(["input", "select"], attrs={"aria-label": label})
        if isinstance(named, Tag):
            return named
        for one in self.page.find_all("label"):
            if one.get_text(" ", strip=True) == label and one.get("for"):
                found = self.page.find(id=str(one["for"]))
                assert isinstance(found, Tag)
                return found
        raise AssertionError(f"no field {label!r} on {self.url}: {self.text[:500]}")

    def press(self, name: str, **more: str) -> "Person":
        """Press the first button of this name, and send its form."""
        button = self._named("button", name)
        form = self.page.find(id=str(button["form"])) if button.get("form") else button.find_parent("form")
        assert isinstance(form, Tag), f"{name} is in no form"
        fields = self._fields(form) | {key: value for key, value in self.typed.items() if value is not None}
        if button.get("name"):
            fields[str(button["name"])] = str(button.get("value", ""))
        target = str(button.get("formaction") or form.get("action") or self.url)
        method = str(form.get("method", "get")).upper()
        sent = {"params": fields | more} if method == "GET" else {"data": fields | more}
        return self._see(self.session.request(method, urljoin(self.url, target), timeout=90, **sent))  # type: ignore[arg-type]

    def has(self, name: str) -> bool:
        """Say whether a link or button of this name is here."""
        return any(words(one) == name for one in self.page.find_all(["a", "button"]))

    def hidden(self, name: str) -> str:
        """The value of a hidden field."""
        found = self.page.find("input", attrs={"name": name})
        assert isinstance(found, Tag), f"no {name}"
        return str(found.get("value", ""))

    def fields(self, form_id: str) -> Fields:
        """What a form would send when nobody touches it."""
        form = self.page.find(id=form_id)
        assert isinstance(form, Tag), f"no form {form_id} on {self.url}: {self.text[:600]}"
        return self._fields(form)

    @property
    def text(self) -> str:
        """What can be read, spaces made one."""
        main = self.page.find("main") or self.page
        return " ".join(main.get_text(" ").split())

    def _named(self, kind: str, name: str) -> Tag:
        for one in self.page.find_all(kind):
            if isinstance(one, Tag) and words(one) == name:
                return one
        raise AssertionError(f"no {kind} {name!r} on {self.url}: {self.text[:600]}")

    def _fields(self, form: Tag) -> Fields:
        own = str(form.get("id", "none"))
        controls = [*form.find_all(["input", "select", "textarea"]), *self.page.find_all(attrs={"form": own})]
        found: Fields = {}
        for one in controls:
            if one.get("name") and not one.has_attr("disabled") and (value := value_of(one)) is not None:
                found[str(one["name"])] = value
        return found

    def _see(self, answer: requests.Response) -> "Person":
        self.url = answer.url
        self.status = answer.status_code
        self.typed = {}
        self.page = BeautifulSoup(answer.text, "html.parser")
        assert "Traceback (most recent call last)" not in answer.text, answer.text[-2000:]
        return self


def words(tag: Tag) -> str:
    """The accessible name, nearly."""
    return str(tag.get("aria-label") or " ".join(tag.get_text(" ").split()))


def value_of(control: Tag) -> str | None:
    """What a control sends when nobody touches it; None if nothing."""
    if control.name == "select":
        options = control.find_all("option")
        chosen = [one for one in options if one.has_attr("selected")] or options[:1]
        return str(chosen[0].get("value", "")) if chosen else None
    if control.get("type") in ("checkbox", "radio"):
        return str(control.get("value", "on")) if control.has_attr("checked") else None
    return None if control.get("type") in ("submit", "button") else str(control.get("value", ""))
