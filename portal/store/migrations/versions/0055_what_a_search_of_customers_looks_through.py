"""What a search of customers looks through is kept with each."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.domain.booking.catalogue import Customer
from portal.domain.customers.search import searched_text

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

SOME = 500
TEXT = ("code", "name", "vat_number", "city")


def upgrade() -> None:
    op.add_column("customer", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("customer") as batch_op:
        batch_op.alter_column("search_text", server_default=None)

    keep_texts()


def keep_texts() -> None:
    """Keep the text of every customer that is there."""
    connection = op.get_bind()
    names = ("connection_id", "id", *TEXT, "search_text")
    customer = sa.table("customer", *(sa.column(name) for name in names))
    rows = connection.execute(sa.select(customer)).all()
    change = (
        sa.update(customer)
        .where(customer.c.connection_id == sa.bindparam("of"), customer.c.id == sa.bindparam("key"))
        .values(search_text=sa.bindparam("said"))
    )
    for at in range(0, len(rows), SOME):
        some = rows[at : at + SOME]
        connection.execute(
            change, [{"of": row.connection_id, "key": row.id, "said": text_of(row)} for row in some]
        )


def text_of(row: sa.Row[Any]) -> str:
    """Return the text of one customer."""
    customer = Customer(
        id="",
        code=row.code,
        name=row.name,
        status="",
        blocked=False,
        ended_on=None,
        vat_number=row.vat_number,
        chamber_of_commerce=None,
        email=None,
        city=row.city,
        country=None,
        payment_condition=None,
    )
    return searched_text(customer)


def downgrade() -> None:
    with op.batch_alter_table("customer") as batch_op:
        batch_op.drop_column("search_text")
