"""``make texts``: gathers every text of code and templates, and brings the catalogues along."""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal.catalogues import FOLDER, catalogue_of
from portal.languages import NAMES, TRANSLATED
from portal.settings import ROOT

METHODS = [("sandbox/**", "ignore"), ("cli/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2")]
# Each function that takes a text, and at which places.
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "say": None,
    "N_": None,
    "ngettext": (1, 2),
    "NN_": (1, 2),
    "say_many": (1, 2),
    "_plural": (1, 2),
}
PLURALS = {"nl": "nplurals=2; plural=(n != 1);", "de": "nplurals=2; plural=(n != 1);"}
FRENCH = "nplurals=2; plural=(n > 1);"
WIDTH = 110


def main() -> int:
    """Bring all catalogues along, and say how far each is."""
    template = gather()
    for language in TRANSLATED:
        catalogue = read_catalogue(language)
        bring_along(catalogue, template)

        path = catalogue_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(spell(catalogue, language))

        done = sum(1 for message in texts_of(catalogue) if is_translated(message))
        sys.stdout.write(f"{NAMES[language]}: {done} of {len(catalogue)} texts\n")

    return 0


def gather(root: Path = ROOT) -> Catalog:
    """Gather every text, in the order of the alphabet."""
    template = Catalog(charset="utf-8")
    for folder in ("portal", "templates"):
        found = extract_from_dir(
            root / folder, method_map=METHODS, keywords=KEYWORDS, directory_filter=lambda _path: True
        )
        for _file, _line, text, _comments, context in found:
            template.add(text, context=context)

    return template


def read_catalogue(language: str, folder: Path = FOLDER) -> Catalog:
    """Read the catalogue of a language, an empty one where there is none."""
    path = catalogue_of(language, folder)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    return read_po(BytesIO(path.read_bytes()), locale=language, charset="utf-8")


def bring_along(catalogue: Catalog, template: Catalog) -> None:
    """Add what is new without a guess, and forget what is not said any more."""
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()


def spell(catalogue: Catalog, language: str) -> bytes:
    """Spell a catalogue without dates and places, so that only texts change it."""
    head = [
        f"# The portal in {NAMES[language]}. `make texts` writes the texts, docs/glossary.md has the words.",
        'msgid ""',
        'msgstr ""',
        f'"Language: {language}\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        f'"Plural-Forms: {PLURALS.get(language, FRENCH)}\\n"',
        "",
        "",
    ]
    body = BytesIO()
    write_po(body, catalogue, width=WIDTH, no_location=True, omit_header=True, sort_output=True)

    return "\n".join(head).encode() + body.getvalue()


def texts_of(catalogue: Catalog) -> Iterator[Message]:
    """Return each text of a catalogue."""
    return (message for message in catalogue if message.id)


def is_translated(message: Message) -> bool:
    """Say whether a text is there in all its forms, and sure."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(forms) and all(forms) and not message.fuzzy


if __name__ == "__main__":
    sys.exit(main())
