"""The migrations, up and down, on both kinds of database; in the end they equal the rows."""

import json
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import JSON, Connection, Engine, column, create_engine, inspect, select, text
from sqlalchemy import table as table_of
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.house.mailed import Mailed
from portal.domain.said import TEXT, Quoted, said
from portal.extensions import db
from portal.factory import create_app
from portal.store.events import EventRow
from portal.store.gate import GateRow, UnmatchedRow
from portal.store.notices import NoticeRow
from portal.store.rows import metadata
from portal.store.tallies import TALLIES, differences
from portal.store.tally_triggers import Trigger, drop_triggers, find_triggers, triggers_of
from tests.furnishing.apps import settings_in


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """An app on a database without tables."""
    settings = settings_in(tmp_path)
    if request.param == "postgres":
        settings = msgspec.structs.replace(settings, database_url=request.getfixturevalue("other_postgres"))
    return create_app(settings)


@pytest.fixture
def other_postgres(postgres_engine: Engine) -> str:
    """A second database on the same server, so that the shared tables stay."""
    name = f"{postgres_engine.url.database}_migrations"
    with create_engine(postgres_engine.url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    return postgres_engine.url.set(database=name).render_as_string(hide_password=False)


def test_migrations_equal_the_rows_and_can_be_undone(fresh: Flask) -> None:
    with fresh.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
            assert find_triggers(connection) == defined_triggers(connection)
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        flask_migrate.upgrade()
        db.engine.dispose()


def defined_triggers(connection: Connection) -> dict[str, Trigger]:
    dialect = connection.dialect.name
    return {trigger.name: trigger for tally in TALLIES for trigger in triggers_of(tally, dialect)}


def test_triggers_are_as_defined_after_migrations_that_build_tables_anew(fresh: Flask) -> None:
    # From 0036 on SQLite builds the table of invoices anew twice, and its triggers go with it.
    with fresh.app_context():
        flask_migrate.upgrade()
        flask_migrate.downgrade(revision="0035")
        with db.engine.connect() as connection:
            assert find_triggers(connection) == {}

        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert find_triggers(connection) == defined_triggers(connection)
        db.engine.dispose()


def test_what_there_was_is_counted_by_the_migration_and_again_after_going_back(fresh: Flask) -> None:
    kept = text("SELECT standing, sum(rows), sum(total) FROM tally_invoice_standing GROUP BY standing")
    with fresh.app_context():
        flask_migrate.upgrade(revision="0035")
        with db.engine.begin() as connection:
            put(connection, "invoice", amount_with_tax=12100)

        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert [tuple(row) for row in connection.execute(kept)] == [("copied", 1, 12100)]

        flask_migrate.downgrade(revision="0043")
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE invoice SET amount_with_tax = 500, copy_state = 'refused'"))

        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert [tuple(row) for row in connection.execute(kept)] == [("refused", 1, 500)]
        db.engine.dispose()


def test_an_upgrade_without_migrations_heals_a_trigger_that_is_gone(fresh: Flask) -> None:
    with fresh.app_context():
        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            triggers = find_triggers(connection)
            drop_triggers(connection, [triggers[next(iter(triggers))]])
            put(connection, "invoice", readiness="ready")

        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert find_triggers(connection) == defined_triggers(connection)
            for tally in TALLIES:
                assert connection.execute(differences(tally)).all() == []
        db.engine.dispose()


MOMENT = "2026-03-02 10:00:00"
NO_AMOUNTS = dict.fromkeys(
    ("amount", "amount_tax", "amount_with_tax", "amount_paid", "amount_unpaid", "amount_written_off"), 0
)
FINDING = (
    "INSERT INTO finding (id, invoice_id, connection_id, kind, figures, found_at) "
    "VALUES (:id, :invoice_id, 1, :kind, :figures, :at)"
)
REFUSED = "Productive refused: “dicht”."
ROWS: dict[str, list[dict[str, object]]] = {
    "connection": [
        {
            "id": 1,
            "subsidiary_id": "1",
            "locale": "NL",
            "created_at": MOMENT,
            "state": "live",
            "division_name": "Kade",
            "division_country": "NL",
            "division_currency": "EUR",
            "number_source": "productive",
            "send_credit_type": False,
            "payments_on": False,
            "payments_mode": "now",
            "baseline_done": False,
            "write_off_differences": True,
            "mark_sent_by_itself": False,
            "term_cursor": 1,
            "deleted_cursor": 1,
            "customer_cursor": 7,
            "failed_assumptions": "",
        }
    ],
    "invoice": [
        {
            "id": "105",
            "subject": "",
            "kind": 1,
            "subsidiary_id": "1",
            "company_id": "7",
            "company_name": "Acme",
            "invoiced_on": "2026-03-02",
            "currency": "EUR",
            **NO_AMOUNTS,
            "exported": False,
            "deleted": False,
            "sample": False,
            "fingerprint": "",
            "search_text": "",
            "body": "{}",
            "read_at": MOMENT,
            "copy_state": "copied",
            "changed_since_copied": False,
        }
    ],
    "copy": [
        {
            "id": "c",
            "invoice_id": "105",
            "connection_id": 1,
            "marker": "ABCDEFGH",
            "state": "copied",
            "action": "create",
            "requested_by": "Anna",
            "requested_at": MOMENT,
            "fingerprint": "",
            "choices": "{}",
            "customer_id": "made",
            "currency": "EUR",
            "mark_due": False,
            "plan_step": 0,
            "tries": 0,
            "begun": 0,
            "batch": False,
        }
    ],
    "attempt": [
        {
            "id": "t",
            "copy_id": "c",
            "connection_id": 1,
            "kind": "customer",
            "marker": "ABCDEFGH",
            "sent": "{}",
            "state": "done",
            "started_at": MOMENT,
            "step": 0,
            "probes": 0,
        }
    ],
    "customer_link": [
        {
            "connection_id": 1,
            "company_id": company,
            "customer_id": customer,
            "linked_by": "Anna",
            "linked_at": MOMENT,
        }
        for company, customer in (("7", "made"), ("8", "other"))
    ],
}


def test_links_from_before_say_what_is_known_of_how_they_came_about(fresh: Flask) -> None:
    how = "SELECT company_id, how FROM customer_link ORDER BY 1"
    cursors = "SELECT cursor, deleted_cursor, sure_at FROM customer_feed"
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            for table, rows in ROWS.items():
                names = ", ".join(rows[0])
                values = ", ".join(f":{name}" for name in rows[0])
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), rows)

        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            found = [tuple(row) for row in connection.execute(text(how))]
            assert found == [("7", "created"), ("8", "unknown")]
            assert tuple(connection.execute(text(cursors)).one()) == (7, 1, None)

        flask_migrate.downgrade(revision="0017")
        with db.engine.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM customer_link")) == 2
        db.engine.dispose()


