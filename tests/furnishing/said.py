"""What was said, as tests write and read it."""

from portal.domain.failed import Failed
from portal.domain.said import Quoted, Said, said
from portal.sentences.voice import in_source_language


def quote(words: str) -> Said:
    """Say what another system said in its own words."""
    return said(Failed.WORDS, words=Quoted(words))


def english(told: Said | None) -> str | None:
    """Return the sentence in the language of the source."""
    return None if told is None else in_source_language(told)
