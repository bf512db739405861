"""What is copied by itself, which run a rule asked for, and the daily summary."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    large = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("most", large, nullable=True),
        sa.Column("companies", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_rule_connection_id_connection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sa.UniqueConstraint("connection_id", name=op.f("uq_rule_connection_id")),
    )
    with op.batch_alter_table("run") as batch_op:
        batch_op.add_column(sa.Column("rule_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_run_rule_id_rule"), "rule", ["rule_id"], ["id"])
        batch_op.create_index(op.f("ix_run_rule_id"), ["rule_id"])

    op.create_table(
        "summary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_summary_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary")),
        sa.UniqueConstraint("user_id", "day", name=op.f("uq_summary_user_id_day")),
    )
    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("summary_hour", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_column("summary_hour")

    op.drop_table("summary")
    with op.batch_alter_table("run") as batch_op:
        batch_op.drop_index(op.f("ix_run_rule_id"))
        batch_op.drop_constraint(op.f("fk_run_rule_id_rule"), type_="foreignkey")
        batch_op.drop_column("rule_id")

    op.drop_table("rule")
