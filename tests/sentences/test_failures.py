"""Why a call failed is kept by its code, and read in any language, also when it was written down long ago."""

import ast
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, get_translations
from sqlalchemy.orm import Session

from portal.domain.copies.adoption import DoubtCause, adoption_code
from portal.domain.copies.need_words import WORDS
from portal.domain.failed import Failed
from portal.domain.house.mailed import Mailed
from portal.domain.payments.states import FindingKind, PaymentCause
from portal.domain.payments.words import say_cause, say_finding
from portal.domain.refused import Refused
from portal.domain.said import Quoted, as_written, said
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable
from portal.domain.unreadable_words import kind_code, say_record
from portal.languages import TRANSLATED
from portal.remote.errors import BadAnswerError, LostReplyError, RefusedError, RemoteError
from portal.sentences import SENTENCES
from portal.sentences.failures import FAILURES
from portal.sentences.mark import Plural
from portal.sentences.needs import NEED_WORDS
from portal.sentences.restores import UNMATCHED
from portal.sentences.voice import in_source_language
from portal.web.common.said import sentence_of
from tests.sentences.test_sentences import each_nested, places
from tests.web.payments_story import a_connection

# Said by a table, whose values are the same for all of it.
WITH_WORDS = (
    Failed.PRODUCTIVE_TOKEN,
    Failed.PRODUCTIVE_UNPAID,
    Failed.PRODUCTIVE_DENIED,
    Failed.PRODUCTIVE_LACKS,
    Failed.PRODUCTIVE_WAITS,
    Failed.PRODUCTIVE_REFUSED,
    Failed.RENEWAL_REFUSED,
    Failed.NOT_RENEWED,
    Failed.RENEWAL_LOST,
    Failed.SIGN_IN_EXPIRED,
    Failed.SIGN_IN_ENDED,
)
BY_TABLE: dict[str, set[str]] = {
    **{code: {"words"} for code in WITH_WORDS},
    **{code: set() for code in (Failed.USED_UP_TODAY, Failed.USED_UP_THIS_MINUTE)},
    **{code: set() for code in Failed if code.name.startswith("LIST_")},
    # Said by the table of mappings that it stops.
    **{
        code: set()
        for code in (
            Refused.ACCOUNT_NOT_FOR_SALES,
            Refused.CODE_NOT_FOR_SALES,
            Refused.NO_SOURCE,
            Refused.NO_LONGER_SUGGESTED,
        )
    },
}


CODES: dict[str, type[StrEnum]] = {"Failed": Failed, "Mailed": Mailed, "Refused": Refused}


def each_said() -> Iterator[tuple[str, set[str]]]:
    for path in sorted(Path("portal").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
                for each in ast.walk(node.args[0]):
                    codes = CODES.get(getattr(getattr(each, "value", None), "id", ""))
                    if isinstance(each, ast.Attribute) and codes:
                        yield codes[each.attr], {str(one.arg) for one in node.keywords}


@cache
def carried() -> dict[str, list[set[str]]]:
    found = {code: [values] for code, values in BY_TABLE.items()}
    for code, values in each_said():
        found.setdefault(code, []).append(values)
    return found


@pytest.mark.parametrize("code", [*Failed, *Mailed, *Refused])
def test_a_failure_and_a_mail_have_sentences_that_name_what_they_carry(code: str) -> None:
    ways = carried()[code]
    assert ways
    assert all(way == places(SENTENCES[code]) for way in ways), ways


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("part", [{}, {"part": Kind.LINE}, {"part": Kind.LINE, "part_name": "3"}])
@pytest.mark.parametrize("number", ["2026-1", ""])
def test_what_cannot_be_read_has_a_sentence_that_names_what_it_carries(
    reason: Reason, part: dict[str, Any], number: str
) -> None:
    fault = Fault(reason, "unit_price", "x", **part)
    for each in each_nested(say_record(Unreadable(Kind.INVOICE, "?1", number, fault))):
        assert set(each.values) == places(SENTENCES[each.code])


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_record_has_a_name(kind: Kind) -> None:
    assert kind_code(kind) in SENTENCES


@pytest.mark.parametrize("cause", DoubtCause)
def test_what_a_restore_could_not_match_has_a_sentence(cause: DoubtCause) -> None:
    assert adoption_code(cause) in UNMATCHED


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_failure_is_said_in_each_language(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        texts = get_translations()
        for code in set(FAILURES) - {Failed.WORDS, Failed.STATUS}:
            sentence = FAILURES[code]
            if isinstance(sentence, Plural):
                assert texts.ungettext(*sentence, 2) not in sentence
            else:
                assert texts.ugettext(sentence) != sentence


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RefusedError("Periode is afgesloten"), "“Periode is afgesloten”"),
        (LostReplyError(said(Failed.NO_ANSWER)), "No answer came in time."),
        (BadAnswerError("The answer has no envelope."), "The answer cannot be read."),
        (RefusedError(said(Failed.NO_REASON, status=404)), "The answer was 404 without a reason."),
        (
            RefusedError(said(Failed.PRODUCTIVE_REFUSED, words=Quoted("invoice – must be sent"))),
            "Productive refused: “invoice – must be sent”.",
        ),
    ],
)
def test_a_failure_says_its_code_and_quotes_what_others_said(error: RemoteError, text: str) -> None:
    assert in_source_language(error.said) == text
    assert error.said.code in SENTENCES


def test_a_trouble_is_read_in_two_languages_and_one_of_before_stays_as_written(
    app: Flask, session: Session
) -> None:
    connection = a_connection(session)
    connection.catalogue_trouble = LostReplyError(said(Failed.NO_ANSWER)).said
    connection.hooks_trouble = as_written("No answer came in time.")
    session.commit()
    session.expire_all()

    with app.test_request_context(), force_locale("nl"):
        assert sentence_of(connection.catalogue_trouble) == "Er kwam niet op tijd een antwoord."
        assert sentence_of(connection.hooks_trouble) == "No answer came in time."
    with app.test_request_context(), force_locale("de"):
        assert sentence_of(connection.catalogue_trouble) == "Es kam nicht rechtzeitig eine Antwort."


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        ("No connection could be made.", "No connection could be made."),
        (said(Failed.NO_CONNECTION).to_json(), "No connection could be made."),
        (RefusedError("Dicht").said.to_json(), "“Dicht”"),
    ],
)
def test_what_a_call_of_a_payment_said_is_read_from_before_and_now(kept: object, text: str) -> None:
    assert in_source_language(say_cause(PaymentCause.CALL_FAILED, {"said": kept})) == text
    assert text in in_source_language(say_finding(FindingKind.UNREADABLE, {"said": kept}))


def test_each_word_of_what_an_invoice_needs_is_in_the_catalogues() -> None:
    assert set(NEED_WORDS) == set(WORDS.values())