def add_connection(database: Connection) -> None:
    """Add the one connection that there was before."""
    [row] = ROWS["connection"]
    values = ", ".join(f":{name}" for name in row)
    database.execute(text(f"INSERT INTO connection ({', '.join(row)}) VALUES ({values})"), row)


def test_customers_from_before_are_found_by_a_search(fresh: Flask) -> None:
    names = "name, code, city, vat_number, connection_id, id, name_key, status, blocked, deleted"
    values = "'Straße & Zonen', '  12', 'Köln', 'DE 136695976', 1, 'c', '', 'C', :no, :no"
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            add_connection(connection)

        flask_migrate.upgrade(revision="0054")
        with db.engine.begin() as connection:
            connection.execute(text(f"INSERT INTO customer ({names}) VALUES ({values})"), {"no": False})

        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            said = connection.scalar(text("SELECT search_text FROM customer"))
            assert said == "12\nstrasse + zonen\nde136695976\nkoln"

        flask_migrate.downgrade(revision="0054")
        with db.engine.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM customer")) == 1
        db.engine.dispose()


MAPPED = (
    "INSERT INTO mapping (id, connection_id, kind, source_id, target, set_by, set_at{more}) VALUES {rows}"
)


def test_mappings_from_before_hold_anywhere_and_those_of_a_place_go_again(fresh: Flask) -> None:
    of_before = f"(1, 1, 'tax', '31', '2  ', 'Anna', '{MOMENT}')"
    of_places = f"(2, 1, 'tax', '31', '7  ', 'Anna', '{MOMENT}', 'eu-vat', '{{}}')"
    again = f"(3, 1, 'tax', '31', '9  ', 'Anna', '{MOMENT}', NULL, '{{}}')"
    kept = "SELECT source_id, target, place, reason FROM mapping ORDER BY id"
    more = ", place, reason_values"

    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            add_connection(connection)
            connection.execute(text(MAPPED.format(more="", rows=of_before)))

        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            assert [tuple(one) for one in connection.execute(text(kept))] == [("31", "2  ", None, None)]
            connection.execute(text(MAPPED.format(more=more, rows=of_places)))

        # One mapping for all places is still one.
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(MAPPED.format(more=more, rows=again)))

        flask_migrate.downgrade(revision="0036")
        with db.engine.begin() as connection:
            found = connection.execute(text("SELECT source_id, target FROM mapping"))
            assert [tuple(one) for one in found] == [("31", "2  ")]
        db.engine.dispose()


