"""What needs somebody, by reason, each with its fix in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.domain.booking.problems import FIXES
from portal.domain.copies.standing import STUCK
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.needs import NeedGroup, NeedingInvoice, need_said
from portal.store.reasons import Known, read_reasons
from portal.web.common.access import current_person
from portal.web.common.frame import places
from portal.web.common.need_words import short_word
from portal.web.common.said import sentence_of
from portal.web.overview.fixes import Link, link_of
from portal.web.overview.proposals import Named, Proposal, propose

Scope = tuple[str, ...] | None
# So many reasons are shown, those of the most invoices, and beside them those with a suggestion, for what is
# accepted all at once is what one sees. All of them are a click away.
MOST_REASONS = 8
MOST_SUGGESTED = 25


@dataclass(frozen=True, slots=True)
class Fix:
    """One reason, the invoices it keeps back, and what mends it."""

    group: NeedGroup
    key: str
    title: str
    said: str
    invoices: Sequence[NeedingInvoice]
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
    # How many reasons are left out, those of the fewest invoices.
    more: int = 0

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
    def every_url(self) -> str:
        """The address of the page with every reason."""
        return f"{self.back}{'&' if '?' in self.back else '?'}reasons=all"

    @property
    def said(self) -> str:
        """Say how many reasons there are."""
        reasons = str(ngettext("%(num)d reason", "%(num)d reasons", len(self.fixes) + self.more))
        if not self.suggested:
            return reasons
        return str(_("%(reasons)s, %(num)d with a suggestion", reasons=reasons, num=self.suggested))


def needs_words(
    scope: Scope, since: date | None = None, until: date | None = None, *, back: str
) -> dict[str, Any]:
    """Return what ``overview/_needs.html`` shows of some subsidiaries and days."""
    reasons = read_reasons(db.session(), scope, since, until, standings=STUCK)
    shown = reasons if wants_every(back) else leave_out(reasons)
    fixes = fixes_of(shown)
    return {
        "needs": Needs(fixes, back, since, until, more=len(reasons) - len(shown)),
        "may_write": current_person().may_write,
    }


def leave_out(reasons: Sequence[tuple[NeedGroup, Known]]) -> list[tuple[NeedGroup, Known]]:
    """Leave out reasons of few invoices that nothing is suggested for."""
    suggested = [one for one in reasons[MOST_REASONS:] if one[1].is_suggested]
    return [*reasons[:MOST_REASONS], *suggested[: MOST_SUGGESTED - MOST_REASONS]]


def wants_every(back: str) -> bool:
    """Say whether the page of this address shows every reason."""
    return parse_qs(urlsplit(back).query).get("reasons") == ["all"]


def fixes_of(reasons: Sequence[tuple[NeedGroup, Known]]) -> list[Fix]:
    """Spell reasons with their fixes."""
    connections = {row.subsidiary_id: row for row in places().live()}
    proposals = propose(reasons, connections)
    return [
        fix_of(
            group,
            known,
            connections.get(group.subsidiary_id),
            proposals.get((group.subsidiary_id, group.subject), Proposal()),
        )
        for group, known in reasons
    ]


def fix_of(group: NeedGroup, known: Known, connection: ConnectionRow | None, proposal: Proposal) -> Fix:
    """Spell one reason with its fix."""
    key = "-".join(_plain(part) for part in (group.subsidiary_id, group.code, group.subject) if part)
    title = title_of(group, known)
    return Fix(
        group=group,
        key=key,
        title=title,
        said=say_need(group),
        invoices=group.invoices,
        link=link_of(group, connection, current_person().role),
        proposal=proposal,
        named=_named(group, connection, proposal, f"fix-{key}", title),
    )


def _named(
    group: NeedGroup, connection: ConnectionRow | None, proposal: Proposal, fix: str, title: str
) -> Named | None:
    """Name a mapping or a customer for a form, where the person may decide about it."""
    kind, _colon, source = group.subject.partition(":")
    if connection is None or not kind or not current_person().may_write:
        return None
    return Named(connection.id, kind, source, proposal.target, fix, title)


def title_of(group: NeedGroup, known: Known) -> str:
    """Name what is missing, and for what."""
    kind, _colon, source = group.subject.partition(":")
    if kind == "tax":
        return str(_("VAT code for %(name)s", name=known.name or _("no tax rate")))
    if kind == "service":
        return str(_("Ledger code for %(name)s", name=known.name or source))
    if kind == "company":
        return str(_("Customer %(name)s", name=group.invoices[0].customer))

    word = short_word(group.code)
    return word[:1].upper() + word[1:]


def say_need(group: NeedGroup) -> str:
    """Say the sentence of a problem with the values of the newest invoice, nothing for a cause."""
    return sentence_of(need_said(group.code, group.values)) if group.code in FIXES else ""


def _plain(text: str) -> str:
    """Spell a part of an id in the page."""
    return "".join(letter if letter.isalnum() else "-" for letter in text)
