"""The check of every page finds each kind of fault, and nothing where there is none."""

import pytest

from tests.markup import faults

HEAD = "<!doctype html><html lang='en'><head><title>Invoices</title></head>"
PAGE = HEAD + "<body><main><h1>Invoices</h1>{}</main></body></html>"
FAULTS = {
    "<style>p { color: red }</style>": "<style> inside",
    "<script>go()</script>": "<script> inside",
    "<SCRIPT>go()</SCRIPT>": "<script> inside",
    '<script defer>if (1 < 2) go("<p id=a>")</script>': "<script> inside",
    '<p style="color: red">A</p>': "<p style>",
    "<p title='>' onclick='go()'>A</p>": "<p onclick>",
    '<p hx-on::load="go()">A</p>': "<p hx-on::load>",
    "<input>": "no label: <input>",
    '<input type="text" name="q">': 'no label: <input type="text" name="q">',
    '<label for="b">B</label><p id="b">B</p><input id="c">': 'no label: <input id="c">',
    '<label>A</label><select id="a"></select>': 'no label: <select id="a">',
    '<input id="" ><label for="">A</label>': 'no label: <input id="" >',
    "<textarea>words</textarea>": "no label: <textarea>",
    "<label>A<input></label><input>": "no label: <input>",
    '<button aria-label=""></button>': 'no words: <button aria-label="">',
    "<button>\n <svg><path/></svg> </button>": "no words: <button>",
    "<button><!-- Words --></button>": "no words: <button>",
    '<button><script src="/a.js">go()</script></button>': "no words: <button>",
    "<a href='/'><b></b></a>A": "no words: <a href='/'>",
    '<p id="a">A</p><p id="a">B</p>': "id twice: a",
    "<p id=a>A</p><p ID='a'>B</p>": "id twice: a",
}
ON_A_PAGE = {
    '<p hx-target="closest p, #b">A</p>': "hx-target=b is not on the page",
    '<p id="a" aria-describedby="a b">A</p>': "aria-describedby=b is not on the page",
    '<label for="x">A</label>': "for=x is not on the page",
    '<p aria-labelledby="b">A</p>': "aria-labelledby=b is not on the page",
    '<p aria-controls="b">A</p>': "aria-controls=b is not on the page",
    "<h1>Again</h1>": "h1: ['Invoices', 'Again']",
}
WHOLE = (
    '<label for="a">A</label><input id="a">',
    "<label>A<br><input></label>",
    '<input aria-label="A"><input aria-labelledby="b"><p id="b">B</p>',
    '<input type="hidden"><input type="submit">',
    '<button aria-label="Close"><svg><path d="M0 0"/></svg></button>',
    '<a href="/"><img aria-label="Home"></a>',
    "<button><b><i>Go</i></b></button>",
    '<a href="/?a=1&amp;b=2">Next</a>',
    '<script src="/app.js"></script>',
    "<ul><li>A<li>B</ul><p>C",
    '<!-- <p id="a"> --><p id="a" title="a > b">A</p>',
    '<p hx-target="this">A</p><p id="b" hx-target="#b">B</p>',
)


@pytest.mark.parametrize(("text", "fault"), FAULTS.items())
def test_each_fault_is_found_in_a_fragment_and_in_a_page(text: str, fault: str) -> None:
    assert faults(text) == [fault]
    assert faults(PAGE.format(text)) == [fault]


@pytest.mark.parametrize(("text", "fault"), ON_A_PAGE.items())
def test_what_is_not_on_the_page_may_be_elsewhere_for_a_fragment_alone(text: str, fault: str) -> None:
    assert faults(PAGE.format(text)) == [fault]
    assert faults(text) == []


@pytest.mark.parametrize("text", WHOLE)
def test_nothing_is_found_where_there_is_nothing(text: str) -> None:
    assert faults(PAGE.format(text)) == []
    assert faults(text) == []


@pytest.mark.parametrize("part", ["title", "main"])
def test_a_page_has_a_title_and_a_main_part(part: str) -> None:
    assert faults(PAGE.format("").replace(part, "div")) == [f"no {part}"]


def test_a_page_has_one_heading_with_words() -> None:
    assert faults(HEAD + "<main></main></html>") == ["h1: []"]
    assert faults(HEAD + "<main><h1> </h1></main></html>") == ["h1: ['']"]


def test_a_sign_that_begins_no_tag_is_refused() -> None:
    with pytest.raises(AssertionError, match="not a tag: < b"):
        faults("<p>a < b</p>")
