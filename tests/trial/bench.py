"""A connected portal beside both sandboxes, in process, and a trial in it."""

from datetime import date
from decimal import Decimal
from typing import Any

from portal.actions.invoices.pull import pull_invoices
from portal.actions.trial.perform import perform_trial, remove_leftovers
from portal.actions.trial.request import TrialWish, answer_trial, request_trial
from portal.actions.trial.turn import Spend, TrialDesk
from portal.domain.assumptions import ASSUMPTIONS
from portal.domain.ids import new_id
from portal.domain.trial.verdicts import Verdict
from portal.exact.trial import TrialClient
from portal.productive.client import ProductiveClient
from portal.remote.counted import CountedLane
from portal.remote.tokens import read_pair
from portal.sandbox.exact.matching import Allocation
from portal.sandbox.exact.receipts import record_matching, remove_matching
from portal.sandbox.exact.store import midnight
from portal.sandbox.productive.make import make_invoice
from portal.store.connections import ConnectionRow
from portal.store.trials import TrialRow, things_left, verdicts_of
from tests.fakes import FakeNudge
from tests.furnishing.clients import a_billing
from tests.furnishing.connections import add_grant
from tests.furnishing.sandboxes import DIVISION, EXACT, TOKEN
from tests.furnishing.wires import OpenLane, transport_on
from tests.histories.world import EUR, World, begin

CALLBACK = "http://localhost:8000/connections/exact/callback"
RECEIVED = Decimal("10.00")
UNTRIED = {each.code for each in ASSUMPTIONS if each.untried}