FEEDS = {
    "payment_feed": {
        "on": True,
        "mode": "all",
        "since": MOMENT,
        "baseline_done": True,
        "write_off_differences": False,
        "mark_sent_by_itself": True,
        "term_cursor": 2**40,
        "deleted_cursor": 8,
        "read_at": MOMENT,
        "began_at": MOMENT,
        "pulled_at": MOMENT,
        "trouble": "Exact is down.",
        "controlled_at": MOMENT,
        "control_trouble": "Cut off.",
    },
    "customer_feed": {"cursor": 2**41, "deleted_cursor": 9, "sure_at": MOMENT},
}
IN_THE_CONNECTION = {
    "payments_on": True,
    "payments_mode": "all",
    "payments_since": MOMENT,
    "baseline_done": True,
    "write_off_differences": False,
    "mark_sent_by_itself": True,
    "term_cursor": 2**40,
    "deleted_cursor": 8,
    "terms_read_at": MOMENT,
    "pull_began_at": MOMENT,
    "payments_pulled_at": MOMENT,
    "payments_trouble": "Exact is down.",
    "controlled_at": MOMENT,
    "control_trouble": "Cut off.",
    "customer_cursor": 2**41,
    "customer_deleted_cursor": 9,
    "customers_sure_at": MOMENT,
}


def test_what_was_read_and_chosen_moves_into_the_feeds_and_back(fresh: Flask) -> None:
    before = {**ROWS["connection"][0], **IN_THE_CONNECTION}
    names = ", ".join(before)
    values = ", ".join(f":{name}" for name in before)

    with fresh.app_context():
        flask_migrate.upgrade(revision="0026")
        with db.engine.begin() as connection:
            connection.execute(text(f"INSERT INTO connection ({names}) VALUES ({values})"), before)

        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            for table, expected in FEEDS.items():
                assert stored(connection, table) == {"connection_id": 1, **expected}

        flask_migrate.downgrade(revision="0026")
        with db.engine.begin() as connection:
            found = stored(connection, "connection")
            assert {name: found[name] for name in before} == before
        db.engine.dispose()


def stored(connection: Connection, table: str) -> dict[str, object]:
    """Return the one row of a table as both databases write it."""
    row = connection.execute(text(f"SELECT * FROM {table}")).mappings().one()
    return {name: as_written(value) for name, value in row.items()}


