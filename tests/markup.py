"""What must hold on every page and fragment, read in one go: a thousand tests ask it of each answer."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

UNSAID = {"hidden", "submit", "button", "reset"}
CONTROLS = {"input", "select", "textarea"}
# What stands inside these is no text of the page.
RAW = re.compile(r"(<(script|style)\b[^>]*>).*?(</\2>)", re.DOTALL | re.IGNORECASE)
# They have no end tag.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
TAG = re.compile(
    r"""<!--.*?-->|<!doctype[^>]*>|<(?P<end>/?)(?P<name>[a-z][\w-]*)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)>""",
    re.DOTALL | re.IGNORECASE,
)
ATTRIBUTE = re.compile(r"""([^\s"'=/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
# These name other elements by their ids.
POINTERS = ("hx-target", "for", "aria-describedby", "aria-labelledby", "aria-controls")


@dataclass(eq=False)
class Element:
    """An element, what is written in it, and what it stands in."""

    start: str
    name: str
    attributes: dict[str, str]
    inside: tuple["Element", ...]
    text: list[str] = field(default_factory=list)
    holds_a_label: bool = False

    @property
    def words(self) -> str:
        """Everything that is written in it, at any depth."""
        return "".join(self.text).strip()


def faults(text: str) -> list[str]:
    """Return what is wrong with a page or fragment."""
    elements = read(text)
    wrong = [*inline_code(elements), *unlabelled(elements), *doubled_ids(elements)]
    if any(each.name == "html" for each in elements):
        wrong += [*headings(elements), *missing_targets(elements)]
    return wrong


def read(text: str) -> list[Element]:
    """Return all elements in their order."""
    text = RAW.sub(r"\1\3", text)
    found: list[Element] = []
    opened: list[Element] = []
    at = 0
    for match in TAG.finditer(text):
        write(opened, text[at : match.start()])
        at = match.end()
        name = (match["name"] or "").lower()
        if match["end"]:
            close(opened, name)
        elif name:
            element = Element(match[0], name, attributes_of(match["attributes"]), tuple(opened))
            found.append(element)
            if "aria-label" in element.attributes:
                mark(opened)
            if name not in VOID and not match["attributes"].endswith("/"):
                opened.append(element)
    write(opened, text[at:])
    return found


def write(opened: list[Element], text: str) -> None:
    """Note a text in everything that it stands in."""
    assert "<" not in text, f"not a tag: {text[text.index('<') :][:100]}"
    if not text.isspace():
        for element in opened:
            element.text.append(text)


def close(opened: list[Element], name: str) -> None:
    """Close an element, and what was left open in it."""
    names = [each.name for each in opened]
    if name in names:
        del opened[len(names) - 1 - names[::-1].index(name) :]


def mark(opened: list[Element]) -> None:
    """Note in everything that is open that something in it has a label."""
    for element in opened:
        element.holds_a_label = True


def attributes_of(text: str) -> dict[str, str]:
    """Return the attributes of a start tag."""
    found = ATTRIBUTE.findall(text)
    return {name.lower(): html.unescape(double or single or bare) for name, double, single, bare in found}


def headings(elements: list[Element]) -> Iterator[str]:
    """A page has one h1 with words in it, a title and a main part."""
    found = [each.words for each in elements if each.name == "h1"]
    if len(found) != 1 or not found[0]:
        yield f"h1: {found}"

    names = {each.name for each in elements}
    for part in ("title", "main"):
        if part not in names:
            yield f"no {part}"


def inline_code(elements: list[Element]) -> Iterator[str]:
    """The content security policy allows no styles and scripts inside the page."""
    for each in elements:
        if each.name in ("style", "script") and not each.attributes.get("src"):
            yield f"<{each.name}> inside"

        for name in each.attributes:
            if name == "style" or name.startswith(("on", "hx-on")):
                yield f"<{each.name} {name}>"


def unlabelled(elements: list[Element]) -> Iterator[str]:
    """Every control has a name that can be read out."""
    labelled = {each.attributes.get("for") for each in elements if each.name == "label"} - {None, ""}
    for each in elements:
        if is_read_out(each) and not has_label(each) and each.attributes.get("id") not in labelled:
            yield f"no label: {each.start[:100]}"

        if each.name in ("button", "a") and not has_words(each):
            yield f"no words: {each.start[:100]}"


def is_read_out(element: Element) -> bool:
    """Say whether an element is a control that needs a label."""
    return element.name in CONTROLS and element.attributes.get("type") not in UNSAID


def has_label(control: Element) -> bool:
    """Say whether a control names its label, or stands in one."""
    named = control.attributes.get("aria-label") or control.attributes.get("aria-labelledby")
    return bool(named) or any(each.name == "label" for each in control.inside)


def has_words(pressed: Element) -> bool:
    """Say whether a button or link has words, or something in it has a label."""
    return bool(pressed.words or pressed.attributes.get("aria-label") or pressed.holds_a_label)


def doubled_ids(elements: list[Element]) -> Iterator[str]:
    """An id stands once."""
    counts = Counter(each.attributes["id"] for each in elements if "id" in each.attributes)
    for one, count in counts.items():
        if count > 1:
            yield f"id twice: {one}"


def missing_targets(elements: list[Element]) -> Iterator[str]:
    """What htmx swaps, and what labels and descriptions point at, is on the page."""
    ids = {each.attributes.get("id") for each in elements}
    for each in elements:
        for name in POINTERS:
            if name not in each.attributes:
                continue

            spelled = r"#([\w-]+)$" if name == "hx-target" else r"[\w-]+"
            for one in re.findall(spelled, each.attributes[name]):
                if one not in ids:
                    yield f"{name}={one} is not on the page"
