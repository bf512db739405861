"""Users: who may sign in, with which role and for which subsidiaries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.house.states import Role
from portal.store.base import Base, Instant, Large, Word


class UserRow(Base):
    """A person who may sign in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[Role] = mapped_column(Word(Role))
    created_at: Mapped[datetime] = mapped_column(Instant)
    language: Mapped[str] = mapped_column(default="en")
    # None stands for all, of today and later.
    subsidiaries: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    active: Mapped[bool] = mapped_column(default=True)
    must_change: Mapped[bool] = mapped_column(default=False)
    # At which hour of the day a summary is mailed, None for none.
    summary_hour: Mapped[int | None] = mapped_column(default=None)
    former_hashes: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    # What makes the codes of the second factor, since when they are asked for, and when the last was made.
    factor_sealed: Mapped[str | None] = mapped_column(default=None)
    factor_since: Mapped[datetime | None] = mapped_column(Instant, default=None)
    factor_step: Mapped[Large] = mapped_column(default=0)

    def take_hash(self, password_hash: str, *, remembered: int) -> None:
        """Take another password, and remember the last ones."""
        self.former_hashes = [self.password_hash, *self.former_hashes][:remembered]
        self.password_hash = password_hash

    def become(self, *, name: str, role: Role, active: bool, reach: list[str] | None) -> None:
        """Get another name, role or reach."""
        self.name = name
        self.role = role
        self.active = active
        self.subsidiaries = reach

    @property
    def has_second_factor(self) -> bool:
        """Say whether a code is asked for after the password."""
        return self.factor_since is not None

    def prepare_factor(self, sealed: str) -> None:
        """Keep what will make codes. It is not asked for before the person has shown one."""
        self.factor_sealed = sealed
        self.factor_since = None
        self.factor_step = 0

    def use_step(self, step: int) -> None:
        """Take a code's step, so that neither it nor an earlier one is taken again."""
        self.factor_step = step

    def begin_factor(self, at: datetime) -> None:
        """Ask for codes from now on."""
        self.factor_since = at

    def drop_factor(self) -> None:
        """Ask for codes no more."""
        self.factor_sealed = None
        self.factor_since = None
        self.factor_step = 0

    @property
    def may_write(self) -> bool:
        """Copy, map, link customers, pull."""
        return self.role.includes(Role.FINANCE)

    @property
    def is_administrator(self) -> bool:
        """Everything."""
        return self.role is Role.ADMINISTRATOR

    def may_see(self, subsidiary_id: str) -> bool:
        """Say whether a subsidiary's rows may be shown."""
        return self.subsidiaries is None or subsidiary_id in self.subsidiaries


def find_user(session: Session, email: str) -> UserRow | None:
    """Find a user by e-mail, whatever its case."""
    return session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))


def lock_user(session: Session, user_id: int) -> UserRow:
    """Return a user as they are now, locked so that nothing is used twice."""
    query = select(UserRow).where(UserRow.id == user_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def lock_administrators(session: Session) -> Sequence[UserRow]:
    """Return the active administrators, locked so that two cannot remove each other."""
    administrators = select(UserRow).where(UserRow.role == Role.ADMINISTRATOR, UserRow.active)
    return session.scalars(administrators.order_by(UserRow.id).with_for_update()).all()
