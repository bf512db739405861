"""Which ledger account is suggested for a service type: what was chosen for its name, then names."""

import pytest
from rapidfuzz.fuzz import token_sort_ratio

from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.suggest import Reason, Suggested, Suggestion, Tie
from portal.domain.booking.suggest_ledgers import Precedent, rank_accounts, suggest_ledger
from tests.domain.builders import an_account


def score(one: str, other: str) -> float:
    return token_sort_ratio(one, other) / 100


def chart(*names: str) -> Catalogue:
    accounts = tuple(an_account(name.split(" ", 1)[0], description=name.split(" ", 1)[1]) for name in names)
    others = (
        an_account("1300", description="Debiteuren ontwerp", type=20, balance_type="B"),
        an_account("1700", description="Vooruitbetaald ontwerp", type=60, balance_type="B"),
        an_account("4000", description="Kosten ontwerp", type=120),
        an_account("8900", description="Overige omzet"),
        an_account("8999", description="Omzet ontwerp oud", blocked=True),
    )
    return Catalogue((), (*accounts, *others), (), (), (), (), (), ())


DUTCH = chart(
    "8000 Omzet ontwerp",
    "8010 Omzet strategie",
    "8020 Omzet ontwikkeling",
    "8030 Omzet projectmanagement",
    "8040 Omzet hosting en licenties",
    "8100 Omzet fotografie en film",
    "8300 Omzet doorbelaste kosten",
    "8400 Omzet reis- en verblijfkosten",
    "8500 Omzet trainingen",
    "8600 Omzet binnen de EU",
)
GERMAN = chart("4400 Erlöse Gestaltung", "4410 Erlöse Entwicklung", "4420 Erlöse Beratung")
FRENCH = chart(
    "700100 Ventes conception graphique", "700200 Ventes développement", "700300 Ventes hébergement"
)
ENGLISH = chart("4000 Sales design", "4010 Sales web development", "4020 Training revenue")

# chart, service type, account, reason
BY_NAME: dict[str, tuple[Catalogue, str, str | None, Reason | None]] = {
    "the same word": (DUTCH, "Hosting", "8040", Reason.LEDGER_NAME),
    "one of many": (DUTCH, "Training", "8500", Reason.LEDGER_NAME),
    "a word in two languages": (DUTCH, "Design", "8000", Reason.LEDGER_MEANING),
    "development": (DUTCH, "Development", "8020", Reason.LEDGER_MEANING),
    "strategy": (DUTCH, "Strategy", "8010", Reason.LEDGER_MEANING),
    "photography": (DUTCH, "Photography", "8100", Reason.LEDGER_MEANING),
    "travel": (DUTCH, "Travel", "8400", Reason.LEDGER_MEANING),
    "German": (GERMAN, "Development", "4410", Reason.LEDGER_MEANING),
    "German design": (GERMAN, "Design", "4400", Reason.LEDGER_MEANING),
    "French": (FRENCH, "Hosting", "700300", Reason.LEDGER_MEANING),
    "English": (ENGLISH, "Design", "4000", Reason.LEDGER_NAME),
    "two words in another order": (ENGLISH, "Development web", "4010", Reason.LEDGER_NAME),
    "nothing that fits": (DUTCH, "Copywriting", None, None),
    "a word that says nothing": (DUTCH, "Services", None, None),
    "what takes the rest is not for it": (DUTCH, "Overige", None, None),
    "a place is no trade": (DUTCH, "EU", None, None),
    "no name": (DUTCH, "", None, None),
}


@pytest.mark.parametrize("kind", BY_NAME)
def test_names_that_are_alike_suggest_an_account(kind: str) -> None:
    offered, service, code, reason = BY_NAME[kind]
    found = suggest_ledger(service, offered, [], score)
    assert told(found) == (code, reason)


def told(found: Suggestion) -> tuple[str | None, Reason | None]:
    """Return the code of the account that is suggested, and why."""
    if found is None:
        return None, None
    assert isinstance(found, Suggested), found
    return found.target.removeprefix("gl-"), found.because.reason


def chose(service: str, code: str, description: str, *, here: bool = False) -> Precedent:
    return Precedent(service, code, description, "Own BV" if here else "Other BV", here)


DESIGN_ELSEWHERE = chose("Copywriting", "8010", "Omzet strategie")

# service type, what was chosen before, account, reason
BY_PRECEDENT: dict[str, tuple[str, list[Precedent], str | None, Reason | None]] = {
    "another subsidiary": ("Copywriting", [DESIGN_ELSEWHERE], "8010", Reason.SAME_ELSEWHERE),
    "the name in other letters": ("COPYWRITING", [DESIGN_ELSEWHERE], "8010", Reason.SAME_ELSEWHERE),
    "a longer name": ("Copywriting EN", [DESIGN_ELSEWHERE], "8010", Reason.LIKE_ELSEWHERE),
    "this team before others": (
        "Copywriting",
        [DESIGN_ELSEWHERE, chose("Copywriting", "8000", "Omzet ontwerp", here=True)],
        "8000",
        Reason.SAME_HERE,
    ),
    "before likeness of names": (
        "Design",
        [chose("Design", "8030", "Omzet projectmanagement")],
        "8030",
        Reason.SAME_ELSEWHERE,
    ),
    "another number for the same description": (
        "Copywriting",
        [chose("Copywriting", "7000", "Omzet ontwerp")],
        "8000",
        Reason.SAME_ELSEWHERE,
    ),
    "a number that means something else here": (
        "Copywriting",
        [chose("Copywriting", "8000", "Verkoop machines")],
        None,
        None,
    ),
    "an account that is blocked here": (
        "Copywriting",
        [chose("Copywriting", "8999", "Omzet ontwerp oud")],
        None,
        None,
    ),
    "costs are no revenue": ("Copywriting", [chose("Copywriting", "4000", "Kosten ontwerp")], None, None),
    "a name that is not alike": ("Copywriting", [chose("Hosting", "8040", "Omzet hosting")], None, None),
}


@pytest.mark.parametrize("kind", BY_PRECEDENT)
def test_what_was_chosen_for_the_name_counts_before_likeness(kind: str) -> None:
    service, precedents, code, reason = BY_PRECEDENT[kind]
    assert told(suggest_ledger(service, DUTCH, precedents, score)) == (code, reason)


def test_two_choices_for_one_name_are_a_question() -> None:
    precedents = [
        chose("Copywriting", "8000", "Omzet ontwerp"),
        chose("Copywriting", "8010", "Omzet strategie"),
    ]
    found = suggest_ledger("Copywriting", DUTCH, precedents, score)
    assert isinstance(found, Tie)
    assert found.because.reason is Reason.CHOSEN_DIFFERENTLY
    assert set(found.targets) == {"gl-8000", "gl-8010"}


def test_two_accounts_of_one_trade_are_a_question() -> None:
    found = suggest_ledger("Design", chart("8000 Omzet ontwerp", "8001 Omzet vormgeving"), [], score)
    assert isinstance(found, Tie)
    assert set(found.targets) == {"gl-8000", "gl-8001"}


def test_accounts_stand_by_how_well_they_fit_and_revenue_first() -> None:
    ranked = [one.code for one in rank_accounts("Development", DUTCH, [], score)]
    assert ranked[0] == "8020"
    assert ranked.index("8900") < ranked.index("1700")
    assert ranked[-2:] == ["1700", "4000"]
    assert "1300" not in ranked
