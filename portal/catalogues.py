"""Reads the catalogues of texts: ``.po`` files are kept, and compiled where they are first needed."""

import hashlib
import os
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"


def catalogue_of(language: str, folder: Path = FOLDER) -> Path:
    """Return where the catalogue of a language is."""
    return folder / language / "LC_MESSAGES" / "messages.po"


def read_translations(language: str, built: Path, folder: Path = FOLDER) -> NullTranslations:
    """Return the texts of a language, none for one without a catalogue."""
    source = catalogue_of(language, folder)
    if not source.is_file():
        return NullTranslations()

    # The name says of which content it was made, so an old one is never read.
    text = source.read_bytes()
    name = f"{language}.{hashlib.sha256(text).hexdigest()[:16]}.mo"
    compiled = built / name
    if compiled.is_file():
        return Translations(BytesIO(compiled.read_bytes()))

    made = compile_catalogue(text, language)
    with suppress(OSError):
        keep(compiled, made)

    return Translations(BytesIO(made))


def compile_catalogue(text: bytes, language: str) -> bytes:
    """Compile a catalogue."""
    # They are loaded where a version starts for the first time.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    made = BytesIO()
    write_mo(made, read_po(BytesIO(text), locale=language))
    return made.getvalue()


def keep(path: Path, content: bytes) -> None:
    """Write a file at once and whole, for any number of processes may do so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(made).replace(path)
