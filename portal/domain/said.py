"""What is said to people, as it is kept: a code with its values. Its sentence is made where it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Amount:
    """Cents of a currency."""

    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """What Exact, Productive or a person wrote, which nobody translates."""

    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of ours, in the language of the source, such as the name of a field."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """A code with the values that its sentence names."""

    code: str
    values: Mapping[str, "Value"] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Let what was said be told from others in a set."""
        return hash((self.code, frozenset(self.values.items())))

    def to_json(self) -> list[Any]:
        """Spell it as plain data."""
        return [str(self.code), spell_values(self.values)]

    @classmethod
    def from_json(cls, kept: list[Any]) -> Self:
        """Read it from plain data."""
        code, values = kept
        return cls(code, read_values(values))


Value = str | int | date | Amount | Quoted | Word | Said
"""A name, a number, a day or a moment, an amount, or what is said within what is said."""

TEXT = "text"
# Two things in a row, of which the second may be such a pair again.
LISTED = "listed"
APART = "listed_apart"
# Whole sentences, one after the other.
FOLLOWED = "listed_sentences"


def said(code: str, /, **values: Value) -> Said:
    """Say something by its code."""
    return Said(code, values)


def as_written(text: str) -> Said:
    """Keep a text as it came, for it has no code."""
    return Said(TEXT, {"text": text})


def listed(each: Sequence[Said], code: str = LISTED) -> Said:
    """Say several things in a row."""
    first, *rest = each
    return said(code, first=first, rest=listed(rest, code)) if rest else first


def spell_values(values: Mapping[str, Value]) -> dict[str, Any]:
    """Spell values as plain data."""
    return {name: _spell(value) for name, value in values.items()}


def read_values(kept: Mapping[str, Any]) -> dict[str, Value]:
    """Read values from plain data."""
    return {name: _read(value) for name, value in kept.items()}


def _spell(value: Value) -> Any:
    match value:
        case Said():
            return {"said": value.to_json()}
        case Amount():
            return {"cents": value.cents, "currency": value.currency}
        case Quoted():
            return {"quoted": value.text}
        case Word():
            return {"word": value.text}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case str():
            return str(value)
    return value


def _read(kept: Any) -> Value:
    match kept:
        case {"said": list(inner)}:
            return Said.from_json(inner)
        case {"cents": int(cents), "currency": str(currency)}:
            return Amount(cents, currency)
        case {"quoted": str(text)}:
            return Quoted(text)
        case {"word": str(text)}:
            return Word(text)
        case {"moment": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case str() | int():
            return kept
    raise ValueError("this is no value of a sentence")