def as_written(value: object) -> object:
    """Spell a moment as SQLite and PostgreSQL both would, and a sentence without its code."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    # What was a sentence before there were codes is kept as it was written.
    if isinstance(value, str) and value.startswith('["text", '):
        return json.loads(value)[1]["text"]
    return value


def test_what_was_held_and_a_backup_come_along_with_the_one_kind_of_lease(fresh: Flask) -> None:
    lane = "SELECT lease_owner, lease_until IS NOT NULL, fence FROM lane"
    gate = "SELECT known_until IS NOT NULL, closed_at FROM gate"
    with fresh.app_context():
        flask_migrate.upgrade(revision="0024")
        with db.engine.begin() as connection:
            held = {"name": "exact:NL:1", "owner": "w", "until": MOMENT, "fence": 3, "pace": "{}"}
            names = ", ".join(held)
            values = ", ".join(f":{name}" for name in held)
            connection.execute(text(f"INSERT INTO lane ({names}) VALUES ({values})"), held)
            connection.execute(text("UPDATE gate SET copied_at = :at"), {"at": MOMENT})

        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            assert tuple(connection.execute(text(lane)).one()) == ("w", True, 3)
            assert tuple(connection.execute(text(gate)).one()) == (True, None)
            for table in ("copy", "payment", "notice"):
                free = f"SELECT count(*) FROM {table} WHERE lease_owner IS NOT NULL OR fence <> 0"
                assert connection.scalar(text(free)) == 0

        flask_migrate.downgrade(revision="0024")
        with db.engine.begin() as connection:
            assert tuple(connection.execute(text("SELECT owner, fence FROM lane")).one()) == ("w", 3)
            found = connection.execute(text("SELECT copied_at IS NOT NULL, known_until FROM gate"))
            assert tuple(found.one()) == (True, None)
        db.engine.dispose()


DOUBTS = {
    "No invoice of this number is in Productive for this subsidiary.": ("no invoice", ""),
    "Another entry carries the same marker ABCDEFGH. Remove the surplus in Exact, then adopt again.": (
        "same marker",
        "ABCDEFGH",
    ),
    "It is in USD, invoice 7 in EUR.": ("other currency", "USD, 7, EUR"),
    "It cannot be read, so nobody knows whether this portal made it. Correct it in Productive: Oh.": (
        "payment not read",
        "",
    ),
    "It cannot be read, so nobody knows whether this portal made it. Correct it in Exact: Oh.": (
        "customer not read",
        "",
    ),
    "Words that nobody knows.": (None, ""),
}


def test_doubts_from_before_get_their_code_from_their_sentence(fresh: Flask) -> None:
    insert = (
        "INSERT INTO unmatched (connection_id, key, number, reference, why, found_at) "
        f"VALUES (1, 'k', 'n', '', :why, '{MOMENT}')"
    )
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            (row,) = ROWS["connection"]
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO connection ({', '.join(row)}) VALUES ({values})"), row)
        flask_migrate.upgrade(revision="0028")
        with db.engine.begin() as connection:
            connection.execute(text(insert), [{"why": why} for why in DOUBTS])

        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            found = connection.execute(text("SELECT why, cause, about FROM unmatched"))
            assert {as_written(why): (cause, about) for why, cause, about in found} == DOUBTS

        flask_migrate.downgrade(revision="0028")
        with db.engine.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM unmatched")) == len(DOUBTS)
        db.engine.dispose()


PAYMENT = {
    "connection_id": 1,
    "invoice_id": "105",
    "copy_id": "c",
    "term_id": "term",
    "amount": 12100,
    "currency": "EUR",
    "paid_on": "2026-03-12",
    "written_off": False,
    "marker": "ABCDEFGH",
    "state": "due",
    "created_at": MOMENT,
    "changed_at": MOMENT,
    "wanted": "create",
    "tries": 0,
    "anyway": False,
}
OVERPAID = (
    "Productive already holds 10.00 EUR that this portal did not record, 0.05 EUR as credited. Recording "
    "121.00 EUR from Exact as well would over-pay the invoice by 1.05 EUR. Say whether it is the same money."
)
FULL = {"strangers": 1000, "credited": 5, "ours": 0, "amount": 12100, "excess": 105, "currency": "EUR"}
NOTHING_HELD = (
    "Productive already holds less than Exact. Recording 121.00 EUR from Exact as well would over-pay the "
    "invoice by 0.01 EUR. Say whether it is the same money."
)
BARELY = {"strangers": 0, "credited": 0, "ours": 0, "amount": 12100, "excess": 1, "currency": "EUR"}
UNREAD = (
    "A receivable term of this entry cannot be read, so no payment is taken from it. Correct it in Exact. It "
    "is read again at each pull. The term 7 cannot be read."
)
UNREAD_ELSEWHERE = (
    "A receivable term of this customer cannot be read, and it may be what settled this entry. So no payment "
    "is taken from it until that term can be read. Activity says which it is."
)
# Reason and trouble as they were said, then the reason, the cause and the figures that were read from them.
SAID_OF_PAYMENTS: list[tuple[str, str | None, str, str | None, dict[str, object]]] = [
    ("Settled in Exact", None, "settled", None, {}),
    (
        "Settled in Exact",
        "Productive takes payments only on invoices marked as sent.",
        "settled",
        "invoice not sent",
        {},
    ),
    (
        "Exact settled another amount or date",
        "Another payment of this invoice has to be put right first.",
        "settled otherwise",
        "ours first",
        {},
    ),
    ("Settled in Exact", "Mark as sent and record payment was chosen.", "settled", "marking as sent", {}),
    (
        "Exact settles this part again",
        "The invoice was deleted in Productive, so nothing can be recorded there.",
        "settled again",
        "invoice deleted",
        {},
    ),
    (
        "Settled in Exact",
        "This payment was removed in Productive by hand.",
        "settled",
        "removed by hand",
        {},
    ),
    (
        "Restored as Exact has it",
        "This payment was changed in Productive by hand: there it is 1.00 EUR on 2026-03-12.",
        "restored",
        "changed by hand",
        {"amount": 100, "currency": "EUR", "on": "2026-03-12"},
    ),
    ("Written off in Exact", OVERPAID, "written off", "over-paid", FULL),
    ("Settled in Exact", NOTHING_HELD, "settled", "over-paid", BARELY),
    (
        "Exact no longer settles this part",
        "The invoice is locked.",
        "no longer settled",
        "call failed",
        {"said": "The invoice is locked."},
    ),
    ("Adopted after a restore, by its marker", None, "adopted", None, {}),
    ("A person said that this was recorded in Productive by hand", None, "recorded by hand", None, {}),
    ("The entry was deleted in Exact before this was recorded", None, "entry deleted", None, {}),
]
SAID_OF_FINDINGS: list[tuple[str, str, dict[str, object]]] = [
    ("over-paid", OVERPAID, FULL),
    ("doubtful", "A receivable term has the wrong sign.", {"doubt": "sign"}),
    ("doubtful", "A receivable term is settled, but Exact does not say when.", {"doubt": "undated"}),
    ("unreadable", UNREAD, {"said": "The term 7 cannot be read."}),
    ("unreadable", UNREAD_ELSEWHERE, {}),
    (
        "older copy",
        "Money arrived on an older copy of this invoice. Move it to the latest entry in Exact.",
        {},
    ),
]


def test_what_payments_said_in_sentences_is_read_into_codes_and_back(fresh: Flask) -> None:
    payments = [
        PAYMENT | {"id": f"{at:02}", "reason": reason, "trouble": trouble}
        for at, (reason, trouble, *_codes) in enumerate(SAID_OF_PAYMENTS)
    ]
    findings = [
        {
            "id": f"{at:02}",
            "connection_id": 1,
            "invoice_id": "105",
            "kind": kind,
            "text": said,
            "found_at": MOMENT,
        }
        for at, (kind, said, _figures) in enumerate(SAID_OF_FINDINGS)
    ]
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            for table, rows in (ROWS | {"payment": payments, "finding": findings}).items():
                names = ", ".join(rows[0])
                values = ", ".join(f":{name}" for name in rows[0])
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), rows)

        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            told = connection.execute(text("SELECT reason, cause, figures FROM payment ORDER BY id"))
            codes = [(reason, cause, _read(figures)) for reason, cause, figures in told]
            assert codes == [one[2:] for one in SAID_OF_PAYMENTS]
            told = connection.execute(text("SELECT kind, figures FROM finding ORDER BY id"))
            assert [(kind, _read(figures)) for kind, figures in told] == [
                (kind, figures) for kind, _said, figures in SAID_OF_FINDINGS
            ]

        flask_migrate.downgrade(revision="0017")
        with db.engine.begin() as connection:
            told = connection.execute(text("SELECT reason, trouble FROM payment ORDER BY id"))
            assert [tuple(row) for row in told] == [one[:2] for one in SAID_OF_PAYMENTS]
            told = connection.execute(text("SELECT kind, text FROM finding ORDER BY id"))
            assert [tuple(row) for row in told] == [one[:2] for one in SAID_OF_FINDINGS]
        db.engine.dispose()


def _read(figures: object) -> object:
    """Read JSON that SQLite returns as it is stored."""
    return msgspec.json.decode(figures) if isinstance(figures, str) else figures


def test_how_a_copy_was_undone_moves_out_of_its_cause_and_back(fresh: Flask) -> None:
    undone = [
        ("undone", "credited"),
        ("undone", "unlinked"),
        ("undone", "difference"),
        ("refused", "restored"),
    ]
    ended = "SELECT state, cause, ending FROM copy ORDER BY id"
    before = "SELECT state, cause FROM copy ORDER BY id"

    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            put(connection, "connection")
            put(connection, "invoice")
            for number, (state, cause) in enumerate(undone):
                put(connection, "copy", id=f"c{number}", state=state, cause=cause)

        flask_migrate.upgrade(revision="0031")
        with db.engine.begin() as connection:
            assert [tuple(row) for row in connection.execute(text(ended))] == [
                ("undone", None, "credited"),
                ("undone", None, "unlinked"),
                ("undone", "difference", None),
                ("refused", "restored", None),
            ]

        flask_migrate.downgrade(revision="0030")
        with db.engine.begin() as connection:
            assert [tuple(row) for row in connection.execute(text(before))] == undone
        db.engine.dispose()


def test_what_happened_stays_as_it_was_written_and_goes_back_as_it_is_read(fresh: Flask) -> None:
    old = "INSERT INTO event (id, at, actor, kind, text) VALUES (:id, :at, 'Anna', 'copied', :text)"
    new = "INSERT INTO event (id, at, actor, kind, code, told) VALUES (9, :at, 'Anna', 'x', :code, :told)"
    written = ["Entry 26700011 in Exact, copied", '“Ärger” "quoted" 100 %', ""]
    why = "UPDATE gate SET closed_why = :why"
    with fresh.app_context():
        flask_migrate.upgrade(revision="0055")
        with db.engine.begin() as connection:
            for number, words in enumerate(written, 1):
                connection.execute(text(old), {"id": number, "at": MOMENT, "text": words})
            connection.execute(text("DELETE FROM gate"))
            connection.execute(text("INSERT INTO gate (id, database_id, writes) VALUES (1, 'd', 0)"))
            connection.execute(text(why), {"why": "A restore."})

        flask_migrate.upgrade()
        with Session(db.engine) as session:
            rows = session.scalars(select(EventRow).order_by(EventRow.id)).all()
            assert [row.said for row in rows] == [said(TEXT, text=words) for words in written]
            assert session.scalars(select(GateRow.closed_why)).one() == said(TEXT, text="A restore.")
            held = said(Happened.RELEASED, count=2, words=Quoted("Dicht"))
            values = {"at": MOMENT, "code": held.code, "told": json.dumps(held.to_json()[1])}
            session.execute(text(new), values)
            session.commit()

        flask_migrate.downgrade(revision="0055")
        with db.engine.begin() as connection:
            texts = connection.scalars(text("SELECT text FROM event ORDER BY id")).all()
            assert texts == [*written, "2 held copies go on: “Dicht”"]
            assert connection.scalar(text("SELECT closed_why FROM gate")) == "A restore."
        db.engine.dispose()


def test_troubles_stay_as_they_were_written_and_go_back_as_they_are_read(fresh: Flask) -> None:
    written = 'Exact said “nee” "quoted" 100 %'
    answer = said(Failed.PRODUCTIVE_REFUSED, words=Quoted("dicht"))
    moving = "INSERT INTO moving (connection_id, wanted_at, looked_up, trouble) VALUES (1, :at, 0, :words)"
    finding = {"id": "5", "invoice_id": "105", "kind": "unreadable"}
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            for table in ("connection", "invoice", "copy"):
                put(connection, table)

        flask_migrate.upgrade(revision="0056")
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE connection SET catalogue_trouble = :words"), {"words": written})
            connection.execute(text(moving), {"at": MOMENT, "words": written})
            figures = json.dumps({"said": written})
            values = {**finding, "at": MOMENT, "figures": figures}
            connection.execute(text(FINDING), values)

        flask_migrate.upgrade(revision="0057")
        with db.engine.begin() as connection:
            kept = json.dumps(said(TEXT, text=written).to_json(), ensure_ascii=False)
            assert connection.scalar(text("SELECT catalogue_trouble FROM connection")) == kept
            assert connection.scalar(text("SELECT trouble FROM moving")) == kept
            assert connection.scalar(text("SELECT hooks_trouble FROM connection")) is None
            now = json.dumps(answer.to_json())
            connection.execute(text("UPDATE connection SET hooks_trouble = :now"), {"now": now})
            figures = json.dumps({"said": answer.to_json(), "other": 1})
            connection.execute(text(FINDING), {**finding, "id": "6", "at": MOMENT, "figures": figures})

        flask_migrate.downgrade(revision="0056")
        with db.engine.begin() as connection:
            assert connection.scalar(text("SELECT catalogue_trouble FROM connection")) == written
            assert connection.scalar(text("SELECT trouble FROM moving")) == written
            assert connection.scalar(text("SELECT hooks_trouble FROM connection")) == REFUSED
            query = select(column("figures", JSON)).select_from(table_of("finding")).order_by(column("id"))
            assert connection.scalars(query).all() == [{"said": written}, {"said": REFUSED, "other": 1}]
        db.engine.dispose()


def test_notices_stay_as_they_were_written_and_go_back_with_their_page(fresh: Flask) -> None:
    old = (
        "INSERT INTO notice (key, open_key, subject, text, raised_at, tries, fence) "
        "VALUES ('a', 'a', 'Lost', :text, :at, 0, 0)"
    )
    written = "It is lost.\n\nhttps://portal.test/settings/apps\n"
    found = (
        "INSERT INTO unmatched (connection_id, key, number, reference, why, found_at, about) "
        "VALUES (1, 'e', '1', '', 'It is odd.', :at, '')"
    )
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            put(connection, "connection")

        flask_migrate.upgrade(revision="0057")
        with db.engine.begin() as connection:
            connection.execute(text(old), {"text": written, "at": MOMENT})
            connection.execute(text(found), {"at": MOMENT})

        flask_migrate.upgrade(revision="0058")
        with Session(db.engine) as session:
            notice = session.scalars(select(NoticeRow)).one()
            assert (notice.subject, notice.text) == (said(TEXT, text="Lost"), said(TEXT, text=written))
            assert (notice.link, notice.said_in) == ("", [])
            assert session.scalars(select(UnmatchedRow.why)).one() == said(TEXT, text="It is odd.")
            notice.subject = said(Mailed.NO_INVOICES)
            notice.text = said(Mailed.COPY_SAYS, example="x")
            notice.link = "https://portal.test/activity"
            session.commit()

        flask_migrate.downgrade(revision="0057")
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT subject, text FROM notice")).one() == (
                "No invoices were read from Productive for a day",
                "One of them says: x\n\nhttps://portal.test/activity\n",
            )
            assert connection.scalar(text("SELECT why FROM unmatched")) == "It is odd."
        db.engine.dispose()


def put(connection: Connection, table: str, **changes: object) -> None:
    """Insert a table's row of this file, changed."""
    row = {**ROWS[table][0], **changes}
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


