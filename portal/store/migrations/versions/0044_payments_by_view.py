"""Let each list of payments begin where it is read."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

VIEW = """CASE
    WHEN state = 'made' AND wanted = 'change' THEN 'changed'
    WHEN state = 'made' THEN 'created'
    WHEN state IN ('due', 'sending', 'uncertain') THEN 'waiting'
    WHEN state IN ('held', 'asked') THEN 'held'
    ELSE state
END"""
INDEXES = {
    "ix_payment_changed": ["changed_at", "id"],
    "ix_payment_view": ["view", "changed_at", "id"],
    "ix_payment_connection_view": ["connection_id", "view", "changed_at", "id"],
}


def upgrade() -> None:
    view = sa.Column("view", sa.String(), sa.Computed(VIEW, persisted=True), nullable=False)
    with op.batch_alter_table("payment") as batch_op:
        batch_op.add_column(view)

    for name, columns in INDEXES.items():
        op.create_index(name, "payment", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "payment")

    with op.batch_alter_table("payment") as batch_op:
        batch_op.drop_column("view")
