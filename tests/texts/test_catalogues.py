"""The catalogues hold what code and templates say: all of it, nothing else, and in the same form."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Catalog, Message

from portal import languages
from portal.catalogues import catalogue_of, compile_catalogue, read_translations
from portal.cli import texts

AGAIN = "Run `make texts`, and fill what is new."
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+ #0]*[\d.]*([a-zA-Z])|%%")
VOID = {"br", "hr", "img", "input", "wbr"}


@pytest.fixture(scope="module")
def template() -> Catalog:
    return texts.gather()


@pytest.fixture(scope="module", params=languages.TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return texts.read_catalogue(request.param)


def forms_of(message: Message) -> tuple[str, ...]:
    found = message.string
    return tuple(found) if isinstance(found, tuple | list) else (found or "",)


def ids_of(message: Message) -> tuple[str, ...]:
    found = message.id
    return tuple(found) if isinstance(found, tuple | list) else (found,)


def translated(catalogue: Catalog) -> Iterator[tuple[Message, str]]:
    for message in texts.texts_of(catalogue):
        for form in forms_of(message):
            if form:
                yield message, form


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(found[1], found[2]) for found in PLACEHOLDER.finditer(text) if found[1]}


class Tags(HTMLParser):
    """Follows the tags of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.wrong = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong = True


def test_nothing_is_missing_or_unused(template: Catalog, catalogue: Catalog) -> None:
    said = {message.id for message in texts.texts_of(template)}
    kept = {message.id for message in texts.texts_of(catalogue)}
    assert not said - kept, f"Texts are missing in {catalogue.locale}. {AGAIN}"
    assert not kept - said, f"Nobody says these texts of {catalogue.locale} any more. {AGAIN}"
    assert not catalogue.obsolete, AGAIN


def test_a_catalogue_is_as_it_would_be_written(template: Catalog) -> None:
    for language in languages.TRANSLATED:
        catalogue = texts.read_catalogue(language)
        texts.bring_along(catalogue, template)
        assert texts.spell(catalogue, language) == catalogue_of(language).read_bytes(), AGAIN


def test_nothing_is_fuzzy(catalogue: Catalog) -> None:
    fuzzy = [message.id for message in texts.texts_of(catalogue) if message.fuzzy]
    assert not fuzzy, f"Nobody has looked at these guesses. {AGAIN}"


def test_a_language_is_offered_exactly_when_it_lacks_nothing(template: Catalog) -> None:
    whole = {languages.SOURCE}
    for language in languages.TRANSLATED:
        catalogue = texts.read_catalogue(language)
        found = {message.id for message in texts.texts_of(catalogue) if texts.is_translated(message)}
        if {message.id for message in texts.texts_of(template)} <= found:
            whole.add(language)

    lacking = set(languages.COMPLETE) - whole
    assert not lacking, f"Take {lacking} out of COMPLETE in portal/languages.py, or fill its texts. {AGAIN}"
    ready = whole - set(languages.COMPLETE)
    assert not ready, f"{ready} lacks nothing: add it to COMPLETE in portal/languages.py."


def test_a_text_takes_the_same_values_in_each_language(catalogue: Catalog) -> None:
    for message, form in translated(catalogue):
        expected = set().union(*(placeholders(text) for text in ids_of(message)))
        # The first form may say "one" where the others name the number.
        allowed = expected - {("num", "d")}
        assert allowed <= placeholders(form) <= expected, f"{message.id}: {form}"


def test_a_plural_has_all_its_forms(catalogue: Catalog) -> None:
    for message in texts.texts_of(catalogue):
        forms = forms_of(message)
        if message.pluralizable and any(forms):
            assert len(forms) == catalogue.num_plurals, message.id
            assert all(forms), message.id


def test_a_text_begins_and_ends_like_its_original(catalogue: Catalog) -> None:
    for message, form in translated(catalogue):
        first = ids_of(message)[0]
        assert form[: len(form) - len(form.lstrip())] == first[: len(first) - len(first.lstrip())], form
        assert form[len(form.rstrip()) :] == first[len(first.rstrip()) :], form


def test_html_in_a_text_is_balanced_and_the_same(template: Catalog, catalogue: Catalog) -> None:
    for message in texts.texts_of(template):
        for text in ids_of(message):
            tags = Tags(text)
            assert not tags.open, text
            assert not tags.wrong, text

    for message, form in translated(catalogue):
        tags = Tags(form)
        assert not tags.open, form
        assert not tags.wrong, form
        assert tags.seen in [Tags(text).seen for text in ids_of(message)], form


def test_a_compiled_catalogue_says_what_its_source_says(tmp_path_factory: pytest.TempPathFactory) -> None:
    built = tmp_path_factory.mktemp("built")
    folder = tmp_path_factory.mktemp("source")
    source = catalogue_of("nl", folder)
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    source.write_text(head + 'msgid "Invoices"\nmsgstr "Facturen"\n', encoding="utf-8")

    assert read_translations("nl", built, folder).ugettext("Invoices") == "Facturen"
    assert len(list(built.iterdir())) == 1
    # It is read again as it was compiled.
    assert read_translations("nl", built, folder).ugettext("Invoices") == "Facturen"

    source.write_text(head + 'msgid "Invoices"\nmsgstr "Rekeningen"\n', encoding="utf-8")
    assert read_translations("nl", built, folder).ugettext("Invoices") == "Rekeningen"
    assert read_translations("xx", built, folder).ugettext("Invoices") == "Invoices"


def test_a_folder_that_cannot_be_written_hinders_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    taken = tmp_path_factory.mktemp("taken") / "file"
    taken.write_text("no folder")
    for language in languages.TRANSLATED:
        assert read_translations(language, taken / "built").ugettext("no such text") == "no such text"


@pytest.mark.parametrize("language", languages.TRANSLATED)
def test_each_catalogue_compiles(language: str) -> None:
    assert compile_catalogue(catalogue_of(language).read_bytes(), language)
