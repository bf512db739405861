"""What a person is called and may do, and how a change of it is told."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.house.reach import Reach
from portal.domain.house.states import Role
from portal.store.connections import SubsidiaryRow
from portal.store.people import UserRow


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person is called and may do."""

    name: str
    role: Role
    reach: Reach = None
    active: bool = True


def each_change(session: Session, user: UserRow, profile: Profile) -> Iterator[str]:
    """Yield what changes of a person, before and after."""
    name = profile.name.strip()
    if name != user.name:
        yield f"name {user.name} → {name}"

    if profile.role != user.role:
        yield f"role {user.role.value} → {profile.role.value}"

    if as_list(profile.reach) != user.subsidiaries:
        before = spell_reach(session, user.subsidiaries)
        yield f"reach {before} → {spell_reach(session, profile.reach)}"

    if profile.active != user.active:
        yield "may sign in no → yes" if profile.active else "may sign in yes → no"


def as_list(reach: Reach) -> list[str] | None:
    """Return a reach as it is kept."""
    return None if reach is None else list(reach)


def spell_reach(session: Session, reach: Reach) -> str:
    """Name the subsidiaries of a reach."""
    if reach is None:
        return "all subsidiaries"
    named = select(SubsidiaryRow.id, SubsidiaryRow.name).where(SubsidiaryRow.id.in_(reach))
    names = {row.id: row.name for row in session.execute(named)}
    return ", ".join(sorted(names.get(one, one) for one in reach)) or "no subsidiary"
