"""The divisions that a sign-in may use, and what the chosen one offers."""

from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.catalogue import check_rights, pull_catalogue
from portal.actions.connections.choose_division import choose_division
from portal.actions.connections.connect import CannotConnectError
from portal.actions.engine.jobs import Job
from portal.domain.booking.catalogue import Division
from portal.domain.customers.names import normalise_name
from portal.extensions import db
from portal.remote.errors import MissingRightError, RemoteError
from portal.store.connections import ConnectionRow, division_key, live_divisions
from portal.store.grants import GrantRow, locale_of_sign_in
from portal.web.common.choices import a_choice
from portal.web.common.said import sentence_of
from portal.web.connections.blueprint import (
    connection_or_404,
    ledger_of,
    say_trouble,
    subsidiary_of,
)
from portal.wiring import current as wiring

JUST_NOW = timedelta(minutes=1)


def settle_first_division(row: ConnectionRow) -> ResponseReturnValue:
    """Settle on a division to begin with, unless one was chosen before."""
    connection_id = row.id
    try:
        if row.division is None:
            connection_id = begin_with_free_division(row)
        load_division(connection_or_404(connection_id))
    except RemoteError as error:
        flash(say_trouble(error), "error")
    except CannotConnectError as error:
        flash(sentence_of(error.said), "error")

    return redirect(url_for("connections.edit_set_up", connection_id=connection_id))


def begin_with_free_division(row: ConnectionRow) -> int:
    """Choose the free division that fits best, and return the connection."""
    # It is called like the subsidiary, else it is the user's own, else the first.
    connection_id = row.id
    name = normalise_name(subsidiary_of(row).name)
    key = locale_of_sign_in(db.session(), row)
    home = db.session.get_one(GrantRow, row.grant_id).home_division if row.grant_id else 0
    taken = live_divisions(db.session())
    offered = read_divisions(row)
    free = [one for one in offered if division_key(key, one.code) not in taken]
    if not free:
        raise CannotConnectError("division", _("Every division you may use in Exact is connected already."))

    first = max(free, key=lambda one: (normalise_name(one.name) == name, one.code == home))
    return choose_division(db.session(), offered, connection_id, first.code, now=wiring().clock())


def load_division(row: ConnectionRow) -> None:
    """Read everything that the chosen division offers, or raise a RemoteError."""
    # What takes longer than a person waits is read on by the worker.
    connection_id = row.id
    ledger = ledger_of(row, row.division)

    try:
        pull_catalogue(db.session(), ledger, connection_id, now=wiring().clock())
    except MissingRightError:
        check_rights(db.session(), ledger, connection_id)
        raise
    except RemoteError as error:
        if error.helps_to_retry:
            wiring().nudge(Job.REFRESH_CATALOGUE, str(connection_id))
        raise


def probe_rights(connection_id: int) -> None:
    """Remember which rights are missing, if Exact can be asked now."""
    # Otherwise the card's refresh asks again.
    row = connection_or_404(connection_id)
    try:
        check_rights(db.session(), ledger_of(row, row.division), connection_id)
    except RemoteError:
        db.session.rollback()


def read_divisions(row: ConnectionRow) -> list[Division]:
    """Return the divisions the sign-in may use, or raise a RemoteError."""
    if "exact_divisions" not in g:
        g.exact_divisions = [one for one in ledger_of(row, None).find_divisions() if not one.archived]
    return list(g.exact_divisions)


def was_just_read(row: ConnectionRow) -> bool:
    """Say whether the worker has just read what the division offers."""
    return row.catalogue_at is not None and wiring().clock() - row.catalogue_at < JUST_NOW


def divisions_of(row: ConnectionRow) -> tuple[list[Division], str | None]:
    """Return the divisions the sign-in may use, and why there are none."""
    try:
        return read_divisions(row), None
    except RemoteError as error:
        return [], say_trouble(error)


def division_choices(row: ConnectionRow, divisions: list[Division]) -> list[Any]:
    """Return the divisions by name, saying which are taken."""
    taken = live_divisions(db.session())
    choices = []

    for one in divisions:
        owner = taken.get(division_key(locale_of_sign_in(db.session(), row), one.code))
        name = f"{one.name} ({one.code})"
        is_taken = owner not in (None, row.subsidiary_id)
        choices.append(
            a_choice(str(one.code), _("%(name)s (already connected)", name=name) if is_taken else name)
        )

    return choices
