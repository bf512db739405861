"""Rows with their cause and their next steps, each step a link or a button that the person may use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.domain.books.causes import Cause, Facts, find_cause
from portal.domain.books.reconciliation import Verdict
from portal.domain.books.states import NextStep
from portal.store.differing import read_facts
from portal.store.reconciliation import ComparedRow
from portal.web.common.said import sentence_of


@dataclass(frozen=True, slots=True)
class Step:
    """A next step that a person can take."""

    # ``dialog`` opens over the page, ``post`` is a button that writes.

    code: NextStep
    text: str
    url: str
    icon: str
    dialog: bool = False
    post: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """A compared row, why it differs and what can be done."""

    # Where it agrees, both are empty.

    row: ComparedRow
    cause: Cause | None
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """The cause in the person's language."""
        return sentence_of(self.cause.said) if self.cause else ""

    @property
    def first(self) -> Step | None:
        """The likeliest step."""
        return self.steps[0] if self.steps else None


def explain(session: Session, rows: Sequence[ComparedRow], *, may_write: bool) -> list[Explained]:
    """Explain some rows."""
    facts = read_facts(session, rows)
    return [explain_by(row, facts[row.key], may_write=may_write) for row in rows]


def explain_by(row: ComparedRow, facts: Facts, *, may_write: bool) -> Explained:
    """Explain one row by what is known beside it."""
    cause = find_cause(Verdict(row.verdict, row.reasons), facts)
    steps = tuple(_each_step(row, cause, may_write)) if cause else ()
    return Explained(row, cause, steps)


def _each_step(row: ComparedRow, cause: Cause, may_write: bool) -> Iterator[Step]:
    for code in cause.steps:
        step = _step(row, code)
        if step and (may_write or code in (NextStep.SEE_INVOICE, NextStep.SEE_PAYMENTS, NextStep.OPEN_EXACT)):
            yield step


def _step(row: ComparedRow, code: NextStep) -> Step | None:
    """Return a step, None where this row cannot take it."""
    # Accepting is offered beside both sides only.
    invoice_id = row.invoice_id
    if code == NextStep.PULL:
        return Step(code, _("Get payments now"), url_for("payments.pull"), "refresh-cw", post=True)
    if code == NextStep.SEE_PAYMENTS:
        return Step(code, _("See payments"), url_for("payments.show_payments"), "arrow-left-right")
    if code == NextStep.SETTINGS:
        return Step(code, _("App Marketplace"), url_for("connections.show_apps"), "store")

    if code == NextStep.OPEN_EXACT and row.entry_id:
        address = url_for("reconciliation.open_entry", key=row.key)
        return Step(code, _("Open entry in Exact"), address, "external-link")

    return _step_of_invoice(code, invoice_id) if invoice_id else None


def _step_of_invoice(code: NextStep, invoice_id: str) -> Step | None:
    page = url_for("invoices.show_invoice", invoice_id=invoice_id)
    dialog = url_for("copies.edit_copy", invoice_id=invoice_id)
    update = url_for("copies.edit_copy", invoice_id=invoice_id, action="update")
    choose = url_for("invoices.choose_entry", invoice_id=invoice_id)

    return {
        NextStep.COPY: Step(code, _("Copy to Exact"), dialog, "copy", dialog=True),
        NextStep.CREATE: Step(code, _("Create new"), dialog, "copy", dialog=True),
        NextStep.UPDATE: Step(code, _("Update existing"), update, "pencil", dialog=True),
        NextStep.LINK: Step(code, _("Link existing entry"), choose, "link"),
        NextStep.EXCLUDE: Step(code, _("Do not copy"), f"{page}#exclude-reason", "ban"),
        NextStep.SEE_INVOICE: Step(code, _("Open invoice"), page, "file-text"),
    }.get(code)
