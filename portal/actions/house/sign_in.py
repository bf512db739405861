"""Sign in: count the try, check the password, and write down how it ended."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.house.passwords import PUBLIC_PASSWORDS
from portal.actions.house.people import check_password
from portal.actions.house.throttle import Names, claim_try, network_of
from portal.domain.events import EventKind
from portal.domain.house.throttle import ACCOUNT, ADDRESS, CONFIRM, DEVICE, PAIR
from portal.store.events import note_event
from portal.store.people import UserRow, find_user
from portal.store.tries import forget_tries, lock_tries, name_of, take_back_try

NOBODY = "nobody"
MOST_FAILURES = 100
COUNTED_FOR = timedelta(hours=1)
MANY = "More sign-ins failed; only the first 100 of an hour are listed"


class WaitError(ValueError):
    """Too many wrong passwords. ``seconds`` says how long nothing is tried."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.seconds = max(1, int(wait.total_seconds() + 0.999))


def try_sign_in(
    session: Session,
    email: str,
    password: str,
    *,
    address: str,
    device: str | None,
    public_passwords: bool,
    now: datetime,
) -> UserRow | None:
    """Return who e-mail and password fit; raises WaitError where too many tries went before.

    ``device`` names a browser that this person has signed in with before: it is counted alone, so that
    nobody else's tries keep its owner out.
    """
    email = email.strip().lower()
    names = names_of(email, network_of(address), device)
    if wait := claim_try(session, names, now=now):
        raise WaitError(wait)

    user = check_password(session, email, password)
    if user is not None and (public_passwords or password not in PUBLIC_PASSWORDS):
        note_success(session, user, names, address, now)
        return user

    note_failure(session, email, address, now)
    return None


def names_of(email: str, network: str, device: str | None) -> Names:
    """Return what a try is counted by."""
    if device is not None:
        return {name_of("device", device): DEVICE}

    return {
        name_of("pair", email, network): PAIR,
        name_of("address", network): ADDRESS,
        name_of("account", email): ACCOUNT,
    }


def note_success(session: Session, user: UserRow, names: Names, address: str, now: datetime) -> None:
    """Forget the failures of this person here. Those of the address and of others stay."""
    forget_tries(session, [name for name, patience in names.items() if not patience.shared])
    for name, patience in names.items():
        if patience.shared:
            take_back_try(session, name)

    text = f"{user.email} signed in from {address or 'an unknown address'}"
    note_event(session, at=now, actor=user.name, kind=EventKind.SIGNED_IN, text=text)
    session.commit()


def note_failure(session: Session, email: str, address: str, now: datetime) -> None:
    """Write down a failure: a hundred an hour at most, and never what was typed but a known e-mail."""
    (row,) = lock_tries(session, [name_of("failures told")], now=now)
    if row.blocked_until is None or now >= row.blocked_until:
        row.failures = 0
        row.blocked_until = now + COUNTED_FOR

    row.failures += 1
    row.last_at = now

    if row.failures <= MOST_FAILURES:
        whose = f"for {email}" if find_user(session, email) else "for an e-mail that nobody has"
        text = f"A sign-in {whose} failed, from {address or 'an unknown address'}"
        note_event(session, at=now, actor=NOBODY, kind=EventKind.SIGN_IN_FAILED, text=text)
    elif row.failures == MOST_FAILURES + 1:
        note_event(session, at=now, actor=NOBODY, kind=EventKind.SIGN_IN_FAILED, text=MANY)

    session.commit()


def note_sign_out(session: Session, *, email: str, name: str, now: datetime) -> None:
    """Write down that a person signed out."""
    note_event(session, at=now, actor=name, kind=EventKind.SIGNED_OUT, text=f"{email} signed out")
    session.commit()


def claim_confirmation(session: Session, user_id: int, *, now: datetime) -> None:
    """Count a try of one's own password. Raises WaitError where too many went before."""
    if wait := claim_try(session, {_confirmation(user_id): CONFIRM}, now=now):
        raise WaitError(wait)


def forget_confirmations(session: Session, user_id: int) -> None:
    """Forget the wrong tries of one's own password, for it was right."""
    forget_tries(session, [_confirmation(user_id)])
    session.commit()


def _confirmation(user_id: int) -> str:
    return name_of("confirmation", str(user_id))
