"""The languages that people read, each with the country whose numbers and dates it follows."""

from collections.abc import Iterable, Mapping

# A setting is a tag as HTML writes it. A page is in one of them, whichever country its subsidiary is in.
TAGS: Mapping[str, str] = {
    "en-GB": "English (United Kingdom)",
    "en-NL": "English (Netherlands)",
    "en-BE": "English (Belgium)",
    "en-DE": "English (Germany)",
    "nl-NL": "Nederlands (Nederland)",
    "nl-BE": "Nederlands (België)",
    "fr-BE": "Français (Belgique)",
    "de-DE": "Deutsch (Deutschland)",
}
NAMES: Mapping[str, str] = {"en": "English", "nl": "Nederlands", "fr": "Français", "de": "Deutsch"}
# English is what the code is written in, so it has no catalogue.
SOURCE = "en"
TRANSLATED = ("nl", "fr", "de")
# Only a language whose catalogue lacks nothing is offered. A test holds this beside the catalogues.
COMPLETE: tuple[str, ...] = (SOURCE, *TRANSLATED)
# Whose numbers somebody reads who chose a language that is not offered (yet).
COUNTRIES: Mapping[str, str] = {"en": "GB", "nl": "NL", "fr": "BE", "de": "DE"}
DEFAULT = "en-GB"


def language_of(tag: str) -> str:
    """Return the language of a tag."""
    return tag.partition("-")[0]


def offered() -> Mapping[str, str]:
    """Return each tag that somebody may choose, with its name."""
    return {tag: name for tag, name in TAGS.items() if language_of(tag) in COMPLETE}


def offered_languages() -> Mapping[str, str]:
    """Return each language that a page can be shown in, with its name."""
    return {language: name for language, name in NAMES.items() if language in COMPLETE}


def tag_for(stored: str) -> str:
    """Return the tag of a setting. One that is not offered is English with its own numbers."""
    language, _, country = stored.partition("-")
    tag = f"{language}-{country or COUNTRIES.get(language, '')}"
    if tag in offered():
        return tag

    in_english = f"{SOURCE}-{tag.partition('-')[2]}"
    return in_english if in_english in TAGS else DEFAULT


def tag_wished(wishes: Iterable[str]) -> str:
    """Return the tag that fits a browser's wishes, best first."""
    for wish in wishes:
        language, _, country = wish.replace("_", "-").partition("-")
        language = language.lower()
        if language not in COMPLETE:
            continue

        exact = f"{language}-{country.upper()}"
        return exact if exact in TAGS else f"{language}-{COUNTRIES[language]}"

    return DEFAULT
