"""Who has given their password and not yet the code: kept for five minutes in the browser's signed cookie."""

import hashlib
from datetime import datetime, timedelta

from flask import session

from portal.extensions import db
from portal.store.people import UserRow
from portal.web.common.clock import now

HALFWAY = "halfway"
LASTS = timedelta(minutes=5)


def ask_for_code(user: UserRow) -> None:
    """Remember whose password was right. Nothing of an earlier session stays."""
    session.clear()
    session[HALFWAY] = {"user": user.id, "at": now().isoformat(), "proof": proof_of(user)}


def whose_code() -> UserRow | None:
    """Return whose code is asked for, None where nobody's is or it took too long."""
    match session.get(HALFWAY):
        case {"user": int(user_id), "at": str(at), "proof": str(proof)}:
            user = db.session.get(UserRow, user_id)
            is_young = now() < datetime.fromisoformat(at) + LASTS
            # Another password or second factor since then begins anew.
            return user if user and user.active and is_young and proof == proof_of(user) else None

    return None


def proof_of(user: UserRow) -> str:
    """Return what changes with the password and the second factor, and tells nothing of either."""
    return hashlib.sha256(f"{user.password_hash}\0{user.factor_sealed}".encode()).hexdigest()
