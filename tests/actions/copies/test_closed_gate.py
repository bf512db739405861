"""While copying is closed nothing is ready: list, dialog, Copy many and action say the same."""

from portal.actions.copies.propose import Answers, propose
from portal.actions.copies.ready import keep_ready
from portal.actions.copies.run_draft import plan_copies
from portal.actions.engine.gate import close_copying, may_write
from portal.domain.copies.need_words import word_of
from portal.domain.copies.standing import Standing
from portal.store.copies import CopyRow
from portal.store.gate import the_gate
from tests.actions.office import Office

CODE = "copying_closed"


def standing(office: Office) -> tuple[Standing, str | None]:
    office.session.commit()
    keep_ready(office.session, clock=lambda: office.now)
    office.session.expire_all()
    row = office.row()
    found = (row.standing, row.need)
    office.session.commit()
    return found


def prepare(office: Office) -> None:
    office.connection().default_journal = "70"
    assert standing(office) == (Standing.READY, None)


def reopen(office: Office) -> None:
    gate = the_gate(office.session)
    gate.closed_at = None
    gate.closed_why = None
    gate.known_until = None
    office.session.commit()


def planned(office: Office) -> list[str]:
    today = office.now.date()
    [plan] = plan_copies(office.session, [office.row()], now=office.now, today=today)
    office.session.commit()
    return [each.code for each in plan.problems]


def shown(office: Office) -> list[str]:
    found = propose(office.session, office.row(), Answers(), now=office.now, today=office.now.date())
    office.session.commit()
    assert found is not None
    return [each.code for each in found.problems]


def test_an_invoice_is_ready_no_more_while_copying_is_closed(office: Office) -> None:
    prepare(office)
    close_copying(office.session, now=office.now)

    assert standing(office) == (Standing.NEEDS_YOU, CODE)
    assert planned(office) == [CODE]
    assert CODE in shown(office)
    assert [each.code for each in office.wish()] == [CODE]
    assert word_of(CODE) == "copying closed"

    reopen(office)
    assert standing(office) == (Standing.READY, None)
    assert planned(office) == []
    assert CODE not in shown(office)
    assert isinstance(office.wish(), CopyRow)


def test_a_database_that_turns_out_to_be_restored_makes_nothing_ready(office: Office) -> None:
    prepare(office)
    office.marks.seen[the_gate(office.session).database_id] = 99
    office.session.commit()
    assert may_write(office.session, office.marks, now=office.now) is False
    assert standing(office) == (Standing.NEEDS_YOU, CODE)
