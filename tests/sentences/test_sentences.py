"""Each code has its sentence, which names exactly the values that the code carries."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.support import Translations
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.domain.booking.problems import FIXES
from portal.domain.booking.sales_entry import problem_code
from portal.domain.books.causes import code_of
from portal.domain.books.next_steps import STEPS, TOLD
from portal.domain.books.states import Why
from portal.domain.copies.troubles import Trouble
from portal.domain.events import EventKind
from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.house.mailed import Mailed
from portal.domain.payments.states import FindingKind, PaymentCause, PaymentReason, TermDoubt
from portal.domain.payments.words import Figures, reason_code, say_cause, say_finding, say_reason
from portal.domain.refused import Refused
from portal.domain.said import (
    APART,
    FOLLOWED,
    LISTED,
    TEXT,
    Amount,
    Quoted,
    Said,
    Value,
    as_written,
    listed,
    said,
)
from portal.sentences import SENTENCES
from portal.sentences.books import OF_BOOKS
from portal.sentences.events import EVENTS
from portal.sentences.failures import FAILURES
from portal.sentences.mails import MAILS
from portal.sentences.mark import Plural, Sentence
from portal.sentences.payments import OF_PAYMENTS
from portal.sentences.problems import OF_PROBLEMS, WITHIN
from portal.sentences.refusals import REFUSALS
from portal.sentences.restores import UNMATCHED
from portal.sentences.troubles import OF_TROUBLES
from portal.sentences.unreadable import OF_UNREADABLE
from portal.sentences.voice import in_source_language
from portal.store.events import EventRow, note_event
from portal.web.common import said as spoken
from portal.web.common.words import Words
from tests.conftest import SignedIn
from tests.rewording.sentences import is_sentence

PLACE = re.compile(r"%\((\w+)\)s")
NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
# Made in more ways than by a call that names its code.
CHOSEN: dict[str, set[str]] = {
    **{
        code: {"number"}
        for code in (
            Happened.ASKED_TO_COPY,
            Happened.ASKED_TO_UPDATE,
            Happened.ASKED_TO_UNDO,
            Happened.ASKED_TO_CREDIT,
            Happened.ASKED_TO_UNLINK,
        )
    },
    **{
        code: {"company", "customer"}
        for code in (
            Happened.CUSTOMER_LINKED_CERTAIN,
            Happened.CUSTOMER_LINKED_CHOSEN,
            Happened.CUSTOMER_LINKED_CREATED,
            Happened.CUSTOMER_LINKED_ENTRY,
            Happened.CUSTOMER_LINKED_BEFORE,
        )
    },
    **{
        code: {"count"}
        for code in (
            Happened.SERVICES_UNMAPPED,
            Happened.TAXES_UNMAPPED,
            Happened.SERVICES_UNDONE,
            Happened.TAXES_UNDONE,
        )
    },
    **{
        code: set()
        for code in (
            Happened.LEDGER_UNMAPPED,
            Happened.LEDGER_UNDONE,
            Happened.ROLE_ADMINISTRATOR,
            Happened.ROLE_FINANCE,
            Happened.ROLE_VIEWER,
            Happened.ANEW_DIVISION_MOVED,
            Happened.ANEW_TOO_OLD,
            Happened.ANEW_BACKWARDS,
        )
    },
    **{code: {"entry"} for code in (Happened.ENTRY_COPIED, Happened.ENTRY_DIFFERENT)},
    **{code: {"entry"} for code in (Happened.ENTRY_ADOPTED, Happened.ENTRY_ADOPTED_DIFFERENT)},
    **{code: {"division"} for code in (Happened.TRIAL_STARTED, Happened.TRIAL_STOPPED)},
    **{code: {"division", "hold", "fail"} for code in (Happened.TRIAL_ENDED, Happened.TRIAL_BROKEN_OFF)},
    **{code: {"reason"} for code in (Happened.PAYMENT_MADE, Happened.PAYMENT_CHANGED)},
    **{code: {"email"} for code in (Happened.PASSWORD_SET, Happened.PASSWORD_SET_FOR_ONCE)},
    **{code: {"email"} for code in Happened if code.startswith("second_factor")},
    Happened.RECOVERY_CODES_MADE: {"email"},
}
OVERPAID: Figures = {
    "strangers": 1,
    "credited": 2,
    "ours": 3,
    "amount": 12100,
    "excess": 100,
    "currency": "EUR",
    "on": "2026-03-12",
    "doubt": TermDoubt.SUM,
    "said": "No connection.",
}


KINDS: dict[str, type[Happened] | type[Trouble]] = {"Happened": Happened, "Trouble": Trouble}


def places(sentence: Sentence) -> set[str]:
    forms = [sentence] if isinstance(sentence, str) else list(sentence)
    return set().union(*(PLACE.findall(form) for form in forms))


def name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


@cache
def calls() -> list[tuple[str, ast.Call]]:
    """Every call in the portal that says something."""
    return list(each_call("said", "as_written"))


def literals_in(node: ast.AST) -> set[str]:
    """The codes that the first argument of a problem can be, where it says them itself."""
    return {str(each.value) for each in ast.walk(node) if isinstance(each, ast.Constant)}


def each_call(*names: str) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(Path("portal").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and name_of(node.func) in names:
                yield str(path), node


def codes_in(node: ast.AST) -> Iterator[Happened | Trouble]:
    """The codes that the first argument of a call can be."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and name_of(each.value) in KINDS:
            yield KINDS[name_of(each.value)][each.attr]


