"""What is suggested for the reasons of a page, and how a form names a suggestion."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import parse_qs, urlencode

from flask_babel import gettext as _

from portal.actions.connections.suggest_ahead import KINDS, propose_companies, propose_mappings
from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.copies.needs import UNDECIDED
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.needs import NeedGroup
from portal.store.proposals import COMPANY, Proposed
from portal.store.reasons import Known
from portal.web.common.clock import today
from portal.web.common.suggestion_words import suggestion_words
from portal.web.common.texts import row_number
from portal.web.mappings.targets import name_ledger, name_vat_code

# Weighing every customer for a company takes a while, so the others are looked at when these are done.
MOST_COMPANIES = 8
ReadCatalogue = Callable[[], Catalogue]
"""Reads the catalogue once, where something is to be named by it."""


@dataclass(frozen=True, slots=True)
class Named:
    """A suggestion as a form names it: of which reason, for what, and where it leads."""

    connection_id: int
    kind: str
    source: str
    target: str
    fix: str
    title: str

    def spell(self) -> str:
        """Spell it for a field."""
        return urlencode(
            {
                "connection": self.connection_id,
                "kind": self.kind,
                "source": self.source,
                "target": self.target,
                "fix": self.fix,
                "title": self.title,
            }
        )

    @property
    def key(self) -> MappingKey:
        """What it maps, where it is no company."""
        return MappingKey(KINDS[self.kind], self.source)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is known about a reason: a suggestion, a question between several, or that it is settled."""

    value: str = ""
    why: str = ""
    target: str = ""
    # Something speaks against it, so it is accepted by itself only.
    is_doubtful: bool = False
    is_question: bool = False
    is_settled: bool = False

    @property
    def may_accept(self) -> bool:
        """Say whether there is one to accept."""
        return bool(self.target)


def read_named(text: str) -> Named | None:
    """Read a suggestion that a form names, None for anything else."""
    found = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
    try:
        named = Named(
            row_number(found["connection"]),
            found["kind"],
            found["source"],
            found["target"],
            found["fix"],
            found["title"],
        )
    except (KeyError, ValueError):
        return None

    return named if named.kind in (*KINDS, COMPANY) else None


def propose(
    reasons: Sequence[tuple[NeedGroup, Known]], connections: Mapping[str, ConnectionRow]
) -> dict[tuple[str, str], Proposal]:
    """Return what is suggested by subsidiary and subject, for what nobody decided yet."""
    found: dict[tuple[str, str], Proposal] = {}
    for subsidiary_id, connection in connections.items():
        here = {
            group.subject: known
            for group, known in reasons
            if group.subsidiary_id == subsidiary_id and group.code in UNDECIDED and group.subject
        }
        fresh = weigh([one for one, known in here.items() if is_unknown(known)], connection)
        catalogue = cache(partial(read_stored_catalogue, db.session(), connection.id))
        for subject, known in here.items():
            proposed = known.proposed or fresh.get(subject)
            found[subsidiary_id, subject] = _proposal(catalogue, subject, known, proposed)

    return found


def is_unknown(known: Known) -> bool:
    """Say whether nobody weighed it, nor decided about it."""
    return known.proposed is None and known.mapped is None and not known.is_linked


def weigh(subjects: Sequence[str], connection: ConnectionRow) -> dict[str, Proposed]:
    """Weigh what the job has not come to yet, and of companies the first few."""
    companies = [one for one in subjects if one.startswith(f"{COMPANY}:")][:MOST_COMPANIES]
    mappings = [one for one in subjects if not one.startswith(f"{COMPANY}:")]
    session = db.session()
    found = propose_mappings(session, connection, mappings, today())
    if companies:
        found += propose_companies(session, connection, companies, today())

    return {one.subject: one for one in found}


def _proposal(catalogue: ReadCatalogue, subject: str, known: Known, proposed: Proposed | None) -> Proposal:
    """Spell what is suggested, or what was decided since the invoices were looked at."""
    if known.is_linked:
        return Proposal(str(_("Linked")), is_settled=True)
    if known.mapped is not None:
        return Proposal(_name_mapped(catalogue, subject, known.mapped, proposed), is_settled=True)
    if proposed is None or not proposed.names:
        return Proposal()

    why = suggestion_words(proposed.because)
    if not proposed.target:
        return Proposal(_either(proposed.names), why, is_question=True)

    return Proposal(proposed.names[0], why, proposed.target, is_doubtful=proposed.is_doubtful)


def _name_mapped(catalogue: ReadCatalogue, subject: str, target: str, proposed: Proposed | None) -> str:
    if proposed is not None and proposed.target == target:
        return proposed.names[0]

    kind = KINDS[subject.partition(":")[0]]
    return name_target(catalogue(), kind, target)


def name_target(catalogue: Catalogue, kind: MappingKind, target: str) -> str:
    """Return what people call a ledger account or a VAT code."""
    if kind is MappingKind.TAX:
        return name_vat_code(catalogue, target, None)[0]
    return name_ledger(catalogue, target)[0]


def _either(names: Sequence[str]) -> str:
    return str(_(" or ")).join(names)
