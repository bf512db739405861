"""Makes a sentence of a code and its values, in any voice."""

from datetime import date, datetime
from typing import Protocol

from portal.domain.money import to_decimal
from portal.domain.said import TEXT, Amount, Quoted, Said, Value, Word
from portal.domain.text import doubt_of
from portal.sentences import SENTENCES
from portal.sentences.mark import N_, Plural

QUOTED = N_("“%(text)s”")


class Voice(Protocol):
    """A language, and how it writes numbers, days and amounts."""

    def say(self, text: str) -> str:
        """Return a sentence in this language, with its placeholders."""

    def say_many(self, one: str, several: str, count: int) -> str:
        """Return the form of a sentence for a number of things."""

    def number(self, value: int) -> str:
        """Write a number."""

    def amount(self, value: Amount) -> str:
        """Write an amount of money."""

    def day(self, value: date) -> str:
        """Write a day."""

    def moment(self, value: datetime) -> str:
        """Write a moment."""


def make_sentence(said: Said, voice: Voice) -> str:
    """Return the sentence of what was said."""
    if said.code == TEXT:
        return str(said.values["text"])

    pattern = SENTENCES.get(said.code)
    if pattern is None:
        # A later version said it.
        return said.code.replace("_", " ")

    values = _Known({name: _write(value, voice) for name, value in said.values.items()})
    if isinstance(pattern, Plural):
        count = said.values["count"]
        return voice.say_many(*pattern, count if isinstance(count, int) else 0) % values

    return voice.say(pattern) % values


class _Known(dict[str, str]):
    """The values of a sentence, of which what was kept by an older version may lack one."""

    def __missing__(self, name: str) -> str:
        return "…"


def _write(value: Value, voice: Voice) -> str:
    match value:
        case Said():
            return make_sentence(value, voice)
        case Amount():
            return voice.amount(value)
        case Quoted():
            return voice.say(QUOTED) % {"text": value.text}
        case Word():
            return voice.say(value.text)
        case datetime():
            return voice.moment(value)
        case date():
            return voice.day(value)
        case int():
            return voice.number(value)
    return value


class SourceVoice:
    """The language of the source, for the command line and for who reads no other."""

    def say(self, text: str) -> str:
        """Return the sentence as it is."""
        return text

    def say_many(self, one: str, several: str, count: int) -> str:
        """Return the form for one or for several."""
        return one if count == 1 else several

    def number(self, value: int) -> str:
        """Write a number."""
        return str(value)

    def amount(self, value: Amount) -> str:
        """Write an amount with its currency's code."""
        return f"{to_decimal(value.cents)} {value.currency}{doubt_of(value.currency)}"

    def day(self, value: date) -> str:
        """Write a day as ISO does."""
        return value.isoformat()

    def moment(self, value: datetime) -> str:
        """Write a moment as ISO does."""
        return f"{value:%Y-%m-%d %H:%M} UTC"


SOURCE = SourceVoice()


def in_source_language(said: Said) -> str:
    """Return the sentence in the language of the source."""
    return make_sentence(said, SOURCE)
