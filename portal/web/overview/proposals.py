"""What is suggested for the reasons of a page, and how a form names a suggestion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from flask_babel import gettext as _
from sqlalchemy import select

from portal.actions.connections.suggest import suggest_in
from portal.actions.customers.suggest import suggest_customers_of
from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.booking.suggest import Suggested, Tie
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.mapping_table import MappingTable, Source
from portal.store.mappings import MappingRow, ServiceTypeRow, TaxRateRow
from portal.store.needs import NeedGroup
from portal.store.unlinked import UnlinkedCompany
from portal.web.common.clock import today
from portal.web.common.suggestion_words import suggestion_words
from portal.web.common.texts import row_number
from portal.web.mappings.targets import name_ledger, name_vat_code

COMPANY = "company"
# Where nothing is mapped or linked yet. Other problems are of what was decided already.
UNMAPPED = ("vat_unmapped", "vat_unmapped_none", "ledger_unmapped", "customer_missing")
# Weighing every customer for a company takes a while, so the others are looked at when these are done.
MOST_COMPANIES = 8
KINDS = {"tax": MappingKind.TAX, "service": MappingKind.SERVICE}


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
    groups: Sequence[NeedGroup], connections: Mapping[str, ConnectionRow], names: Mapping[str, str]
) -> dict[tuple[str, str], Proposal]:
    """Return what is suggested by subsidiary and subject, for what nobody decided yet."""
    found: dict[tuple[str, str], Proposal] = {}
    for subsidiary_id, connection in connections.items():
        subjects = {
            group.subject: group
            for group in groups
            if group.subsidiary_id == subsidiary_id and group.code in UNMAPPED and group.subject
        }
        mapped = _mappings(connection, [one for one in subjects if not one.startswith(COMPANY)])
        linked = _customers(connection, [one for one in subjects if one.startswith(COMPANY)], names)
        found |= {(subsidiary_id, subject): one for subject, one in (mapped | linked).items()}

    return found


def _mappings(connection: ConnectionRow, subjects: Sequence[str]) -> dict[str, Proposal]:
    """Return what is suggested for service types and tax rates."""
    if not subjects:
        return {}

    session = db.session()
    catalogue = read_stored_catalogue(session, connection.id)
    sources = {f"{source.kind}:{source.source_id}": source for source in _sources(connection, subjects)}
    table = MappingTable(connection.id, connection.is_live, catalogue, tuple(sources.values()))
    suggested = suggest_in(session, connection, table, today=today())
    found = {}

    for subject, source in sources.items():
        if source.target is not None:
            found[subject] = Proposal(name_target(catalogue, source.kind, source.target), is_settled=True)
            continue

        one = suggested.find(source.key)
        if isinstance(one, Suggested):
            name = name_target(catalogue, source.kind, one.target)
            found[subject] = Proposal(name, suggestion_words(one.because), one.target)
        elif isinstance(one, Tie):
            names = [name_target(catalogue, source.kind, target) for target in one.targets]
            found[subject] = Proposal(_either(names), suggestion_words(one.because), is_question=True)

    return found


def _sources(connection: ConnectionRow, subjects: Sequence[str]) -> Iterable[Source]:
    """Yield what is to be mapped, with what it is mapped to already."""
    session = db.session()
    asked = {
        kind: [one.partition(":")[2] for one in subjects if one.startswith(f"{kind}:")] for kind in KINDS
    }
    here = (MappingRow.connection_id == connection.id, MappingRow.place.is_(None))
    rows = session.execute(select(MappingRow.kind, MappingRow.source_id, MappingRow.target).where(*here))
    targets = {(row[0], row[1]): row[2] for row in rows}

    for rate in session.scalars(select(TaxRateRow).where(TaxRateRow.id.in_(asked["tax"]))):
        target = targets.get((MappingKind.TAX, rate.id))
        yield Source(MappingKind.TAX, rate.id, rate.name, rate.percentage, uses=1, target=target)

    for service in session.scalars(select(ServiceTypeRow).where(ServiceTypeRow.id.in_(asked["service"]))):
        target = targets.get((MappingKind.SERVICE, service.id))
        yield Source(MappingKind.SERVICE, service.id, service.name, uses=1, target=target)


def _customers(
    connection: ConnectionRow, subjects: Sequence[str], names: Mapping[str, str]
) -> dict[str, Proposal]:
    """Return which customers are suggested for companies."""
    ids = [subject.partition(":")[2] for subject in subjects]
    if not ids:
        return {}

    session = db.session()
    here = (CustomerLinkRow.connection_id == connection.id, CustomerLinkRow.company_id.in_(ids))
    linked = set(session.scalars(select(CustomerLinkRow.company_id).where(*here)))
    found = {f"{COMPANY}:{one}": Proposal(str(_("Linked")), is_settled=True) for one in linked}
    loose = [UnlinkedCompany(one, names.get(one, ""), 0) for one in ids if one not in linked]

    for company_id, each in suggest_customers_of(
        session, connection, loose[:MOST_COMPANIES], today=today()
    ).items():
        if each is None:
            continue

        subject = f"{COMPANY}:{company_id}"
        if isinstance(each.suggestion, Suggested):
            name = f"{each.customer.code.strip()} · {each.customer.name}"
            why = suggestion_words(each.suggestion.because)
            doubtful = bool(each.candidates[0].contradicts)
            found[subject] = Proposal(name, why, each.suggestion.target, is_doubtful=doubtful)
        else:
            several = [one.customer.name for one in each.candidates[: len(each.suggestion.targets)]]
            why = suggestion_words(each.suggestion.because)
            found[subject] = Proposal(_either(several), why, is_question=True)

    return found


def name_target(catalogue: Catalogue, kind: MappingKind, target: str) -> str:
    """Return what people call a ledger account or a VAT code."""
    if kind is MappingKind.TAX:
        return name_vat_code(catalogue, target, None)[0]
    return name_ledger(catalogue, target)[0]


def _either(names: Sequence[str]) -> str:
    return str(_(" or ")).join(names)