@cache
def carried() -> dict[str, list[set[str]]]:
    """The values that each code carries, at every place where it is said."""
    found: dict[str, list[set[str]]] = {code: [values] for code, values in CHOSEN.items()}
    for _path, call in calls():
        for code in codes_in(call.args[0]):
            found.setdefault(code, []).append({str(one.arg) for one in call.keywords})
    return found


def each_nested(one: Said) -> Iterator[Said]:
    yield one
    for value in one.values.values():
        if isinstance(value, Said):
            yield from each_nested(value)


@pytest.mark.parametrize("code", Happened)
def test_a_code_has_a_sentence_that_names_what_it_carries(code: Happened) -> None:
    ways = carried()[code]
    assert ways
    assert all(way == places(SENTENCES[code]) for way in ways), (code, ways)


def test_no_sentence_is_left_whose_code_nobody_says() -> None:
    of_payments = {code for code in SENTENCES if code.startswith("payment_") and code not in set(Happened)}
    of_books = {code_of(why) for why in STEPS}
    of_failures = set(Failed) | set(Mailed) | set(Refused) | set(UNMATCHED) | set(OF_UNREADABLE)
    of_copies = set(Trouble) | {problem_code(code) for code in FIXES} | set(WITHIN)
    others = of_payments | of_books | of_failures | of_copies | {TEXT, LISTED, APART, FOLLOWED}
    assert set(SENTENCES) - others == set(Happened)


@pytest.mark.parametrize("code", FIXES)
def test_a_problem_has_a_sentence_that_names_what_it_carries(code: str) -> None:
    ways = [
        {str(one.arg) for one in call.keywords}
        for _path, call in each_call("problem")
        if code in literals_in(call.args[0]) and all(one.arg for one in call.keywords)
    ]
    assert all(way == places(SENTENCES[problem_code(code)]) for way in ways), (code, ways)


@pytest.mark.parametrize("code", Trouble)
def test_a_trouble_has_a_sentence_that_names_what_it_carries(code: Trouble) -> None:
    ways = carried().get(code)
    assert ways is None or all(way == places(SENTENCES[code]) for way in ways), (code, ways)


def test_no_code_is_said_by_two_sentences() -> None:
    parts = (
        EVENTS,
        FAILURES,
        MAILS,
        OF_BOOKS,
        OF_PAYMENTS,
        OF_PROBLEMS,
        OF_TROUBLES,
        REFUSALS,
        UNMATCHED,
        OF_UNREADABLE,
    )
    assert sum(map(len, parts)) + len({TEXT, LISTED, APART, FOLLOWED}) == len(SENTENCES)


@pytest.mark.parametrize("why", STEPS)
def test_why_both_books_differ_has_a_sentence_that_names_what_it_carries(why: Why) -> None:
    assert places(SENTENCES[code_of(why)]) == set(TOLD.get(why, ()))


@pytest.mark.parametrize(
    "one",
    [
        *map(say_reason, PaymentReason),
        *(say_cause(cause, OVERPAID) for cause in PaymentCause),
        *(say_finding(kind, OVERPAID) for kind in FindingKind),
        *(say_finding(FindingKind.DOUBTFUL, {"doubt": doubt}) for doubt in TermDoubt),
        say_finding(FindingKind.UNREADABLE, {}),
    ],
    ids=str,
)
def test_what_is_said_of_payments_has_a_sentence_that_names_what_it_carries(one: Said) -> None:
    for each in each_nested(one):
        assert set(each.values) == places(SENTENCES[each.code])


@pytest.mark.parametrize("plural", [one for one in SENTENCES.values() if isinstance(one, Plural)])
def test_both_forms_of_a_plural_name_the_same_and_how_many(plural: Plural) -> None:
    one, several = plural
    assert set(PLACE.findall(one)) == set(PLACE.findall(several))
    assert "count" in PLACE.findall(several)


def test_no_sentence_is_written_where_a_code_belongs() -> None:
    """Nobody says a sentence of ours by its words: it would be read in one language for ever."""
    prose = [
        f"{path}:{call.lineno}"
        for path, call in calls()
        for value in (*call.args, *(one.value for one in call.keywords))
        if is_sentence(value)
    ]
    assert prose == []


