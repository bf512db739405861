"""Copies that need somebody: by what is wrong with them, and failures by their cause and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from portal.domain.copies.failures import Cause, Remedy, class_of, may_retry
from portal.domain.copies.states import IN_EXACT, CopyAction, CopyState
from portal.domain.said import Said
from portal.store.activity import Scope
from portal.store.copies import CopyRow
from portal.store.invoices import EXCLUDED, InvoiceRow

# So many of a group stand on Activity. The others are a click away.
SHOWN = 3
PAGE = 25
Chosen = TypeVarTuple("Chosen")


class Concern(StrEnum):
    """Why copies need somebody, or are watched until they go on."""

    FAILED = "failed"
    UNCERTAIN = "uncertain"
    WAITING = "waiting"
    DIFFERENT = "different"
    UNMARKED = "unmarked"
    STILL_MARKED = "still-marked"


# Spelled out, so that a database sees that its index of these few holds all of them.
_REFUSED = CopyRow.state == literal(CopyState.REFUSED.value, literal_execute=True)
_WRONG_CREDIT = and_(
    CopyRow.action == literal(CopyAction.CREDIT.value, literal_execute=True),
    CopyRow.cause == literal(Cause.DIFFERENCE.value, literal_execute=True),
)
_FREE = CopyRow.hold_id.is_(None)
_MARK_TROUBLE = CopyRow.mark_trouble.is_not(None)
# No index of all copies by their state is of use here, for there are few with such trouble.
_STATE = type_coerce(CopyRow.state, String).concat("")
# Two looks into two indexes, for an OR of both would read all copies.
_DIFFERENT = union(
    select(CopyRow.id).where(CopyRow.state == CopyState.DIFFERENT),
    select(CopyRow.id).where(_WRONG_CREDIT),
)
CONDITIONS: Mapping[Concern, tuple[ColumnElement[bool], ...]] = {
    Concern.FAILED: (or_(_REFUSED, CopyRow.hold_id.is_not(None)),),
    Concern.UNCERTAIN: (CopyRow.state == CopyState.UNCERTAIN, _FREE),
    Concern.WAITING: (CopyRow.state == CopyState.WAITING, CopyRow.trouble.is_not(None), _FREE),
    Concern.DIFFERENT: (CopyRow.id.in_(_DIFFERENT),),
    Concern.UNMARKED: (_STATE.in_([state.value for state in IN_EXACT]), _MARK_TROUBLE),
    Concern.STILL_MARKED: (_STATE.in_([CopyState.UNDONE.value]), _MARK_TROUBLE),
}
_CAUSE = func.coalesce(CopyRow.cause, "")
_WORDS = func.coalesce(CopyRow.remote_text, "")
_COLUMNS: tuple[Any, ...] = (
    CopyRow.id,
    CopyRow.invoice_id,
    CopyRow.requested_at,
    CopyRow.trouble,
    CopyRow.mark_trouble,
    CopyRow.hold_id,
    CopyRow.cause,
    CopyRow.reasonless,
    InvoiceRow.number,
    InvoiceRow.company_name,
)


def _same(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return column == text


@dataclass(frozen=True, slots=True)
class Reason:
    """Why copies need somebody. Failures are told apart by their cause and the other system's words."""

    concern: Concern
    cause: str = ""
    words: str = ""

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Return what such a copy is like."""
        alike = CONDITIONS[self.concern]
        if self.concern != Concern.FAILED:
            return alike
        return (*alike, _same(_CAUSE, self.cause), _same(_WORDS, self.words))

    @property
    def remedy(self) -> Remedy:
        """Return the class of the cause, which says what helps."""
        return class_of(self.cause)

    @property
    def may_retry(self) -> bool:
        """Say whether trying again can help."""
        return self.concern == Concern.FAILED and may_retry(self.cause)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many copies are alike, and how many of them are held unsent."""

    count: int = 0
    held: int = 0
    # The sentence that all of them share, None where each has its own.
    text: Said | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """One copy that needs somebody, with what is told of its invoice."""

    id: str
    invoice_id: str
    requested_at: datetime
    trouble: str | None
    mark_trouble: str | None
    hold_id: str | None
    cause: str | None
    reasonless: bool
    number: str | None
    company_name: str

    @property
    def may_retry(self) -> bool:
        """Say whether trying it again can help."""
        return may_retry(self.cause or "")


@dataclass(frozen=True, slots=True)
class Group:
    """Copies that need somebody for one reason: the newest of them, and how many there are."""

    reason: Reason
    counted: Counted
    copies: Sequence[Concerned]

    @property
    def reasonless(self) -> bool:
        """Say whether the other system gave no words of its own."""
        return any(copy.reasonless for copy in self.copies)

    @property
    def more(self) -> int:
        """Count those that are not among the shown ones."""
        return self.counted.count - len(self.copies)


@dataclass(frozen=True, slots=True)
class ConcernPage:
    """One page of copies that need somebody for one reason, and after which the next page begins."""

    rows: Sequence[Concerned]
    older: str | None


