"""Keep which invoices a person chose to look at before they are copied."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.domain.ids import new_id
from portal.store.runs import RunChoiceRow, keep_choice


def choose_invoices(session: Session, user_id: int, invoice_ids: Sequence[str], *, now: datetime) -> str:
    """Keep a choice, and return by what it is found again."""
    with transaction(session):
        row = RunChoiceRow(id=new_id(), user_id=user_id, chosen_at=now, invoices=list(invoice_ids))
        keep_choice(session, row)
        return row.id
