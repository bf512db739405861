"""What the App Marketplace shows of each connection: as whom, where, how fresh, what is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.actions.connections.catalogue import is_fresh
from portal.domain.assumptions import BY_CODE, Assumption
from portal.domain.booking.catalogue import Catalogue, shown
from portal.domain.connections.grant_health import GrantHealth
from portal.domain.unreadable import Kind
from portal.extensions import db
from portal.store.card_rows import CardRows, read_card_rows
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.store.grants import GrantRow
from portal.store.trials import TrialRow, failed_assumptions
from portal.web.common.access import subsidiary_scope
from portal.web.common.budgets import Budget, exact_budgets
from portal.web.common.formats import moment
from portal.web.common.frame import places, visible_subsidiaries
from portal.web.common.grant_words import LOCALES, forecast_of, sentence_of_grant, state_of
from portal.web.common.said import sentence_of
from portal.web.connections.blueprint import NATIVE_LINK, subsidiary_of


@dataclass(frozen=True, slots=True)
class Card:
    """One connection, live or being set up, with everything its card shows."""

    row: ConnectionRow
    subsidiary: SubsidiaryRow
    grant: GrantRow | None
    health: GrantHealth | None
    country: str
    troubles: tuple[str, ...]
    budget: Budget | None = None
    trial: TrialRow | None = None
    failed: tuple[Assumption, ...] = ()
    # How many invoices another link copied that are linked to no entry yet.
    elsewhere: int = 0

    @property
    def is_live(self) -> bool:
        """Say whether set-up is finished."""
        return self.row.is_live

    @property
    def sign_in_lost(self) -> bool:
        """Say whether a person must consent again."""
        return not is_working(self.grant)

    @property
    def sign_in_state(self) -> str:
        """Name the sign-in's state in a few words."""
        return state_of(self.grant, self.health) if self.grant and self.health else ""

    @property
    def forecast(self) -> str:
        """Say what keeps a sign-in that is not lost."""
        return forecast_of(self.grant) if self.grant and not self.sign_in_lost else ""


def is_working(grant: GrantRow | None) -> bool:
    """Say whether a sign-in can still be used."""
    return grant is not None and grant.is_working


def card_of(row: ConnectionRow, now: datetime) -> Card:
    """Gather what a connection's card shows."""
    (card,) = cards_of([row], now)
    return card


def head_of(row: ConnectionRow, now: datetime) -> Card:
    """Gather what a connection is called, and its sign-in: all that the pages about it alone show."""
    return _card(row, None, CardRows(), now)


def visible_cards(now: datetime) -> list[Card]:
    """Return the cards of every connection the person may see."""
    return cards_of(places().in_use(subsidiary_scope()), now)


def cards_of(rows: Sequence[ConnectionRow], now: datetime) -> list[Card]:
    """Gather what the cards of some connections show, in as many statements as for one."""
    budgets = exact_budgets(db.session(), [row for row in rows if row.is_live], now)
    read = read_card_rows(db.session(), [row.id for row in rows])
    return [_card(row, budgets.get(row.id), read.get(row.id, CardRows()), now) for row in rows]


def _card(row: ConnectionRow, budget: Budget | None, read: CardRows, now: datetime) -> Card:
    grant = places().grant_of(row)
    subsidiary = subsidiary_of(row)
    troubles: tuple[str, ...] = ()
    if budget is not None:
        catalogue = read.catalogue
        troubles = (*_troubles(row, subsidiary, grant, catalogue, now), *_held_back(budget))

    return Card(
        row,
        subsidiary,
        grant,
        grant.health(now) if grant else None,
        LOCALES.get(row.locale, row.locale),
        troubles,
        budget,
        read.trial,
        _failed(row),
        read.elsewhere,
    )


def unconnected() -> list[SubsidiaryRow]:
    """Return the subsidiaries that can be connected, of those that the page is narrowed to."""
    used = {row.subsidiary_id for row in places().live()}
    scope = subsidiary_scope()
    shown = [one for one in visible_subsidiaries() if scope is None or one.id in scope]
    return [one for one in shown if one.id not in used and not one.archived]


def _troubles(
    row: ConnectionRow,
    subsidiary: SubsidiaryRow,
    grant: GrantRow | None,
    catalogue: Catalogue,
    now: datetime,
) -> Iterator[str]:
    health = grant.health(now) if grant is not None and grant.refresh_sealed is not None else None
    if grant is None or health is None:
        yield _("The sign-in at Exact no longer works. Sign in again.")
    elif health.warns:
        yield sentence_of_grant(grant, health)

    if kept := sum(bool(each.features) for each in _failed(row)):
        yield ngettext(
            "A trial found an assumption that fails here; what rests on it is kept off.",
            "A trial found %(num)d assumptions that fail here; what rests on them is kept off.",
            kept,
        )

    if row.missing_rights:
        yield _("Rights are missing in Exact: %(rights)s.", rights=row.missing_rights)

    if row.catalogue_trouble:
        why = sentence_of(row.catalogue_trouble)
        yield _("Journals, ledgers and VAT codes could not be read: %(text)s", text=why)
    elif not is_fresh(row, now):
        yield _("Journals, ledgers and VAT codes were read more than 24 hours ago. Read them again.")

    yield from _gone_defaults(row, catalogue)
    # Without a sign-in no pull gets through, which is said already.
    if row.payments.on and row.payments.trouble and health is not None and not health.lost:
        yield _("Exact could not be asked for payments: %(text)s", text=sentence_of(row.payments.trouble))

    if subsidiary.export_integration == NATIVE_LINK:
        yield native_link_text()


def _gone_defaults(row: ConnectionRow, catalogue: Catalogue) -> Iterator[str]:
    """Yield which defaults are no longer in Exact, so that no copy finds out first."""
    journals = {shown(each.code) for each in catalogue.journals}

    for code, words in (
        (row.default_journal, _("The default journal %(code)s is no longer in Exact. Choose another.")),
        (
            row.credit_journal,
            _("The credit journal %(code)s is no longer in Exact. Choose another."),
        ),
    ):
        is_gone = code and journals and shown(code) not in journals
        if code and is_gone and not catalogue.hides(Kind.JOURNAL, code):
            yield words % {"code": shown(code)}

    accounts = {each.id for each in catalogue.accounts}
    ledger = row.default_ledger
    if ledger and accounts and ledger not in accounts and not catalogue.hides(Kind.LEDGER, ledger):
        yield _("The default ledger is no longer in Exact. Choose another on the Mappings page.")


def _failed(row: ConnectionRow) -> tuple[Assumption, ...]:
    return tuple(BY_CODE[code] for code in sorted(failed_assumptions(row)) if code in BY_CODE)


def _held_back(budget: Budget) -> Iterator[str]:
    """Say which calls are not made for a while, before Exact would block them."""
    for endpoint, until in budget.circuits.items():
        text = "Exact refused several calls to %(endpoint)s; what needs them waits until %(when)s."
        yield _(text, endpoint=endpoint, when=moment(until))


def native_link_text() -> str:
    """Warn of Productive's own link to Exact."""
    return str(
        _("Productive's own link to Exact is on for this subsidiary: both would copy. Switch it off there.")
    )