@pytest.mark.parametrize(
    ("told", "reasonless"),
    [
        ("The answer was 404 without a reason.", True),
        ("Period closed without a reason", False),
        ("The answer was 404 without a reason. Ask Exact.", False),
        (None, False),
    ],
)
def test_refusals_from_before_are_asked_once_whether_they_had_a_reason(
    fresh: Flask, told: str | None, reasonless: bool
) -> None:
    hold = {"id": "h", "connection": 1, "cause": "RefusedError", "words": told or "", "at": MOMENT}
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            for table, rows in ROWS.items():
                names = ", ".join(rows[0])
                values = ", ".join(f":{name}" for name in rows[0])
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), rows)

        flask_migrate.upgrade(revision="0031")
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE copy SET remote_text = :told"), {"told": told})
            values = "(:id, :connection, :cause, :words, '[]', :at)"
            names = "(id, connection_id, cause, words, traits, held_at)"
            connection.execute(text(f"INSERT INTO hold {names} VALUES {values}"), hold)

        flask_migrate.upgrade(revision="0032")
        with db.engine.begin() as connection:
            for table in ("copy", "hold"):
                assert bool(connection.scalar(text(f"SELECT reasonless FROM {table}"))) is reasonless

        flask_migrate.downgrade(revision="0031")
        with db.engine.begin() as connection:
            assert connection.scalar(text("SELECT remote_text FROM copy")) == told
        db.engine.dispose()