VALUES: st.SearchStrategy[Value] = st.recursive(
    st.one_of(
        st.text(),
        st.integers(-(2**53), 2**53),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        st.builds(Amount, st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"])),
        st.builds(Quoted, st.text()),
    ),
    lambda inner: st.builds(Said, st.text(), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)


@given(st.builds(Said, st.text(), st.dictionaries(st.text(), VALUES, max_size=4)))
def test_what_is_said_is_read_back_as_it_was(one: Said) -> None:
    assert Said.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no value"):
        Said.from_json(["signed_out", {"email": {"something": "else"}}])


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (said(Happened.RUN_ASKED, count=1), "Asked to copy 1 invoice at once"),
        (said(Happened.RUN_ASKED, count=12), "Asked to copy 12 invoices at once"),
        (as_written("100 % odd: %(this)s {that}"), "100 % odd: %(this)s {that}"),
        (
            said(Happened.NOT_TO_BE_COPIED, reason="50 %(off)s"),
            "Not to be copied: 50 %(off)s",
        ),
        (
            said(Happened.HELD, words=Quoted("Periode is afgesloten")),
            "Further copies like this one are held unsent: “Periode is afgesloten”",
        ),
        (
            said(Happened.RESTORED_FROM_BACKUP, moment=NOW),
            "This database is a backup of 2026-03-12 09:30 UTC.",
        ),
        (
            said(Happened.PAYMENT_REMOVED, reason=say_reason(PaymentReason.NO_LONGER)),
            "Payment removed: Exact no longer settles this part",
        ),
        (
            listed([said(Happened.USER_LET_IN), said(Happened.USER_RENAMED, before="A", name="B")], APART),
            "may sign in no → yes; name A → B",
        ),
        (said("of_a_later_version", number=1), "of a later version"),
    ],
)
def test_a_sentence_is_made_in_the_language_of_the_source(one: Said, text: str) -> None:
    assert in_source_language(one) == text


DUTCH: dict[str | tuple[str, ...], str | tuple[str, ...]] = {
    "Asked to copy invoice %(number)s": "Gevraagd om factuur %(number)s te kopiëren",
    "Payment made in Productive: %(reason)s": "Betaling geboekt in Productive: %(reason)s",
    "Settled in Exact": "Afgeletterd in Exact",
    ("%(count)s held copy goes on: %(words)s", "%(count)s held copies go on: %(words)s"): (
        "%(count)s kopie gaat door: %(words)s",
        "%(count)s kopieën gaan door: %(words)s",
    ),
    "“%(text)s”": "‘%(text)s’",
}


@pytest.fixture
def dutch() -> Words:
    """A small catalogue."""
    catalogue = Catalog(locale="nl")
    for text, translated in DUTCH.items():
        catalogue.add(text, translated)
    file = BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return Words("nl", Translations(file))


def test_what_happened_before_is_read_in_the_language_of_whoever_reads_it(
    signed_in: SignedIn, session: Session, dutch: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in()
    reason = said(reason_code(PaymentReason.SETTLED))
    for kind, told in (
        (EventKind.COPY_REQUESTED, said(Happened.ASKED_TO_COPY, number="2026-0042")),
        (EventKind.PAYMENT_MADE, said(Happened.PAYMENT_MADE, reason=reason)),
        (EventKind.RELEASED, said(Happened.RELEASED, count=1200, words=Quoted("Periode dicht"))),
        (EventKind.HELD, as_written("Of long ago.")),
    ):
        note_event(session, at=NOW, actor="Anna", kind=kind, said=told)
    session.commit()

    page = client.get("/activity").text
    for text in (
        "Asked to copy invoice 2026-0042",
        "Payment made in Productive: Settled in Exact",
        "1,200 held copies go on: “Periode dicht”",
        "Of long ago.",
    ):
        assert text in page

    monkeypatch.setattr(spoken, "words", lambda: dutch)
    for path in ("/activity", "/activity.csv"):
        page = client.get(path).text
        for text in (
            "Gevraagd om factuur 2026-0042 te kopiëren",
            "Betaling geboekt in Productive: Afgeletterd in Exact",
            "1,200 kopieën gaan door: ‘Periode dicht’",
            "Of long ago.",
        ):
            assert text in page

    found = client.get("/activity.csv?q=kopiëren+0042").text
    assert "Gevraagd om factuur" in found
    assert "Betaling" not in found
    assert "Gevraagd" not in client.get("/activity.csv?q=invoice").text
    session.expire_all()
    kept = [(row.code, row.told) for row in session.query(EventRow).order_by(EventRow.id)]
    assert kept[0] == (Happened.ASKED_TO_COPY, {"number": "2026-0042"})


def test_a_day_and_an_amount_are_values_and_no_words(session: Session) -> None:
    told = say_cause(PaymentCause.CHANGED_BY_HAND, OVERPAID)
    assert told.values == {"amount": Amount(12100, "EUR"), "on": date(2026, 3, 12)}
    note_event(session, at=NOW, actor="portal", kind=EventKind.PAYMENT_CHANGED, said=told)
    session.commit()
    session.expire_all()
    assert session.query(EventRow).one().said == told
