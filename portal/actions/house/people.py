"""People: who may sign in, with which role, reach and password. The last administrator stays."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.house.passwords import (
    decoy_hash,
    hasher,
    password_fits,
    refuse_used,
    refuse_weak,
    take_password,
)
from portal.domain.events import EventKind
from portal.domain.house.reach import Reach, covers
from portal.domain.house.states import Role
from portal.store.connections import SubsidiaryRow
from portal.store.events import note_event
from portal.store.people import UserRow, find_user
from portal.store.sessions import delete_sessions


class PeopleError(ValueError):
    """A change to people that cannot be made."""


class EmailTakenError(PeopleError):
    """Somebody has this e-mail already."""


class LastAdministratorError(PeopleError):
    """Nobody could administer the portal afterwards."""


class LastOfAllError(LastAdministratorError):
    """Nobody could administer all subsidiaries afterwards."""


class BeyondReachError(PeopleError):
    """Somebody would give, or take away, what is beyond their own reach."""


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
    role: Role,
    subsidiaries: Sequence[str] | None,
    by: str,
    now: datetime,
    within: Reach = None,
    must_change: bool = False,
) -> UserRow:
    """Add a person, by somebody whose own reach is ``within``."""
    if find_user(session, email):
        raise EmailTakenError(email)
    if not covers(within, subsidiaries):
        raise BeyondReachError(email)

    user = UserRow(
        email=email.strip().lower(),
        name=name.strip(),
        password_hash=hasher.hash(password),
        role=role,
        created_at=now,
        subsidiaries=None if subsidiaries is None else list(subsidiaries),
        must_change=must_change,
    )

    session.add(user)
    text = f"Added {user.email} as {role.value} for {spell_reach(session, subsidiaries)}"
    note_event(session, at=now, actor=by, kind=EventKind.USER, text=text)
    session.commit()

    return user


def change_user(
    session: Session,
    user: UserRow,
    *,
    name: str,
    role: Role,
    subsidiaries: Sequence[str] | None,
    active: bool,
    by: str,
    now: datetime,
    keep: int | None = None,
    within: Reach = None,
) -> None:
    """Change a person; another role or reach, or none, ends their sessions but ``keep``.

    Who changes somebody reaches all that the person had and gets: ``within`` is their own reach.
    """
    reach = None if subsidiaries is None else list(subsidiaries)
    if not (covers(within, user.subsidiaries) and covers(within, reach)):
        session.rollback()
        raise BeyondReachError(user.email)

    stays = active and role is Role.ADMINISTRATOR
    if user.is_administrator and user.active and not (stays and covers(reach, user.subsidiaries)):
        others = other_administrators(session, user)
        if not (stays or others):
            session.rollback()
            raise LastAdministratorError(user.email)

        if user.subsidiaries is None and all(other.subsidiaries is not None for other in others):
            session.rollback()
            raise LastOfAllError(user.email)

    text = "; ".join(each_change(session, user, name=name.strip(), role=role, reach=reach, active=active))
    if (role, active, reach) != (user.role, user.active, user.subsidiaries):
        delete_sessions(session, user.id, but=keep if active else None)

    user.name = name.strip()
    user.role = role
    user.active = active
    user.subsidiaries = reach
    if text:
        note_event(session, at=now, actor=by, kind=EventKind.USER, text=f"Changed {user.email}: {text}")

    session.commit()


def each_change(
    session: Session, user: UserRow, *, name: str, role: Role, reach: list[str] | None, active: bool
) -> Iterator[str]:
    """Yield what changes of a person, before and after."""
    if name != user.name:
        yield f"name {user.name} → {name}"

    if role != user.role:
        yield f"role {user.role} → {role}"

    if reach != user.subsidiaries:
        yield f"reach {spell_reach(session, user.subsidiaries)} → {spell_reach(session, reach)}"

    if active != user.active:
        yield "may sign in no → yes" if active else "may sign in yes → no"


def spell_reach(session: Session, reach: Sequence[str] | None) -> str:
    """Name the subsidiaries of a reach."""
    if reach is None:
        return "all subsidiaries"
    named = select(SubsidiaryRow.id, SubsidiaryRow.name).where(SubsidiaryRow.id.in_(reach))
    names = {row.id: row.name for row in session.execute(named)}
    return ", ".join(sorted(names.get(one, one) for one in reach)) or "no subsidiary"


def other_administrators(session: Session, user: UserRow) -> Sequence[UserRow]:
    """Return the other active administrators, locked so that two cannot remove each other."""
    administrators = select(UserRow).where(UserRow.role == Role.ADMINISTRATOR, UserRow.active)
    locked = session.scalars(administrators.order_by(UserRow.id).with_for_update()).all()
    return [row for row in locked if row.id != user.id]


def set_password(
    session: Session,
    user: UserRow,
    password: str,
    *,
    by: str,
    now: datetime,
    about: Sequence[str] = (),
    keep: int | None = None,
    within: Reach = None,
    must_change: bool = False,
) -> None:
    """Set a password that cannot be guessed and is new. All sessions of that person but ``keep`` end."""
    if not covers(within, user.subsidiaries):
        raise BeyondReachError(user.email)

    refuse_password(user, password, about)
    take_password(user, password)
    user.must_change = must_change
    delete_sessions(session, user.id, but=keep)
    asked = ", to be changed at the next sign-in" if must_change else ""
    note_event(
        session, at=now, actor=by, kind=EventKind.USER, text=f"Set the password of {user.email}{asked}"
    )
    session.commit()


def refuse_password(user: UserRow, password: str, about: Sequence[str]) -> None:
    """Raise BadPasswordError for one that can be guessed or was had before."""
    refuse_weak(password, (*about, user.email, user.name))
    refuse_used(user, password)


def set_language(session: Session, user: UserRow, language: str) -> None:
    """Set the language a person reads."""
    user.language = language
    session.commit()
