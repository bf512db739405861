"""The sentences of a page, each looked up once per language and process."""

from functools import cache, lru_cache

from babel import Locale
from babel.support import NullTranslations
from flask import g
from flask_babel import get_locale, get_translations
from jinja2 import Environment
from markupsafe import Markup

# More than all sentences of the portal, for some are made of a name.
MOST = 4096


class Words:
    """The sentences of one language as a page takes them."""

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self._translations = translations
        self.pattern = lru_cache(MOST)(self._read)
        self.plain = lru_cache(MOST)(self._say)

    def many(self, one: str, several: str, count: int) -> Markup:
        """Return the pattern for a number of things."""
        return Markup(self._translations.ungettext(one, several, count))  # noqa: S704 - our own words

    def _read(self, text: str) -> Markup:
        return Markup(self._translations.ugettext(text))  # noqa: S704 - our own words

    def _say(self, text: str) -> Markup:
        return self.pattern(text) % {}


@cache
def _words_in(language: str) -> Words:
    """Return the words of the request's language, which is the key."""
    return Words(language, get_translations())


@cache
def locale_of(tag: str) -> Locale:
    """Return the one locale of a language and country."""
    return Locale.parse(tag, sep="-")


def words() -> Words:
    """Return the words of this request, for a page is in one language."""
    found: Words | None = g.get("words")
    if found is None:
        found = _words_in(str(get_locale()))
        g.words = found
    return found


def say(text: str, /, **values: object) -> Markup:
    """Say a sentence in the person's language. What is put into it is escaped."""
    if not values:
        return words().plain(text)
    return words().pattern(text) % values


def say_many(one: str, several: str, count: int, /, **values: object) -> Markup:
    """Say a sentence about a number of things, which is its ``num``."""
    values.setdefault("num", count)
    return words().many(one, several, count) % values


def teach_words(environment: Environment) -> None:
    """Let templates say ``_`` and ``ngettext`` so."""
    environment.globals.update({"_": say, "gettext": say, "ngettext": say_many})
