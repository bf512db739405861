"""Builds the clients from settings and stored grants. Nothing else does."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.tokens import GrantAccess
from portal.actions.engine.desk import Desk
from portal.actions.engine.ports import NO_MARKS, Billing, Ledger, Marks, Nudge, Post, SignIn, TrialLedger
from portal.actions.trial.turn import Spend, TrialDesk
from portal.domain.connections.hints import ExactHint
from portal.domain.failed import Failed
from portal.domain.said import said
from portal.exact.auth import ExactAuth
from portal.exact.client import ENTRY_PAGE, ExactClient
from portal.exact.hooks import read_hook
from portal.exact.limits import PACE as EXACT_PACE
from portal.exact.limits import read_limits as read_exact_limits
from portal.exact.trial import TrialClient
from portal.productive.client import ProductiveClient
from portal.productive.hooks import is_genuine
from portal.productive.pace import PACE as PRODUCTIVE_PACE
from portal.productive.pace import read_limits as read_productive_limits
from portal.remote.clock import RemoteClock
from portal.remote.counted import CountedLane
from portal.remote.errors import SignInLostError
from portal.remote.mail import Mailer
from portal.remote.pace import Pace, Reader
from portal.remote.tokens import TokenPair
from portal.remote.transport import CallRecord, Transport, log_call
from portal.settings import Settings
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.store.grants import GrantRow, locale_of_sign_in
from portal.store.lane_rows import exact_lane, productive_lane
from portal.store.lanes import PATIENCE, OpenLane, StoredLane
from portal.store.vault import Vault, place_of_productive

EXACT = "exact"
PRODUCTIVE = "productive"
SPARE = 30
# A copy waits for its turn before it reads the invoice, so that it is fresh when it is booked.
COPY_PATIENCE = 10.0


def now_utc() -> datetime:
    """Return the local time."""
    return datetime.now(UTC)


class Wiring:
    """Hands out what actions need. There is one per process."""

    def __init__(
        self,
        settings: Settings,
        vault: Vault,
        sessions: sessionmaker[Session],
        nudge: Nudge,
        marks: Marks = NO_MARKS,
    ) -> None:
        self.settings = settings
        self.vault = vault
        self.sessions = sessions
        self.nudge = nudge
        self.marks = marks
        self.clock: Callable[[], datetime] = now_utc
        self.sleep: Callable[[float], None] = time.sleep
        self.others_wait: Callable[[], bool] = lambda: False
        self.count_call: Callable[[str, CallRecord], None] = lambda _service, _record: None
        self._exact_clocks = {locale: RemoteClock(self._now) for locale in settings.exact}
        self._productive_clock = RemoteClock(self._now)

    def _now(self) -> datetime:
        return self.clock()

    def takes_hooks(self, locale: str) -> bool:
        """Say whether Exact can send us webhooks from a country: https, and the secret to check them by."""
        return self.settings.public_url.startswith("https:") and bool(
            self.settings.exact[locale].webhook_secret
        )

    def read_exact_hook(self, body: bytes) -> ExactHint | None:
        """Return what a genuine webhook of Exact hints at, or None for any other."""
        sites = self.settings.exact.items()
        return read_hook(body, {name: site.webhook_secret for name, site in sites if site.webhook_secret})

    def is_productive_hook(self, body: bytes, signature: str) -> bool:
        """Say whether a webhook is Productive's own."""
        return is_genuine(body, signature, self.settings.productive_webhook_secrets)

    def has_billing(self, session: Session) -> bool:
        """Say whether Productive is set up."""
        found = session.get(ProductiveRow, 1) is not None
        session.commit()
        return found

    def billing(self, *, interactive: bool = True, pull: bool = False) -> Billing:
        """Return Productive. Raises SignInLostError before it is set up."""
        with self.sessions() as session:
            row = session.get(ProductiveRow, 1)
        if row is None:
            raise SignInLostError(said(Failed.NO_PRODUCTIVE))
        token = self.vault.open(row.token_sealed, place_of_productive(row.organization_id))
        return self.billing_with(row.organization_id, token, interactive=interactive, pull=pull)

    def billing_with(
        self, organization_id: str, token: str, *, interactive: bool = True, pull: bool = False
    ) -> Billing:
        """Return Productive with an access that is not stored yet."""
        return ProductiveClient(
            self.settings.productive_url,
            token,
            organization_id,
            transport=self._transport(PRODUCTIVE, self._productive_clock),
            lane=self._lane(
                productive_lane(organization_id), start=PRODUCTIVE_PACE, reader=read_productive_limits
            ),
            interactive=interactive,
            pull=pull,
        )

    def ledger(self, connection_id: int, *, interactive: bool = True, patience: float = PATIENCE) -> Ledger:
        """Return the division of a connection. Raises SignInLostError when it has no sign-in."""
        with self.sessions() as session:
            connection = session.get_one(ConnectionRow, connection_id)

        if connection.grant_id is None:
            raise SignInLostError(said(Failed.NO_SIGN_IN))

        return self.ledger_of_grant(
            connection.grant_id, connection.division, interactive=interactive, patience=patience
        )

    def _working_ledger(self, connection_id: int, **how: Any) -> Ledger:
        """Return the same, or say at once why its sign-in serves nobody now, before anything is intended."""
        with self.sessions() as session:
            connection = session.get_one(ConnectionRow, connection_id)
            locale = locale_of_sign_in(session, connection)
        if connection.grant_id is not None:
            self.access(connection.grant_id, locale).check()
        return self.ledger(connection_id, **how)

    def ledger_of_grant(
        self,
        grant_id: int,
        division: int | None,
        *,
        interactive: bool = True,
        patience: float = PATIENCE,
        held: bool = True,
    ) -> Ledger:
        """Return a division as seen with a grant. Without ``held`` no budget holds its calls back."""
        with self.sessions() as session:
            locale = session.get_one(GrantRow, grant_id).locale
        access = self.access(grant_id, locale)
        return self._exact(
            locale, division, access.current, access.after_expired, interactive, patience, held=held
        )

    def ledger_with(self, locale: str, access: str, division: int | None) -> Ledger:
        """Return a division as seen with a token that is not stored yet. No budget holds it back."""
        return self._exact(locale, division, lambda: access, None, True, held=False)

    def access(self, grant_id: int, locale: str) -> GrantAccess:
        """Return the access to a grant's tokens."""
        return GrantAccess(
            sessions=self.sessions,
            vault=self.vault,
            grant_id=grant_id,
            renew=self.sign_in_auth(locale).renew,
            clock=self._exact_clocks[locale].now,
            local=self.clock,
            suppose=self._exact_clocks[locale].suppose,
            sleep=self.sleep,
        )

    def post(self) -> Post | None:
        """Return what sends mail, None where the operator named no mail server."""
        return Mailer(self.settings.mail) if self.settings.mail else None

    def sign_in(self, locale: str) -> SignIn:
        """Return the sign-in at a country site."""
        return _SignIn(self.sign_in_auth(locale))

    def sign_in_auth(self, locale: str) -> ExactAuth:
        """Return our app at a country site."""
        return ExactAuth(
            self.settings.exact[locale], self.settings.callback_url, clock=self._exact_clocks[locale]
        )

    def desk(self, *, interactive: bool = False, pull: bool = False) -> Desk:
        """Return what copies and payments are made with: for a person who waits, a pull, or a batch."""
        return Desk(
            billing=partial(self.billing, interactive=interactive, pull=pull),
            ledger=partial(
                self._working_ledger, interactive=interactive, patience=PATIENCE if pull else COPY_PATIENCE
            ),
            clock=self.clock,
            quiet=self.settings.uncertain_quiet,
            sleep=self.sleep,
            marks=self.marks,
        )

    def trial_desk(self) -> TrialDesk:
        """Return what a trial is carried out with: its calls are counted and never repeated by themselves."""
        return TrialDesk(
            ledger=self._trial_ledger,
            billing=self._trial_billing,
            vat_page=self.settings.vat_page_of,
            clock=self.clock,
            quiet=self.settings.uncertain_quiet,
            sleep=self.sleep,
            marks=self.marks,
        )

    def _trial_ledger(self, connection_id: int, spend: Spend) -> TrialLedger:
        with self.sessions() as session:
            connection = session.get_one(ConnectionRow, connection_id)
            locale = locale_of_sign_in(session, connection)

        if connection.grant_id is None or connection.division is None:
            raise SignInLostError(said(Failed.NO_SIGN_IN))

        access = self.access(connection.grant_id, locale)
        access.check()
        clock = self._exact_clocks[locale]

        return TrialClient(
            self.settings.exact[locale].url,
            connection.division,
            lane=self._lane(
                exact_lane(locale, connection.division), start=EXACT_PACE, reader=read_exact_limits
            ),
            spend=spend,
            access=access.current,
            on_expired=access.after_expired,
            transport=self._transport(EXACT, clock, repeats=False),
            entry_page=self.settings.exact_entry_page or ENTRY_PAGE,
        )

    def _trial_billing(self, spend: Spend) -> Billing:
        with self.sessions() as session:
            row = session.get(ProductiveRow, 1)

        if row is None:
            raise SignInLostError(said(Failed.NO_PRODUCTIVE))

        lane = self._lane(
            productive_lane(row.organization_id), start=PRODUCTIVE_PACE, reader=read_productive_limits
        )
        return ProductiveClient(
            self.settings.productive_url,
            self.vault.open(row.token_sealed, place_of_productive(row.organization_id)),
            row.organization_id,
            transport=self._transport(PRODUCTIVE, self._productive_clock, repeats=False),
            lane=CountedLane(lane, spend),
        )

    def _exact(
        self,
        locale: str,
        division: int | None,
        access: Callable[[], str],
        on_expired: Callable[[], str] | None,
        interactive: bool,
        patience: float = PATIENCE,
        *,
        held: bool = True,
    ) -> Ledger:
        name = exact_lane(locale, division)
        lane = self._lane(name, start=EXACT_PACE, reader=read_exact_limits, patience=patience)
        return ExactClient(
            self.settings.exact[locale].url,
            division,
            access=access,
            on_expired=on_expired,
            lane=lane if held else OpenLane(lane),
            transport=self._transport(EXACT, self._exact_clocks[locale]),
            interactive=interactive,
            entry_page=self.settings.exact_entry_page or ENTRY_PAGE,
        )

    def _transport(self, service: str, clock: RemoteClock, *, repeats: bool = True) -> Transport:
        def note(record: CallRecord) -> None:
            log_call(record)
            self.count_call(service, record)

        return Transport(read_timeout=self.settings.exact_timeout, clock=clock, on_call=note, repeats=repeats)

    def _lane(self, name: str, *, start: Pace, reader: Reader, patience: float = PATIENCE) -> StoredLane:
        # The transport reads a second time when an answer to a GET does not come.
        hold = 2 * self.settings.exact_timeout + SPARE
        return StoredLane(
            self.sessions,
            name,
            start=start,
            reader=reader,
            clock=self.clock,
            hold=hold,
            sleep=self.sleep,
            patience=patience,
        )


class _SignIn:
    """ExactAuth as the actions see it: the state is theirs."""

    def __init__(self, auth: ExactAuth) -> None:
        self._auth = auth

    def authorization_url(self, state: str) -> str:
        """Return where to send a person for consent."""
        return self._auth.authorization_url(state)[0]

    def exchange(self, code: str) -> TokenPair:
        """Turn a code into tokens."""
        return self._auth.exchange_code(code)


def current() -> Wiring:
    """Return the wiring of the running app."""
    return cast(Wiring, current_app.extensions["portal"].wiring)
