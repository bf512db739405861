"""The voice of a person who is written to, outside of any request."""

from datetime import datetime
from functools import cache
from io import BytesIO

from babel import Locale
from babel.dates import format_datetime
from babel.support import NullTranslations, Translations

from portal.catalogues import catalogue_of, compile_catalogue
from portal.domain.here import HERE
from portal.languages import language_of, tag_for
from portal.sentences.figures import LocalFigures
from portal.sentences.voice import Voice


class PersonVoice(LocalFigures):
    """One language with the numbers and dates of its country, and the clock of the house."""

    def __init__(self, tag: str, translations: NullTranslations) -> None:
        super().__init__(Locale.parse(tag, sep="-"), HERE)
        self._translations = translations

    def say(self, text: str) -> str:
        """Return a sentence in the person's language."""
        return str(self._translations.ugettext(text))

    def say_many(self, one: str, several: str, count: int) -> str:
        """Return the form for a number of things."""
        return str(self._translations.ungettext(one, several, count))

    def moment(self, value: datetime) -> str:
        """Write a moment in local time."""
        return str(format_datetime(value, "medium", tzinfo=HERE, locale=self._locale))


def voice_of(setting: str) -> Voice:
    """Return the voice of a person's setting, that of the house where its language is not offered."""
    return _voice(tag_for(setting))


@cache
def _voice(tag: str) -> PersonVoice:
    return PersonVoice(tag, _texts(language_of(tag)))


@cache
def _texts(language: str) -> NullTranslations:
    source = catalogue_of(language)
    if not source.is_file():
        return NullTranslations()
    return Translations(BytesIO(compile_catalogue(source.read_bytes(), language)))
