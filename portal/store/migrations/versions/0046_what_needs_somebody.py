"""Indexes of the few copies and entries that need somebody, and events by subsidiary and by kind."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

FEW = (
    ("ix_copy_failed", "copy", ["cause", "requested_at", "id"], "state = 'refused' OR hold_id IS NOT NULL"),
    ("ix_copy_wrong_credit", "copy", ["requested_at"], "action = 'credit' AND cause = 'difference'"),
    ("ix_copy_mark_trouble", "copy", ["state", "requested_at"], "mark_trouble IS NOT NULL"),
    ("ix_comparison_twin", "comparison", ["day", "key"], "codes = ',twin,'"),
)


def upgrade() -> None:
    for name, table, columns, those in FEW:
        where = sa.text(those)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)

    op.drop_index("ix_event_subsidiary_id", "event")
    op.create_index("ix_event_subsidiary", "event", ["subsidiary_id", "id"])
    op.create_index("ix_event_kind", "event", ["kind", "id"])

    # What happened to an invoice is of its subsidiary from now on.
    op.execute(
        "UPDATE event SET subsidiary_id = "
        "(SELECT invoice.subsidiary_id FROM invoice WHERE invoice.id = event.invoice_id) "
        "WHERE subsidiary_id IS NULL AND invoice_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("ix_event_kind", "event")
    op.drop_index("ix_event_subsidiary", "event")
    op.create_index("ix_event_subsidiary_id", "event", ["subsidiary_id"])

    for name, table, _columns, _those in reversed(FEW):
        op.drop_index(name, table)
