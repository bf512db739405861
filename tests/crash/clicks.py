"""Fifty people click at once, and several workers take the wish at once: one POST to Exact."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.house.states import Role
from portal.store.invoices import InvoiceRow
from portal.store.people import UserRow, find_user
from tests.conftest import a_token
from tests.crash.kill import start_worker, wait_for
from tests.crash.recover import settle
from tests.crash.runs import Tally
from tests.crash.stories import TWO, write_invoices
from tests.crash.subjects import Subject, judge
from tests.crash.world import World
from tests.pages import CheckingClient

CLICKS = 50
WORKERS = 4
ENTRIES = "/salesentry/SalesEntries"
EMAIL = "clicker@example.com"


def click_at_once(world: World, runs: int) -> Tally:
    """Let fifty clicks meet on one invoice, and then the workers on their wish."""
    tally = Tally("copy", f"{CLICKS} clicks and {WORKERS} workers at once")
    for subject in write_invoices(world, runs, TWO):
        world.street.exact.delete("calls")
        click(world, subject)
        jobs = world.take_nudges()
        pids = [start_worker(world, jobs[at % len(jobs)]) for at in range(WORKERS)]
        for pid in pids:
            wait_for(pid)
        settled = settle(world)
        verdict = judge(world, subject)
        posts = [call for call in world.street.exact.calls() if call.startswith("POST") and ENTRIES in call]
        verdict.compare("posts", [1 for _ in posts], [1])
        tally.add(verdict, settled=settled)
    return tally


def click(world: World, subject: Subject) -> None:
    """Fifty browsers submit the same dialog in the same moment."""
    together = threading.Barrier(CLICKS)
    form = form_of(world, subject)
    browsers = [a_browser(world) for _ in range(CLICKS)]

    def submit(browser: CheckingClient) -> int:
        together.wait()
        return browser.post(f"/invoices/{subject.invoice_id}/copy", data=form).status_code

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(submit, browsers))
    assert set(answers) == {302}, answers


def form_of(world: World, subject: Subject) -> dict[str, str]:
    """The dialog as everybody filled it in."""
    with world.session() as session:
        row = session.scalars(select(InvoiceRow).where(InvoiceRow.id == subject.invoice_id)).one()
        return {
            "action": "create",
            "fingerprint": row.fingerprint,
            "latest": row.latest_copy_id or "",
            "customer": subject.office.customer_id,
            "journal": "70",
        }


def a_browser(world: World) -> CheckingClient:
    """A browser in which the same person is signed in."""
    world.app.test_client_class = CheckingClient
    browser = world.app.test_client()
    assert isinstance(browser, CheckingClient)
    browser.session = Session(world.engine)
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = the_user(world)
    return browser


def the_user(world: World) -> str:
    """The one person who clicks, as a new session's cookie names them."""
    with world.session() as session:
        user = find_user(session, EMAIL)
        if user is None:
            user = UserRow(
                email=EMAIL, name="Anna", password_hash="", role=Role.ADMINISTRATOR, created_at=world.now()
            )
            session.add(user)
        session.commit()
        return a_token(session, user)
