"""Codes that let a person in once, where what makes their other codes is lost. Only hashes are kept."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base


class RecoveryCodeRow(Base):
    """A code that was not used yet."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str]


def hash_of_code(user_id: int, code: str) -> str:
    """Return what is kept of a code, whose 118 bits by chance nobody tries through."""
    return hashlib.sha256(f"{user_id}\0{code}".encode()).hexdigest()


def replace_codes(session: Session, user_id: int, codes: Iterable[str]) -> None:
    """Keep these codes instead of all that a person had."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    session.add_all(RecoveryCodeRow(user_id=user_id, code_hash=hash_of_code(user_id, code)) for code in codes)


def use_code(session: Session, user_id: int, code: str) -> bool:
    """Use a code up. Say whether the person had it."""
    used = delete(RecoveryCodeRow).where(
        RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.code_hash == hash_of_code(user_id, code)
    )
    return session.execute(used.returning(RecoveryCodeRow.id)).first() is not None


def count_codes(session: Session, user_id: int) -> int:
    """Count the codes that a person has left."""
    return session.scalar(select(func.count()).where(RecoveryCodeRow.user_id == user_id)) or 0
