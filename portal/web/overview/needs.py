"""What needs somebody, by reason, each with its fix in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from portal.domain.booking.problems import SENTENCES
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.standing import STUCK
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.invoices import InvoiceRow
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.needs import NeedGroup, group_needs
from portal.web.common.access import current_person
from portal.web.common.need_words import short_word
from portal.web.overview.fixes import Link, link_of
from portal.web.overview.proposals import Named, Proposal, propose

Scope = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the invoices of a reason."""

    id: str
    number: str
    customer: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One reason, the invoices it keeps back, and what mends it."""

    group: NeedGroup
    key: str
    title: str
    said: str
    invoices: Sequence[Shown]
    link: Link | None
    proposal: Proposal
    named: Named | None

    @property
    def may_accept(self) -> bool:
        """Say whether the person may accept what is suggested."""
        return self.named is not None and self.proposal.may_accept

    @property
    def id(self) -> str:
        """What ids in the page are made of."""
        return f"fix-{self.key}"

    @property
    def more(self) -> int:
        """How many invoices are not named."""
        return self.group.count - len(self.invoices)


@dataclass(frozen=True, slots=True)
class Needs:
    """All reasons of a page, of these days. ``back`` is where what is mended leads back to."""

    fixes: Sequence[Fix]
    back: str
    since: date | None
    until: date | None

    @property
    def suggested(self) -> int:
        """How many of them have a suggestion that nothing speaks against."""
        return len(self.named)

    @property
    def named(self) -> list[Named]:
        """The suggestions that are accepted all at once, as a form names them."""
        certain = [one for one in self.fixes if one.may_accept and not one.proposal.is_doubtful]
        return [one.named for one in certain if one.named]

    @property
    def said(self) -> str:
        """Say how many reasons there are."""
        reasons = str(ngettext("%(num)d reason", "%(num)d reasons", len(self.fixes)))
        if not self.suggested:
            return reasons
        return str(_("%(reasons)s, %(num)d with a suggestion", reasons=reasons, num=self.suggested))


def needs_words(
    scope: Scope, since: date | None = None, until: date | None = None, *, back: str
) -> dict[str, Any]:
    """Return what ``overview/_needs.html`` shows of some subsidiaries and days."""
    groups = group_needs(db.session(), scope, since, until, standings=STUCK)
    names = Names(groups)
    return {
        "needs": Needs([names.fix_of(group) for group in groups], back, since, until),
        "may_write": current_person().may_write,
    }


class Names:
    """What the groups of a page name, read by one query each."""

    def __init__(self, groups: Sequence[NeedGroup]) -> None:
        self.groups = groups
        self.invoices = self._read_invoices()
        self.rates = self._read_names(TaxRateRow, "tax")
        self.services = self._read_names(ServiceTypeRow, "service")
        self.connections = self._read_connections()
        self.proposals = self._propose()

    def fix_of(self, group: NeedGroup) -> Fix:
        """Spell one reason with its fix."""
        invoices = [self.invoices[one] for one in group.newest if one in self.invoices]
        connection = self.connections.get(group.subsidiary_id)
        proposal = self.proposals.get((group.subsidiary_id, group.subject), Proposal())
        key = "-".join(_plain(part) for part in (group.subsidiary_id, group.code, group.subject) if part)
        title = self.title_of(group, invoices)

        return Fix(
            group=group,
            key=key,
            title=title,
            said=say_need(group),
            invoices=invoices,
            link=link_of(group, connection, current_person().role),
            proposal=proposal,
            named=self._named(group, connection, proposal, f"fix-{key}", title),
        )

    def _named(
        self, group: NeedGroup, connection: ConnectionRow | None, proposal: Proposal, fix: str, title: str
    ) -> Named | None:
        """Name a mapping or a customer for a form, where the person may decide about it."""
        kind, _colon, source = group.subject.partition(":")
        if connection is None or not kind or not current_person().may_write:
            return None
        return Named(connection.id, kind, source, proposal.target, fix, title)

    def _propose(self) -> Mapping[tuple[str, str], Proposal]:
        companies = {
            group.subject.partition(":")[2]: self.invoices[group.newest[0]].customer
            for group in self.groups
            if group.subject.startswith("company:") and group.newest and group.newest[0] in self.invoices
        }
        return propose(self.groups, self.connections, companies)

    def title_of(self, group: NeedGroup, invoices: Sequence[Shown]) -> str:
        """Name what is missing, and for what."""
        kind, _colon, source = group.subject.partition(":")
        if kind == "tax":
            return str(_("VAT code for %(name)s", name=self.rates.get(source) or _("no tax rate")))
        if kind == "service":
            return str(_("Ledger code for %(name)s", name=self.services.get(source, source)))
        if kind == "company" and invoices:
            return str(_("Customer %(name)s", name=invoices[0].customer))

        word = short_word(group.code)
        return word[:1].upper() + word[1:]

    def _read_invoices(self) -> Mapping[str, Shown]:
        ids = sorted({one for group in self.groups for one in group.newest})
        columns = (
            InvoiceRow.id,
            InvoiceRow.number,
            InvoiceRow.company_name,
            InvoiceRow.amount_with_tax,
            InvoiceRow.currency,
        )
        rows = db.session.execute(select(*columns).where(InvoiceRow.id.in_(ids))) if ids else ()
        return {row[0]: Shown(row[0], row[1] or "", *row[2:]) for row in rows}

    def _read_names(self, table: type[TaxRateRow] | type[ServiceTypeRow], kind: str) -> Mapping[str, str]:
        ids = [one.subject.partition(":")[2] for one in self.groups if one.subject.startswith(f"{kind}:")]
        if not ids:
            return {}
        return {
            row[0]: row[1]
            for row in db.session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        }

    def _read_connections(self) -> Mapping[str, ConnectionRow]:
        """Return the live connection of each subsidiary."""
        names = {group.subsidiary_id for group in self.groups}
        if not names:
            return {}
        live = select(ConnectionRow).where(
            ConnectionRow.state == ConnectionState.LIVE, ConnectionRow.subsidiary_id.in_(names)
        )
        return {row.subsidiary_id: row for row in db.session.scalars(live)}


def say_need(group: NeedGroup) -> str:
    """Say the sentence of a problem with the values of the newest invoice, nothing for a cause."""
    if group.code not in SENTENCES:
        return ""
    try:
        return SENTENCES[group.code][1].format_map(dict(group.values))
    except KeyError:
        return ""


def _plain(text: str) -> str:
    """Spell a part of an id in the page."""
    return "".join(letter if letter.isalnum() else "-" for letter in text)
