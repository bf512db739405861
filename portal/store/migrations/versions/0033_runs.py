"""Keep runs, the invoices of each, and what people chose to look at before."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_choice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invoices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_run_choice_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_choice")),
    )
    op.create_index(op.f("ix_run_choice_user_id"), "run_choice", ["user_id"])
    op.create_table(
        "run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("needing", sa.Integer(), nullable=False),
        sa.Column("stopped_by", sa.String(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index("ix_run_requested", "run", ["requested_at", "id"])
    op.create_table(
        "run_subsidiary",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("subsidiary_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_subsidiary_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "subsidiary_id", name=op.f("pk_run_subsidiary")),
    )
    op.create_index("ix_run_subsidiary_subsidiary", "run_subsidiary", ["subsidiary_id"])
    with op.batch_alter_table("copy") as batch_op:
        batch_op.add_column(sa.Column("run_id", sa.String(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_copy_run_id_run"), "run", ["run_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_copy_run_id"), ["run_id"])

    op.create_table(
        "run_item",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("latest_seen", sa.String(), nullable=True),
        sa.Column("state_before", sa.String(), nullable=True),
        sa.Column("copy_id", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_item_run_id_run")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_run_item_invoice_id_invoice")),
        sa.ForeignKeyConstraint(["copy_id"], ["copy.id"], name=op.f("fk_run_item_copy_id_copy")),
        sa.PrimaryKeyConstraint("run_id", "invoice_id", name=op.f("pk_run_item")),
    )
    op.create_index("ix_run_item_place", "run_item", ["run_id", "position"])
    op.create_index(op.f("ix_run_item_invoice_id"), "run_item", ["invoice_id"])
    op.create_index(op.f("ix_run_item_copy_id"), "run_item", ["copy_id"])


def downgrade() -> None:
    op.drop_table("run_item")
    with op.batch_alter_table("copy") as batch_op:
        batch_op.drop_index(batch_op.f("ix_copy_run_id"))
        batch_op.drop_constraint(batch_op.f("fk_copy_run_id_run"), type_="foreignkey")
        batch_op.drop_column("run_id")

    op.drop_table("run_subsidiary")
    op.drop_table("run")
    op.drop_table("run_choice")
