"""What is suggested for what nobody decided is kept, and is what a look at it would find."""

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from portal.actions.connections import suggest_ahead
from portal.actions.connections.suggest_ahead import propose_companies, propose_mappings, weigh_undecided
from portal.domain.booking.mapping import MappingKind
from portal.domain.copies.standing import STUCK
from portal.store.catalogue import CustomerRow, keep_customers
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.mappings import MappingRow, ServiceTypeRow, TaxRateRow
from portal.store.needs import NeedGroup
from portal.store.proposals import ProposalRow, Proposed, proposed_of
from portal.store.reasons import Known, read_reasons
from portal.web.overview.needs import MOST_REASONS, MOST_SUGGESTED, leave_out
from tests.conftest import NOW
from tests.fakes import a_customer
from tests.web.invoices import House
from tests.web.test_overview import TODAY, add, look

CLOCK_DAY = NOW.date()


def a_known(
    *,
    targets: tuple[str, ...] = ("2",),
    is_doubtful: bool = False,
    mapped: str | None = None,
    is_linked: bool = False,
) -> Known:
    proposed = Proposed("tax:small", targets, targets, is_doubtful=is_doubtful)
    return Known("BTW", proposed, mapped, is_linked)


def a_group(subject: str) -> NeedGroup:
    return NeedGroup("1", "vat_unmapped", subject, "", "mappings", {}, 1, {"EUR": 100}, ())


@pytest.fixture
def undecided(house: House) -> House:
    """Invoices whose tax rate, service type and customer nobody decided yet."""
    session = house.session
    session.add(TaxRateRow(id="high", name="BTW hoog", percentage="21", subsidiary_id="1"))
    session.add(ServiceTypeRow(id="design", name="Design"))
    session.execute(delete(MappingRow))
    session.execute(delete(CustomerLinkRow))
    session.execute(delete(CustomerRow))
    customer = a_customer("Iets Heel Anders B.V.", vat_number="NL344240113B01", city="Assen")
    keep_customers(session, house.connection_id, [customer])
    session.commit()
    add(house, "1")
    add(house, "2")
    look(house)
    return house


def weigh(house: House) -> bool:
    more = weigh_undecided(house.session, clock=lambda: NOW)
    house.session.commit()
    return more


def kept(session: Session) -> dict[str, ProposalRow]:
    return {row.subject: row for row in session.scalars(select(ProposalRow))}


def test_all_that_nobody_decided_is_weighed_once(undecided: House) -> None:
    assert weigh(undecided) is False
    rows = kept(undecided.session)
    assert {subject.partition(":")[0] for subject in rows} == {"tax", "service", "company"}

    connection = undecided.session.get_one(ConnectionRow, undecided.connection_id)
    mappings = [one for one in rows if not one.startswith("company:")]
    companies = [one for one in rows if one.startswith("company:")]
    fresh = propose_mappings(undecided.session, connection, mappings, CLOCK_DAY)
    fresh += propose_companies(undecided.session, connection, companies, CLOCK_DAY)
    assert {one.subject: one for one in fresh} == {one: proposed_of(row) for one, row in rows.items()}


def test_a_page_is_told_what_is_kept(undecided: House) -> None:
    before = dict(_known(undecided.session))
    assert all(proposed is None for proposed in before.values())
    weigh(undecided)
    for subject, proposed in _known(undecided.session):
        assert proposed is not None
        assert proposed.names == tuple(kept(undecided.session)[subject].names)


def _known(session: Session) -> list[tuple[str, Proposed | None]]:
    reasons = read_reasons(session, None, standings=STUCK)
    return [(group.subject, known.proposed) for group, known in reasons]


def decide_rate(house: House) -> None:
    """Map the tax rate."""
    house.session.add(
        MappingRow(
            connection_id=house.connection_id,
            kind=MappingKind.TAX,
            source_id="high",
            target="2  ",
            set_by="Anna",
            set_at=NOW,
        )
    )
    house.session.commit()


def test_what_was_mapped_or_linked_is_told_before_the_next_look(undecided: House) -> None:
    weigh(undecided)
    session = undecided.session
    decide_rate(undecided)
    known = {group.subject: known for group, known in read_reasons(session, None, standings=STUCK)}
    assert known["tax:high"].mapped == "2  "
    assert known["service:design"].mapped is None


def test_a_customer_that_comes_or_goes_is_weighed_anew(undecided: House) -> None:
    weigh(undecided)
    session = undecided.session
    [company] = [one for one in kept(session) if one.startswith("company:")]
    before = proposed_of(kept(session)[company])
    session.execute(delete(CustomerRow))
    keep_customers(session, undecided.connection_id, [a_customer("Wholly Other Ltd", city="Leeds")])
    session.commit()

    look(undecided)
    weigh(undecided)
    assert proposed_of(kept(session)[company]) != before


def test_an_invoice_of_the_company_that_changes_is_weighed_anew(undecided: House) -> None:
    weigh(undecided)
    [company] = [one for one in kept(undecided.session) if one.startswith("company:")]
    before = kept(undecided.session)[company].made_of
    add(undecided, "3", invoiced_on=TODAY, bill_to=None)
    look(undecided)
    weigh(undecided)
    assert kept(undecided.session)[company].made_of != before


def test_what_is_known_is_not_weighed_again(undecided: House, monkeypatch: pytest.MonkeyPatch) -> None:
    weigh(undecided)

    def refuse(*_given: object) -> None:
        raise AssertionError("a company was weighed again")

    monkeypatch.setattr(suggest_ahead, "propose_companies", refuse)
    assert weigh(undecided) is False


def test_a_job_weighs_some_and_says_that_more_are_left(
    undecided: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggest_ahead, "MOST", 0)
    assert weigh(undecided) is True
    assert not [one for one in kept(undecided.session) if one.startswith("company:")]


def test_overview_reads_no_customer_once_all_is_weighed(undecided: House) -> None:
    weigh(undecided)
    said: list[str] = []
    engine = undecided.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    read_reasons(undecided.session, None, standings=STUCK)
    assert len([one for one in said if "FROM" in one]) == 1


def test_what_nobody_waits_for_any_more_is_forgotten(undecided: House) -> None:
    weigh(undecided)
    session = undecided.session
    assert "tax:high" in kept(session)
    decide_rate(undecided)
    look(undecided)
    weigh(undecided)
    session.expire_all()
    assert "tax:high" not in kept(session)


@pytest.mark.parametrize(
    ("known", "is_shown"),
    [
        (a_known(), True),
        (a_known(targets=("2", "3")), False),
        (a_known(targets=()), False),
        (a_known(is_doubtful=True), False),
        (a_known(mapped="2"), False),
        (a_known(is_linked=True), False),
        (Known(None, None, None, False), False),
    ],
)
def test_a_reason_of_few_invoices_is_left_out_unless_it_is_accepted_with_the_others(
    known: Known, is_shown: bool
) -> None:
    big = [(a_group(f"tax:{at}"), Known(None, None, None, False)) for at in range(MOST_REASONS)]
    small = (a_group("tax:small"), known)
    assert leave_out([*big, small]) == ([*big, small] if is_shown else big)


def test_not_all_of_very_many_suggestions_are_shown() -> None:
    every = [(a_group(f"company:{at}"), a_known()) for at in range(3 * MOST_SUGGESTED)]
    assert leave_out(every) == every[:MOST_SUGGESTED]
