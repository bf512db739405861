"""What was said, in the language of whoever reads it."""

import re
from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import format_datetime
from flask import Flask, g
from flask_babel import get_locale, get_timezone

from portal.domain.said import Said
from portal.sentences import SENTENCES
from portal.sentences.figures import LocalFigures
from portal.sentences.mark import Sentence
from portal.sentences.voice import make_sentence
from portal.web.common.words import Words, words

PLACE = re.compile(r"%\(\w+\)s")


class ReaderVoice(LocalFigures):
    """The language of one reader. A download speaks it on when its request is over."""

    def __init__(self, spoken: Words, locale: Locale, zone: tzinfo) -> None:
        super().__init__(locale, zone)
        self._words = spoken

    def say(self, text: str) -> str:
        """Return a sentence in the reader's language, by one look."""
        return str(self._words.pattern(text))

    def say_many(self, one: str, several: str, count: int) -> str:
        """Return the form for a number of things."""
        return str(self._words.many(one, several, count))

    def moment(self, value: datetime) -> str:
        """Write a moment in local time."""
        return str(format_datetime(value, "medium", tzinfo=self._zone, locale=self._locale))


def reader_voice() -> ReaderVoice:
    """Return the voice of the running request."""
    found: ReaderVoice | None = g.get("voice")
    if found is None:
        found = ReaderVoice(words(), get_locale(), get_timezone())
        g.voice = found
    return found


def register_sentences(app: Flask) -> None:
    """Let templates say what was said."""
    app.add_template_filter(sentence_of, "sentence")
    app.add_template_filter(ended, "ended")


def sentence_of(said: Said | None) -> str:
    """Return the sentence in the reader's language, nothing for None."""
    return make_sentence(said, reader_voice()) if said else ""


def ended(text: str) -> str:
    """End a text as a sentence ends, unless it does already, also within its quotes."""
    return text if text.rstrip("”’“»\N{NO-BREAK SPACE}").endswith((".", "!", "?")) else f"{text}."


def codes_that_say(word: str) -> list[str]:
    """Return the codes whose sentence has a word, as the reader reads it."""
    voice = reader_voice()
    wanted = word.casefold()
    return [code for code, sentence in SENTENCES.items() if wanted in _whole(sentence, voice)]


def _whole(sentence: Sentence, voice: ReaderVoice) -> str:
    """Return what a sentence says around its values, a plural in both forms, in small letters."""
    if isinstance(sentence, str):
        spoken = voice.say(sentence)
    else:
        spoken = " ".join(voice.say_many(*sentence, count) for count in (1, 2))

    return PLACE.sub(" ", spoken).casefold()
