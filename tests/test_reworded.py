"""No decision is read from a sentence: whole stories end alike when every sentence is reworded."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rewording import STORIES_FILE, STORIES_REWORDED
from tests.rewording.decisions import decisions_in, decisions_of_template, modules
from tests.rewording.hook import Rewording, again, compile_changed, say
from tests.rewording.sentences import reads_as_sentence, reword

TABLE = "tests/histories/test_table.py::test_"
# Each group is told once as the code says it and once reworded; what is compared is what became of it.
STORIES = {
    "payments": ["tests/actions/payments/test_make.py", "tests/actions/payments/test_attacks.py"],
    "copies that fail alike, and their retries": ["tests/actions/copies/test_hold.py"],
    "a database restored": ["tests/actions/restore/test_adopt.py"],
    "histories on both sandboxes": [
        f"{TABLE}a_restored_payment_that_no_longer_fits_is_asked_about",
        f"{TABLE}a_payment_that_waits_for_what_a_person_changed_goes_on_once_that_is_restored",
        f"{TABLE}what_waits_for_a_deleted_entry_is_not_made",
        f"{TABLE}what_comes_after_a_held_change_of_a_deleted_invoice_is_held_like_it",
        f"{TABLE}from_now_leaves_what_was_settled_and_brings_what_comes",
        f"{TABLE}a_payment_by_hand_that_leaves_room_is_only_added_to",
    ],
}


def told(stories: list[str], folder: Path, reworded: str) -> dict[str, Any]:
    """Tell stories in a process of their own, and return what became of each."""
    file = folder / f"{reworded}.json"
    environment = os.environ | {STORIES_FILE: str(file), STORIES_REWORDED: reworded, "PYTHONHASHSEED": "0"}
    options = ["-q", "-p", "tests.rewording.plugin", "--assert=plain", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-m", "not postgres", *stories],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert file.exists(), ran.stdout[-3000:] + ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(file.read_text())
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("group", STORIES)
def test_a_story_ends_alike_whatever_its_sentences_say(group: str, tmp_path: Path) -> None:
    plain = told(STORIES[group], tmp_path, "no")
    reworded = told(STORIES[group], tmp_path, "yes")
    assert {story["ended"] for story in plain.values()} == {"well"}
    assert plain.keys() == reworded.keys()
    assert [name for name, story in plain.items() if story != reworded[name]] == []


def test_no_code_compares_a_sentence_of_ours() -> None:
    assert [place for path in modules() for place in decisions_in(path)] == []


def test_no_template_compares_a_sentence_of_ours() -> None:
    paths = sorted(Path("templates").rglob("*.html"))
    assert [place for path in paths for place in decisions_of_template(path)] == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("This payment was removed in Productive by hand.", True),
        ("Put right by", True),
        ("{count} copies wait", True),
        ("\x00 held copies go on: \x00", True),
        ("%(num)d copies are tried again.", True),
        ("Cost centre", True),
        ("payment restored", False),
        ("copied with a difference", False),
        ("refused", False),
        ("EntryNumber eq 12", False),
        ("SELECT id FROM copy", False),
        ("CASE\n    WHEN copy_state = 'copied' THEN 'changed since copied'\n    ELSE readiness\nEND", False),
        ("state = 'refused' AND cause = 'gone'", False),
        ("place IS NULL", False),
        ("place IS NOT NULL", False),
        ("The place is null and void.", True),
        ("text/csv; charset=utf-8", False),
        ("%d %b %Y", False),
    ],
)
def test_sentences_are_told_from_codes_and_from_what_machines_read(text: str, is_one: bool) -> None:
    assert reads_as_sentence(text) == is_one


def test_a_reworded_sentence_keeps_what_is_filled_in_and_is_never_the_same_twice() -> None:
    text = "Entry {number} was paid on %(day)s, see [ABCDEFGH]."
    first = say(text)
    second = again(first)
    assert len({text, first, second}) == 3
    for said in (first, str(second)):
        assert all(place in said for place in ("{number}", "%(day)s", "[ABCDEFGH]"))
    assert [reword("Ab, z", turn) for turn in (0, 1)] == ["Bc, a", "Cd, b"]


PLANTED = """
GONE = "It was removed by hand."
PARTLY = "It was changed"
SENTENCES = {"gone": "It was removed by hand."}

def is_same(): return GONE == GONE
def begins(): return f"{PARTLY} by somebody.".startswith(PARTLY)
def is_in_table(): return SENTENCES["gone"] == SENTENCES["gone"]
def is_among(): return GONE in (GONE, PARTLY)
def is_code(): return "gone" == next(iter(SENTENCES))
"""


def test_a_decision_that_is_read_from_a_sentence_turns_out_otherwise() -> None:
    plain: dict[str, Any] = {}
    exec(compile(PLANTED, "planted", "exec"), plain)
    reworded: dict[str, Any] = {"__say__": say, "__again__": again}
    exec(compile_changed(PLANTED, "planted", Rewording()), reworded)
    names = ("is_same", "begins", "is_in_table", "is_among", "is_code")
    assert [plain[name]() for name in names] == [True] * 5
    assert [reworded[name]() for name in names] == [False] * 4 + [True]


def test_a_comparison_with_a_sentence_is_found_in_code_and_in_templates(tmp_path: Path) -> None:
    code = tmp_path / "planted.py"
    code.write_text(
        'GONE = "It was removed by hand."\n'
        "def one(text): return text == GONE\n"
        'def two(text): return text.startswith("It was changed")\n'
        'def three(text): return text in ("gone", "by hand")\n'
        'def four(query, row): return query.where(row.trouble.in_(["It was removed by hand."]))\n'
    )
    template = tmp_path / "planted.html"
    template.write_text('{% if trouble == "It was removed." %}1{% elif state == "do not copy" %}2{% endif %}')
    assert [place.rsplit(":")[-1] for place in decisions_in(code)] == ["2", "3", "5"]
    assert len(list(decisions_of_template(template))) == 1
