"""People: who may sign in, with which role and password; the last administrator stays."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.events import note_event
from portal.store.people import ADMINISTRATOR, UserRow, find_user
from portal.store.sessions import delete_sessions

SHORTEST_PASSWORD = 12
hasher = PasswordHasher()


class PeopleError(ValueError):
    """A change to people that cannot be made."""


class EmailTakenError(PeopleError):
    """Somebody has this e-mail already."""


class LastAdministratorError(PeopleError):
    """Nobody could administer the portal afterwards."""


@cache
def decoy_hash() -> str:
    """Return a hash to check against when nobody has the e-mail, so that the answer takes as long."""
    return hasher.hash("nobody has this password")


def password_fits(password_hash: str, password: str) -> bool:
    """Check a password against a hash."""
    try:
        return hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def check_password(session: Session, email: str, password: str) -> UserRow | None:
    """Return the active user whom e-mail and password fit; every other answer takes the same time."""
    user = find_user(session, email)
    fits = password_fits(user.password_hash if user else decoy_hash(), password)
    return user if user and fits and user.active else None


def add_user(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    role: str,
    subsidiaries: Sequence[str] | None,
    by: str,
    now: datetime,
) -> UserRow:
    """Add a person."""
    if find_user(session, email):
        raise EmailTakenError(email)
    user = UserRow(
        email=email.strip().lower(),
        name=name.strip(),
        password_hash=hasher.hash(password),
        role=role,
        created_at=now,
        subsidiaries=None if subsidiaries is None else list(subsidiaries),
    )
    session.add(user)
    note_event(session, at=now, actor=by, kind="user", text=f"Added {user.email} as {role}")
    session.commit()
    return user


def change_user(
    session: Session,
    user: UserRow,
    *,
    name: str,
    role: str,
    subsidiaries: Sequence[str] | None,
    active: bool,
    by: str,
    now: datetime,
    keep: int | None = None,
) -> None:
    """Change a person; another role or reach, or none, ends their sessions but ``keep``."""
    loses = user.is_administrator and user.active and not (active and role == ADMINISTRATOR)
    if loses and not other_administrators(session, user):
        session.rollback()
        raise LastAdministratorError(user.email)
    reach = None if subsidiaries is None else list(subsidiaries)
    if (role, active, reach) != (user.role, user.active, user.subsidiaries):
        delete_sessions(session, user.id, but=keep if active else None)
    user.name = name.strip()
    user.role = role
    user.active = active
    user.subsidiaries = reach
    text = f"Changed {user.email}: {role}" if active else f"Deactivated {user.email}"
    note_event(session, at=now, actor=by, kind="user", text=text)
    session.commit()


def other_administrators(session: Session, user: UserRow) -> Sequence[UserRow]:
    """Return the other active administrators, locked so that two cannot remove each other."""
    administrators = select(UserRow).where(UserRow.role == ADMINISTRATOR, UserRow.active)
    locked = session.scalars(administrators.order_by(UserRow.id).with_for_update()).all()
    return [row for row in locked if row.id != user.id]


def set_password(
    session: Session, user: UserRow, password: str, *, by: str, now: datetime, keep: int | None = None
) -> None:
    """Set a password; all sessions of that person but ``keep`` end."""
    user.password_hash = hasher.hash(password)
    delete_sessions(session, user.id, but=keep)
    note_event(session, at=now, actor=by, kind="user", text=f"Set the password of {user.email}")
    session.commit()


def set_language(session: Session, user: UserRow, language: str) -> None:
    """Set the language a person reads."""
    user.language = language
    session.commit()
