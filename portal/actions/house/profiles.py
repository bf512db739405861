"""What a person is called and may do, and how a change of it is told."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.happened import Happened
from portal.domain.house.reach import Reach
from portal.domain.house.states import Role
from portal.domain.said import Said, said
from portal.store.connections import SubsidiaryRow
from portal.store.people import UserRow

ROLES = {
    Role.ADMINISTRATOR: Happened.ROLE_ADMINISTRATOR,
    Role.FINANCE: Happened.ROLE_FINANCE,
    Role.VIEWER: Happened.ROLE_VIEWER,
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person is called and may do."""

    name: str
    role: Role
    reach: Reach = None
    active: bool = True


def each_change(session: Session, user: UserRow, profile: Profile) -> Iterator[Said]:
    """Yield what changes of a person, before and after."""
    name = profile.name.strip()
    if name != user.name:
        yield said(Happened.USER_RENAMED, before=user.name, name=name)

    if profile.role != user.role:
        yield said(Happened.USER_ROLE, before=say_role(user.role), role=say_role(profile.role))

    if as_list(profile.reach) != user.subsidiaries:
        before = say_reach(session, user.subsidiaries)
        yield said(Happened.USER_REACH, before=before, reach=say_reach(session, profile.reach))

    if profile.active != user.active:
        yield said(Happened.USER_LET_IN if profile.active else Happened.USER_SHUT_OUT)


def as_list(reach: Reach) -> list[str] | None:
    """Return a reach as it is kept."""
    return None if reach is None else list(reach)


def say_role(role: Role) -> Said:
    """Name a role."""
    return said(ROLES[role])


def say_reach(session: Session, reach: Reach) -> str | Said:
    """Name the subsidiaries of a reach."""
    if reach is None:
        return said(Happened.ALL_SUBSIDIARIES)
    if not reach:
        return said(Happened.NO_SUBSIDIARY)

    named = select(SubsidiaryRow.id, SubsidiaryRow.name).where(SubsidiaryRow.id.in_(reach))
    names = {row.id: row.name for row in session.execute(named)}
    return ", ".join(sorted(names.get(one, one) for one in reach))