def read_groups(session: Session, scope: Scope, *, causes: int) -> tuple[list[Group], list[Reason]]:
    """Return what needs somebody: failures by what helps, and which of their causes are left out."""
    counts = count_reasons(session, scope)
    failures = [each for each in counts if each.concern == Concern.FAILED]
    others = [each for each in counts if each.concern != Concern.FAILED]
    shown = failures[:causes] + others
    copies = _newest_of_each(session, scope, shown)
    return [Group(each, counts[each], copies[each]) for each in shown if each in copies], failures[causes:]


def count_reasons(session: Session, scope: Scope) -> dict[Reason, Counted]:
    """Count copies by why they need somebody: by what helps, then the most frequent first."""
    found = {}
    for row in session.execute(union_all(*(_counts(concern, scope) for concern in Concern))):
        concern, cause, words, count, held, *texts = row
        said = set(texts[:2] if count > held else texts[2:])
        text = said.pop() if len(said) == 1 else None
        found[Reason(Concern(concern), cause, words)] = Counted(count, held, text)

    helps = {remedy: at for at, remedy in enumerate(Remedy)}
    concerns = {concern: at for at, concern in enumerate(Concern)}
    order = sorted(
        found,
        key=lambda one: (
            concerns[one.concern],
            helps[one.remedy],
            -found[one].count,
            one.cause,
            one.words,
        ),
    )
    return {each: found[each] for each in order}


def _counts(concern: Concern, scope: Scope) -> Select[*tuple[Any, ...]]:
    """Count the copies of one concern, failures by cause and words."""
    is_failure = concern == Concern.FAILED
    cause = _CAUSE if is_failure else literal("")
    words = _WORDS if is_failure else literal("")
    # What is held says that it is held. What failed says why.
    failed = case((_FREE, CopyRow.trouble))
    query: Select[*tuple[Any, ...]] = select(
        literal(concern.value).label("concern"),
        cause.label("cause"),
        words.label("words"),
        func.count().label("count"),
        func.count(CopyRow.hold_id).label("held"),
        func.min(failed).label("first_text"),
        func.max(failed).label("last_text"),
        func.min(CopyRow.trouble).label("first_held"),
        func.max(CopyRow.trouble).label("last_held"),
    )
    query = newest_wishes(query.select_from(CopyRow), scope, *CONDITIONS[concern])
    return query.group_by(_CAUSE, _WORDS) if is_failure else query.having(func.count() > 0)


def _newest_of_each(
    session: Session, scope: Scope, reasons: Sequence[Reason]
) -> dict[Reason, list[Concerned]]:
    """Return the newest copies of each of some reasons, in one query."""
    found: dict[Reason, list[Concerned]] = {}
    if not reasons:
        return found

    queries = [_ordered(_of(scope, each, at), limit=SHOWN) for at, each in enumerate(reasons)]
    for row in session.execute(union_all(*(select(each.subquery()) for each in queries))):
        found.setdefault(reasons[row[0]], []).append(Concerned(*row[1:]))

    return found


def list_concerned(
    session: Session, scope: Scope, reason: Reason, *, after: str = "", every_cause: bool = False
) -> ConcernPage:
    """Return one page of the copies of a reason, newest first, after one of them."""
    anchor = session.get(CopyRow, after) if after else None
    query = _of(scope, reason, 0, every_cause=every_cause)
    if anchor is not None:
        older = or_(
            CopyRow.requested_at < anchor.requested_at,
            and_(CopyRow.requested_at == anchor.requested_at, CopyRow.id > anchor.id),
        )
        query = query.where(older)

    found = [Concerned(*row[1:]) for row in session.execute(_ordered(query, limit=PAGE + 1))]
    rows = found[:PAGE]
    return ConcernPage(rows, rows[-1].id if len(found) > PAGE else None)


def failed_for(session: Session, scope: Scope, cause: str, words: str) -> list[str]:
    """Return the copies that failed for one cause and words, the oldest wish first."""
    alike = Reason(Concern.FAILED, cause, words).conditions
    query = newest_wishes(select(CopyRow.id), scope, *alike)
    return list(session.scalars(query.order_by(CopyRow.requested_at, CopyRow.id)))


def _of(scope: Scope, reason: Reason, at: int, *, every_cause: bool = False) -> Select[Any]:
    conditions = CONDITIONS[reason.concern] if every_cause else reason.conditions
    return newest_wishes(select(literal(at).label("at"), *_COLUMNS), scope, *conditions)


def _ordered(query: Select[Any], *, limit: int) -> Select[Any]:
    return query.order_by(CopyRow.requested_at.desc(), CopyRow.id).limit(limit)


def newest_wishes(query: Select[*Chosen], scope: Scope, *conditions: ColumnElement[bool]) -> Select[*Chosen]:
    """Narrow a query of copies to the newest wish of each invoice that may be copied."""
    newer = aliased(CopyRow)
    query = query.join(InvoiceRow, InvoiceRow.id == CopyRow.invoice_id).where(
        *conditions,
        InvoiceRow.deleted.is_(False),
        InvoiceRow.copy_state != EXCLUDED,
        ~select(newer.id)
        .where(newer.invoice_id == CopyRow.invoice_id, newer.requested_at > CopyRow.requested_at)
        .exists(),
    )

    return query if scope is None else query.where(InvoiceRow.subsidiary_id.in_(scope))