# The step of an update that was told to have had no effect, and what is known of it after the migration.
STEPS_OF_BEFORE: list[tuple[str, int, str, str]] = [
    ("header", 1, "unsent", "unknown"),
    ("change line", 2, "unsent", "unknown"),
    ("delete line", 3, "unsent", "unknown"),
    ("add line", 4, "unsent", "unsent"),
    ("header", 0, "unsent", "unsent"),
    ("entry", 0, "unsent", "unsent"),
    ("customer", 0, "unsent", "unsent"),
    ("change line", 5, "done", "done"),
    ("delete line", 6, "refused", "refused"),
]


def test_steps_of_updates_that_may_have_had_an_effect_are_not_known_and_are_so_again(fresh: Flask) -> None:
    states = text("SELECT state FROM attempt ORDER BY id")
    with fresh.app_context():
        flask_migrate.upgrade(revision="0017")
        with db.engine.begin() as connection:
            for table in ("connection", "invoice", "copy"):
                put(connection, table)

        flask_migrate.upgrade(revision="0046")
        with db.engine.begin() as connection:
            for at, (kind, step, state, _after) in enumerate(STEPS_OF_BEFORE):
                put(connection, "attempt", id=f"t{at}", kind=kind, step=step, state=state)

        flask_migrate.upgrade(revision="0047")
        with db.engine.begin() as connection:
            found = list(connection.execute(states).scalars())
            assert found == [after for _kind, _step, _state, after in STEPS_OF_BEFORE]

        flask_migrate.downgrade(revision="0046")
        with db.engine.begin() as connection:
            found = list(connection.execute(states).scalars())
            assert found == [state for _kind, _step, state, _after in STEPS_OF_BEFORE]
        db.engine.dispose()
