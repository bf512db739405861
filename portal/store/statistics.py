"""What SQLite's planner knows of the tables. PostgreSQL keeps its own statistics."""

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from portal.store.invoices import InvoiceRow

FACTOR = 2
KNOWN = text("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'invoice'")


def renew_statistics(session: Session) -> bool:
    """Count all tables anew if invoices doubled or halved since, and say whether it was done."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return False

    count = session.scalar(select(func.count()).select_from(InvoiceRow)) or 0
    known = (session.scalar(KNOWN) or 0) if inspect(connection).has_table("sqlite_stat1") else 0
    if max(count, 1) < FACTOR * max(known, 1) and max(known, 1) < FACTOR * max(count, 1):
        return False

    count_all_tables(session)
    return True


def count_all_tables(session: Session) -> None:
    """Count all tables anew, and let every open connection of every process know it. Commits nothing."""
    # A connection of SQLite reads the statistics when it is opened, and again once the schema changed, which
    # a table that is made anew does. One that is open since the house was small reads whole tables else.
    # https://www.sqlite.org/lang_analyze.html
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TABLE IF EXISTS sqlite_stat1"))
    session.execute(text("ANALYZE"))