class Bench:
    """One portal, live in the Dutch division, whose books hold what the histories begin with."""

    def __init__(self) -> None:
        self.world: World = begin(loaded=False)
        self.world.exact.backstage.readings.clear()
        self.world.productive.backstage.readings.clear()
        self.world.exact.missing_scopes.clear()
        self.nudge = FakeNudge()
        connection = self.world.session.get_one(ConnectionRow, self.world.connection_id)
        connection.division_name = "Kade & Co B.V."
        connection.default_journal = self.world.journal
        self.world.session.commit()

    @property
    def desk(self) -> TrialDesk:
        """What a trial is given: the real clients, their calls counted."""
        return TrialDesk(
            ledger=self._ledger,
            billing=self._billing,
            vat_page=lambda _locale, division: f"{EXACT}/vat-codes?division={division}",
            clock=self.world.clock.now,
            quiet=360,
            sleep=self.world.clock.advance,
        )

    def _ledger(self, _connection_id: int, spend: Spend) -> TrialClient:
        return TrialClient(
            EXACT,
            DIVISION,
            lane=OpenLane(),
            spend=spend,
            access=lambda: TOKEN,
            transport=transport_on(self.world.exact_wire, EXACT, self.world.clock),
            entry_page="{base}/entries/{entry_id}",
        )

    def _billing(self, spend: Spend) -> ProductiveClient:
        return a_billing(self.world.productive_wire, self.world.clock, CountedLane(OpenLane(), spend))

    def sign_in(self) -> None:
        """Sign in at Exact, for what its token answer tells. The calls go on with a token that lasts."""
        app = self.world.exact_wire._app.test_client()
        query = {"client_id": "demo-client", "redirect_uri": CALLBACK, "response_type": "code"}
        kept = dict(self.world.exact.grants.chains)
        sent = app.post("/api/oauth2/auth", query_string=query, data={"user": "controller"})
        code = sent.headers["Location"].partition("code=")[2].replace("%21", "!").replace("%25", "%")
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        secret = {"client_id": "demo-client", "client_secret": "demo-secret"}
        pair = read_pair(app.post("/api/oauth2/token", data=body | secret).get_json(), self.now)
        self.world.exact.grants.chains = kept
        session = self.world.session
        grant = add_grant(
            session, pair=pair, user=new_id(), user_name="Femke", user_email="", home_division=DIVISION
        )
        session.get_one(ConnectionRow, self.world.connection_id).grant_id = grant.id
        session.commit()

    @property
    def now(self) -> Any:
        """The time by every clock."""
        return self.world.clock.now()

    def new_invoice(self) -> str:
        """Make an invoice that is sent and that no copy marked, and return its number."""
        line = {"description": "Work", "quantity": "1", "unit_price": 5000, "tax_rate": "BTW 21%"}
        company = {"name": EUR}
        sent = {"invoiced_on": "2026-10-01", "sent_on": "2026-10-01"}
        made = make_invoice(self.world.productive, {"company": company, "lines": [line], **sent})
        pull_invoices(self.world.session, self.world.billing, now=self.now)
        # Long ago, so that only what a trial does moves it.
        for moment in ("last_activity_at", "updated_at"):
            setattr(made, moment, "2026-10-01T09:00:00.000+01:00")
        self.world.productive._adopt(self.world.productive.tables)
        return str(made.number)

    def request(self, **wish: Any) -> TrialRow:
        """Ask for a trial."""
        asked = TrialWish("Kade & Co B.V.", **wish)
        session = self.world.session
        connection_id = self.world.connection_id
        trial = request_trial(session, self.nudge, connection_id, asked, by="Anna", now=self.now)
        assert isinstance(trial, TrialRow), trial
        return trial

    def go_on(self, trial: TrialRow) -> None:
        """Let the worker do what is due."""
        perform_trial(self.world.session, self.desk, trial.id)
        self.world.session.refresh(trial)
        self.world.session.commit()

    def answer(self, trial: TrialRow, *, matched: bool) -> None:
        """Answer the question about the receipt."""
        answer_trial(self.world.session, self.nudge, trial, matched=matched)

    def receive(self, split: str) -> Any:
        """Match a receipt with a part of the trial's first entry, as a person does in Exact."""
        books = self.world.books
        entry = next(
            row
            for row in books["SalesEntries"].rows.values()
            if str(row.get("YourRef")).endswith("-1-SAMPLE")
        )
        parts = [Allocation(str(entry["EntryID"]), RECEIVED)]
        return record_matching(books, "receipt", midnight(date(2026, 11, 2)), RECEIVED, split, parts)

    def take_back(self, matching: Any) -> None:
        """Take the receipt back."""
        remove_matching(self.world.books, matching)

    def whole_trial(self, *, invoice: str = "", split: str = "same-row") -> TrialRow:
        """Carry a trial out to its end, a receipt included, and take the receipt back."""
        trial = self.request(invoice_number=invoice, with_receipt=True)
        self.go_on(trial)
        if trial.is_under_way:
            matching = self.receive(split)
            self.answer(trial, matched=True)
            self.go_on(trial)
            self.take_back(matching)
        self.clean_up()
        self.world.session.refresh(trial)
        return trial

    def clean_up(self) -> None:
        """Ask to remove what is left."""
        remove_leftovers(self.world.session, self.desk, self.world.connection_id)

    def verdicts(self, trial: TrialRow) -> dict[str, Verdict]:
        """What a trial said of each assumption."""
        return {code: row.verdict for code, row in verdicts_of(self.world.session, trial.id).items()}

    def failed(self, trial: TrialRow) -> dict[str, str]:
        """What failed, and what was seen of it."""
        rows = verdicts_of(self.world.session, trial.id)
        return {code: row.seen for code, row in rows.items() if row.verdict == Verdict.FAILS}

    def left(self) -> list[str]:
        """What of any trial is still in Exact or in Productive."""
        books = self.world.books
        tables = self.world.productive.tables
        entries = [str(row.get("YourRef")) for row in books["SalesEntries"].rows.values()]
        accounts = [str(row["Name"]) for row in books["Accounts"].rows.values()]
        marks = [str(one.export_id) for one in tables.invoices.values()]
        notes = [str(one.note) for one in tables.payments.values()]
        return [text for text in (*entries, *accounts, *marks, *notes) if "trial" in text.lower()]

    def intended(self) -> list[str]:
        """What the portal thinks is left."""
        rows = things_left(self.world.session, self.world.connection_id)
        return [row.name for row in rows]

    def calls(self) -> int:
        """How many calls Exact has had since the log was cleared."""
        return len(self.world.exact.backstage.calls.all())
