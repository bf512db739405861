"""Sentences are whole, and scripts say none."""

import re

import pytest

from portal.settings import ROOT
from tests.texts.glue import glued_in, glued_in_python, glued_in_template

# Both are facts of their own in a list: what is chosen, and the country.
ALLOWED = {("templates/connections/_card.html", "Not chosen yet")}
SOURCES = sorted(
    path
    for path in [*(ROOT / "portal").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    if not {"sandbox", "cli"} & set(path.relative_to(ROOT).parts)
)
SCRIPTS = [path for path in sorted((ROOT / "static").glob("*.js")) if not path.name.startswith("htmx")]
STRINGS = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')
# Words as people say them: one with a capital, or two after each other that are no selector.
SPOKEN = re.compile(r"^[A-Z][a-z]+(?: [a-z]+)+[.!?…]?$|^[A-Za-z][a-z]+(?: [a-z’']+){2,}[.!?…]?$")


def test_no_sentence_is_glued_together_from_parts() -> None:
    glued = {
        (str(path.relative_to(ROOT)), said) for path in SOURCES for _line, said in glued_in(path)
    } - ALLOWED
    assert not glued, "Say each whole, with named values: other languages have another order."


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("_('one') + name", ["one"]),
        ("' ' + _('(taken)')", ["(taken)"]),
        ("f\"{name} {_('and more')}\"", ["and more"]),
        ("f\"{count} {str(ngettext('copy', 'copies', count))}\"", ["copy"]),
        ("f\"{_('It is done.')} {_('Another follows.')}\"", []),
        ("_('%(name)s and more', name=name)", []),
        ("first + second", []),
    ],
)
def test_parts_are_found_in_code(code: str, found: list[str]) -> None:
    assert [said for _line, said in glued_in_python(code)] == found


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{{ _('one') }} {{ _('two') }}", ["one"]),
        ("{{ _('one') }}, {{ ngettext('a', 'b', 2) }}", ["one"]),
        ("{{ name ~ _('and more') }}", ["and more"]),
        ('{{ _("all of") ~ name }}', ["all of"]),
        ("{{ _('It is done.') }} {{ _('Another follows.') }}", []),
        ("<b>{{ _('one') }}</b> <i>{{ _('two') }}</i>", []),
    ],
)
def test_parts_are_found_in_templates(template: str, found: list[str]) -> None:
    assert [said for _line, said in glued_in_template(template)] == found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_only_what_its_page_gave_it(script: object) -> None:
    text = (ROOT / "static" / getattr(script, "name", "")).read_text(encoding="utf-8")
    strings = ("".join(found.groups(default="")) for found in STRINGS.finditer(text))
    assert [each for each in strings if SPOKEN.match(each) and each != "use strict"] == []


@pytest.mark.parametrize(
    "text", ["Please wait", "Nothing was changed.", "That did not work!", "copied to the list"]
)
def test_a_sentence_in_a_script_is_seen(text: str) -> None:
    assert SPOKEN.match(text)
