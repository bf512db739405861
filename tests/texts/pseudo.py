"""A language that nobody speaks: each text is longer by 40 %, and stands in brackets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from babel.support import NullTranslations
from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, PreformattedString, Tag
from flask import Flask

from portal import languages
from portal.extensions import babel
from portal.web.common.words import locale_of

# A country whose English no other test reads, so that nothing that is kept by language is mixed up.
TAG = "en-IE"
OPEN = "⟦"
CLOSE = "⟧"
WORD = 12
SPOKEN = ("title", "aria-label", "placeholder", "alt", "aria-description", "label")
UNSEEN = {"script", "style", "template", "kbd", "svg"}
LETTERS = re.compile(r"[^\W\d_]{2,}")


class Pseudo(NullTranslations):
    """Brackets what it is asked for."""

    def ugettext(self, text: str) -> str:
        """Say a text."""
        return bracket(text)

    def ungettext(self, one: str, several: str, count: int) -> str:
        """Say a text about a number of things."""
        return bracket(one if count == 1 else several)

    def gettext(self, message: str) -> str:
        """Say a text, as the library's own functions ask for it."""
        return bracket(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Say a text about a number of things, likewise."""
        return bracket(msgid1 if n == 1 else msgid2)


def bracket(text: str) -> str:
    """Lengthen a text and put it into brackets. White space at its ends stays outside."""
    bare = text.strip()
    first, last = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    letters = max(1, round(len(bare) * 0.4))
    # In words, for nothing that somebody says is one word of a whole line.
    more = " ".join("·" * min(WORD, letters - at) for at in range(0, letters, WORD))
    return f"{first}{OPEN}{bare} {more}{CLOSE}{last}"


def speak_pseudo(app: Flask) -> dict[str, str]:
    """Teach an app the language, and return the tags that it then offers."""
    with app.app_context():
        babel.domain_instance.known[locale_of(TAG)] = Pseudo()
    return {**languages.TAGS, TAG: "Pseudo"}


@dataclass(frozen=True)
class Found:
    """A text that stands outside brackets, and where."""

    text: str
    where: str


def outside(html: str) -> Iterator[Found]:
    """Return each visible text of a page that no bracket holds."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(True):
        if not is_ours(tag):
            continue
        for name in SPOKEN:
            told = tag.get(name)
            if isinstance(told, str):
                yield from (Found(part, f"{tag.name}[{name}]") for part in loose(told, 0)[0])

    depth = 0
    for node in soup.find_all(string=True):
        if isinstance(node, Comment | PreformattedString) or not is_ours(node):
            continue
        parts, depth = loose(str(node), depth)
        yield from (Found(part, f"<{node.parent.name if node.parent else ''}>") for part in parts)


def is_ours(node: Tag | NavigableString) -> bool:
    """Say whether a place speaks our language: it is seen, and not marked as a name."""
    around = [node, *node.parents] if isinstance(node, Tag) else list(node.parents)
    return not any(
        isinstance(one, Tag) and (one.name in UNSEEN or one.get("translate") == "no") for one in around
    )


def loose(text: str, depth: int) -> tuple[list[str], int]:
    """Return the parts of a text outside brackets, and how many are open at its end."""
    parts = [""]
    for letter in text:
        if letter == OPEN:
            depth += 1
            parts.append("")
        elif letter == CLOSE:
            depth = max(0, depth - 1)
        elif depth == 0:
            parts[-1] += letter

    tidy = (" ".join(part.split()) for part in parts)
    return [part for part in tidy if LETTERS.search(part)], depth
