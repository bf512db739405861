"""Text that is clean, and cuts that fall where a reader sees an end. Add a kind or an input as a line."""

import json
import unicodedata
from xml.etree import ElementTree

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.characters import MOST_SIGNS, clean, clean_line
from portal.domain.text import cut, width

# What is taken out, by its kind: as it came, as it is kept.
CLEANED = {
    "controls": [
        ("Web\x00site", "Website"),
        ("\x01Invoice\x1f", "Invoice"),
        ("bell\x07", "bell"),
        ("escape\x1b[31m", "escape[31m"),
        ("delete\x7f", "delete"),
        ("C1\x9b control", "C1 control"),
    ],
    "lines": [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x0bb\x0cc", "a\nb\nc"),
        ("a\x85b\u2028c\u2029d", "a\nb\nc\nd"),
        ("a\tb", "a b"),
        ("\n\n", "\n\n"),
    ],
    "halves of a character": [
        ("\ud83c\udde7\ud83c\uddea", "🇧🇪"),
        ("cut \ud83c", "cut "),
        ("\udde7 begins", " begins"),
        ("\ud83d\ud83d\ude00", "😀"),
        ("\ude00\ud83d", ""),
        ("a\udfff\u0301", "á"),
    ],
    "turned text": [
        ("\u202eexe.fdp\u202c", "exe.fdp"),
        ("\u2066INV-1\u2069", "INV-1"),
        ("\u200e2026001", "2026001"),
        ("\u200fשלום", "שלום"),
        ("a\u061cb", "ab"),
    ],
    "no width": [
        ("\ufeffINV-1", "INV-1"),
        ("IN\u200bV-1", "INV-1"),
        ("soft\u00adhyphen", "softhyphen"),
        ("word\u2060joiner", "wordjoiner"),
        ("INV\u200d-1\u200c", "INV-1"),
        ("e\u200b\u0301", "é"),
        ("a\U000e0041\U000e0042b", "ab"),
    ],
    "no characters": [
        ("\ufffe\uffff", ""),
        ("\ufdd0a", "a"),
        ("a\U0001fffeb", "ab"),
        ("\U0010ffff", ""),
        ("\ufffc", ""),
    ],
    "composed": [
        ("cafe\u0301", "café"),
        ("\u1112\u1161\u11ab", "한"),
        ("A\u030angstro\u0308m", "Ångström"),
        ("\u212b", "Å"),
        ("\u0644\u0627", "\u0644\u0627"),
    ],
    "kept": [
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",) * 2,
        ("نامه\u200cای", "نامه\u200cای"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("  21 ", "  21 "),
        ("\ufffd", "\ufffd"),
        ("two\nlines", "two\nlines"),
    ],
}

# What a reader sees as one character, by its kind.
ONE_CHARACTER = {
    "flags": ["🇧🇪", "🇳🇱", "🇩🇪", "🇦🇬", "🇪🇺", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
    "families": [
        "👩\u200d👩\u200d👧\u200d👦",
        "👩🏽\u200d💻",
        "❤\ufe0f\u200d🔥",
        "🏳\ufe0f\u200d🌈",
        "🧑\u200d🤝\u200d🧑",
    ],
    "skin and shape": ["👍🏽", "☺\ufe0f", "1\ufe0f\u20e3", "👋🏿", "葛\U000e0100"],
    "accents": ["e\u0301", "o\u0308\u0301", "n\u0303", "ệ", "ก\u0e33", "Z\u0351\u036b\u0343"],
    "Korean": ["각", "\u1100\u1161\u11a8", "가\u11a8", "\u1100\u1100\u1161", "\ua960\u1161"],
    "India": ["क\u094dष", "नि", "க\u0bbf", "ক\u09cd\u09b7", "क\u094d\u200dष"],
}


@pytest.mark.parametrize(("came", "kept"), [each for kind in CLEANED.values() for each in kind])
def test_text_is_cleaned(came: str, kept: str) -> None:
    assert clean(came) == kept


def test_a_clean_line_has_no_break_and_keeps_its_padding() -> None:
    assert clean_line(" 1\r\n2\x00 ") == " 1 2 "


@pytest.mark.parametrize("one", [each for kind in ONE_CHARACTER.values() for each in kind])
def test_what_a_reader_sees_as_one_character_is_never_parted(one: str) -> None:
    for before in ("", "a", "x y"):
        whole = before + one
        for limit in range(len(before), width(whole)):
            assert cut(whole + "tail", limit) == before.rstrip()
        assert cut(whole + "tail", width(whole)) == whole


PIECES = [
    "a ",
    "\n\0",
    "e\u0301",
    "\ud83c",
    "\udde7",
    "🇧🇪",
    "👩\u200d",
    "\u200c",
    "❤\ufe0f",
    "👍🏽",
    "각",
    "ก\u0e33",
]
PIECES += ["क\u094dष", "א\u202e", "\ufeff", "\U0001f3f4\U000e0067", "\U000e007f", "\u1100", "\u1161\u11a8"]
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.lists(st.sampled_from("".join(PIECES))).map(
    "".join
)


@given(ANY_TEXT)
def test_clean_text_is_taken_by_every_database_and_document(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert json.loads(json.dumps(cleaned, ensure_ascii=False).encode()) == cleaned
    element = ElementTree.Element("text")
    element.text = cleaned
    assert (ElementTree.fromstring(ElementTree.tostring(element, "utf-8")).text or "") == cleaned
    assert not any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in cleaned if each != "\n")
    assert "\n" not in clean_line(text)


@given(ANY_TEXT.map(clean), st.integers(0, 60))
def test_a_cut_text_fits_and_ends_where_unicode_sees_an_end(text: str, limit: int) -> None:
    part = cut(text, limit)
    assert width(part) <= limit
    assert len(part) <= limit
    assert text.startswith(part)
    ends = {0} | {found.end() for found in regex.finditer(r"\X", text)}
    if not any(len(found[0]) > MOST_SIGNS for found in regex.finditer(r"\X", text)):
        assert any(text[: len(part)] == text[:end].rstrip() for end in ends) or text == part


@pytest.mark.parametrize("sign", ["\u0301", "\u0489", "\u20dd", "\u094d", "\u0e33", "\U0001f3fd"])
def test_a_letter_under_a_heap_of_signs_is_not_cut_to_nothing(sign: str) -> None:
    heap = "a" + sign * 500
    assert cut(heap, 60).startswith("a")
    assert cut(f"Work {heap} and more", 60).startswith("Work a")
