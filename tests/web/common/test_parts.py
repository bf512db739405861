"""Small parts of pages: made once where they are the same for everybody, and escaped where they are not."""

from collections.abc import Callable
from typing import Any

import pytest
from babel.support import NullTranslations
from flask import Flask, render_template_string
from flask_babel import force_locale
from markupsafe import Markup

from portal.web.common import parts
from portal.web.common.words import Words, locale_of, say, say_many
from tests.pages import read_page

BAD = '"><b>&'
SAFE = "&#34;&gt;&lt;b&gt;&amp;"


class Shouting(NullTranslations):
    """A language of which every sentence is loud."""

    def ugettext(self, text: str) -> str:
        return text.upper()

    def ungettext(self, one: str, several: str, count: int) -> str:
        return (one if count == 1 else several).replace("needs", "NEEDS").replace("need ", "NEED ")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: parts.icon("x"), '<svg class="icon" aria-hidden="true">'),
        (lambda: parts.icon("x", BAD), f'<svg class="icon" role="img" aria-label="{SAFE}">'),
        (lambda: parts.tag(BAD), f'<span class="badge badge-neutral">{SAFE}</span>'),
        (lambda: parts.tag("A", "info", "x"), '<span class="badge badge-info"><svg class="icon"'),
        (
            lambda: parts.button(BAD, "primary", attrs={"data-a": BAD, "disabled": None, "value": 0}),
            f'<button type="button" class="btn btn-primary" data-a="{SAFE}" value="0">{SAFE}</button>',
        ),
        (lambda: parts.button("A", type="submit"), '<button type="submit" class="btn btn-secondary">A<'),
        (lambda: parts.button(Markup("<i>A</i>")), "><i>A</i></button>"),
        (lambda: parts.icon_button(BAD, "x"), f'btn-quiet" aria-label="{SAFE}" title="{SAFE}"><svg'),
        (
            lambda: parts.link_button(BAD, "/a?b=1&c=2"),
            f'<a class="btn btn-secondary" href="/a?b=1&amp;c=2">{SAFE}</a>',
        ),
        (lambda: parts.entry_link("", BAD), f'<span class="nowrap">{SAFE}</span>'),
        (
            lambda: parts.entry_link("https://exact/?a&b", "7"),
            '<a class="nowrap" href="https://exact/?a&amp;b" target="_blank" rel="noreferrer">7</a>',
        ),
        (lambda: parts.amount(-100, "EUR"), '<span class="amount amount-negative">-€1.00</span>'),
        (lambda: parts.amount(None, "EUR"), '<span class="amount"></span>'),
    ],
)
def test_a_part_is_whole_and_escaped(app: Flask, make: Callable[[], Markup], expected: str) -> None:
    with app.test_request_context():
        made = make()
    assert isinstance(made, Markup)
    assert expected in made


@pytest.mark.parametrize(
    ("state", "text", "tone"),
    [
        ("copied", "Copied", "success"),
        ("Not copied", "Not copied", "neutral"),
        ("part-paid", "Part paid", "info"),
        ("unpaid", "Unpaid", "plain"),
        (BAD, BAD, "neutral"),
    ],
)
def test_a_state_has_its_badge(app: Flask, state: str, text: str, tone: str) -> None:
    with app.test_request_context():
        page = read_page(parts.badge(state))
    badge = page.select_one(f".badge-{tone}")
    assert badge is not None
    assert badge.get_text() == text


def test_badges_are_made_once_per_language(app: Flask) -> None:
    with app.test_request_context(), force_locale("nl"):
        first = parts.badge("copied")
    with app.test_request_context(), force_locale("nl"):
        assert parts.badge("copied") is first
    assert locale_of("nl") is locale_of("nl")


def test_a_sentence_is_looked_up_once_and_what_is_put_in_is_escaped() -> None:
    words = Words("en", Shouting())
    assert words.plain("of 100 %%") == "OF 100 %"
    assert words.plain("of 100 %%") is words.plain("of 100 %%")
    assert words.pattern("for %(name)s").lower() == "for %(name)s"
    assert words.many("%(num)d needs you", "%(num)d need you", 2) % {"num": 2} == "2 NEED you"


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("{{ _('A %(b)s', b=bad) }}", {"bad": BAD}, f"A {SAFE}"),
        ("{{ _('Plain') }}", {}, "Plain"),
        ("{{ ngettext('%(num)d row', '%(num)d rows', n) }}", {"n": 1}, "1 row"),
        (
            "{{ ngettext('%(num)d of %(all)d row', '%(num)d of %(all)d rows', n, all=9) }}",
            {"n": 2},
            "2 of 9 rows",
        ),
        ("{{ 'x'|icon }}", {}, "<svg"),
    ],
)
def test_templates_say_so(app: Flask, template: str, values: dict[str, Any], expected: str) -> None:
    with app.test_request_context():
        assert expected in render_template_string(template, **values)


def test_outside_of_templates_they_are_the_same(app: Flask) -> None:
    with app.test_request_context():
        assert say("A %(b)s", b="<") == "A &lt;"
        assert say_many("%(num)d row", "%(num)d rows", 3) == "3 rows"
