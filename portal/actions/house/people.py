"""Add and change people. The last administrator stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.actions.house.passwords import hasher, refuse_used, refuse_weak, take_password
from portal.actions.house.profiles import Profile, as_list, each_change, say_reach, say_role
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.house.reach import Reach, covers
from portal.domain.house.states import Role
from portal.domain.said import APART, Said, listed, said
from portal.store.events import note_event
from portal.store.people import UserRow, find_user, lock_administrators
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


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that somebody gets, and the words that it may not be made of."""

    text: str
    about: Sequence[str] = ()
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """Who changes people, when, and how far they reach themselves."""

    by: str
    at: datetime
    reach: Reach = None
    # The session that may go on, where somebody changes themself.
    session_id: int | None = None


def add_user(
    session: Session, email: str, profile: Profile, password: NewPassword, change: PeopleChange
) -> UserRow:
    """Add a person. Raises EmailTakenError or BeyondReachError."""
    if find_user(session, email):
        raise EmailTakenError(email)
    if not covers(change.reach, profile.reach):
        raise BeyondReachError(email)

    with transaction(session):
        user = UserRow(
            email=email.strip().lower(),
            name=profile.name.strip(),
            password_hash=hasher.hash(password.text),
            role=profile.role,
            created_at=change.at,
            subsidiaries=as_list(profile.reach),
            must_change=password.must_change,
        )
        session.add(user)
        reach = say_reach(session, profile.reach)
        role = say_role(profile.role)
        _note(session, change, said(Happened.USER_ADDED, email=user.email, role=role, reach=reach))

    return user


def change_user(session: Session, user: UserRow, profile: Profile, change: PeopleChange) -> None:
    """Change a person. Another role or reach, or none, ends their sessions."""
    reach = as_list(profile.reach)
    name = profile.name.strip()

    with transaction(session):
        # Who changes somebody reaches all that the person had and gets.
        if not (covers(change.reach, user.subsidiaries) and covers(change.reach, reach)):
            raise BeyondReachError(user.email)

        refuse_last(session, user, profile)
        changes = tuple(each_change(session, user, profile))
        if (profile.role, profile.active, reach) != (user.role, user.active, user.subsidiaries):
            delete_sessions(session, user.id, but=change.session_id if profile.active else None)

        user.become(name=name, role=profile.role, active=profile.active, reach=reach)
        if changes:
            _note(
                session, change, said(Happened.USER_CHANGED, email=user.email, changes=listed(changes, APART))
            )


def refuse_last(session: Session, user: UserRow, profile: Profile) -> None:
    """Raise LastAdministratorError where nobody could administer everything afterwards."""
    stays = profile.active and profile.role is Role.ADMINISTRATOR
    is_less = not (stays and covers(profile.reach, user.subsidiaries))
    if not (user.is_administrator and user.active and is_less):
        return

    others = [row for row in lock_administrators(session) if row.id != user.id]
    if not (stays or others):
        raise LastAdministratorError(user.email)
    if user.subsidiaries is None and all(other.subsidiaries is not None for other in others):
        raise LastOfAllError(user.email)


def set_password(session: Session, user: UserRow, password: NewPassword, change: PeopleChange) -> None:
    """Set a password that is new and cannot be guessed. The person's other sessions end."""
    if not covers(change.reach, user.subsidiaries):
        raise BeyondReachError(user.email)

    refuse_password(user, password)
    with transaction(session):
        take_password(user, password.text)
        user.must_change = password.must_change
        delete_sessions(session, user.id, but=change.session_id)
        is_set = Happened.PASSWORD_SET_FOR_ONCE if password.must_change else Happened.PASSWORD_SET
        _note(session, change, said(is_set, email=user.email))


def refuse_password(user: UserRow, password: NewPassword) -> None:
    """Raise BadPasswordError for one that can be guessed or was had before."""
    refuse_weak(password.text, (*password.about, user.email, user.name))
    refuse_used(user, password.text)


def set_language(session: Session, user: UserRow, language: str) -> None:
    """Set the language a person reads."""
    with transaction(session):
        user.language = language


def set_summary_hour(session: Session, user: UserRow, hour: int | None) -> None:
    """Set at which hour the daily summary is mailed to a person, None for never."""
    with transaction(session):
        user.summary_hour = hour


def _note(session: Session, change: PeopleChange, happened: Said) -> None:
    note_event(session, at=change.at, actor=change.by, kind=EventKind.USER, said=happened)
