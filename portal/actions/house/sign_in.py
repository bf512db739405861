"""Sign somebody in, and write down how each try ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.actions.house.passwords import PUBLIC_PASSWORDS, check_password
from portal.actions.house.throttle import Names, claim_try
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.house.throttle import ACCOUNT, ADDRESS, CONFIRM, DEVICE, PAIR, network_of
from portal.domain.said import Said, said
from portal.store.events import note_event
from portal.store.people import UserRow, find_user
from portal.store.tries import forget_tries, lock_tries, name_of, take_back_try

NOBODY = "nobody"
MOST_FAILURES = 100
COUNTED_FOR = timedelta(hours=1)


class WaitError(ValueError):
    """Too many wrong passwords. ``seconds`` says how long nothing is tried."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.seconds = max(1, int(wait.total_seconds() + 0.999))


@dataclass(frozen=True, slots=True)
class SignInTry:
    """What somebody types to sign in, and where they come from."""

    email: str
    password: str
    address: str
    # Names a browser that this person has signed in with before.
    device: str | None = None
    public_passwords: bool = False

    @property
    def account(self) -> str:
        """Return the e-mail as it is kept."""
        return self.email.strip().lower()


def try_sign_in(session: Session, tried: SignInTry, *, now: datetime) -> UserRow | None:
    """Return who e-mail and password fit. Raises WaitError where too many tries went before."""
    names = names_of(tried)
    if wait := claim_try(session, names, now=now):
        raise WaitError(wait)

    user = check_password(session, tried.account, tried.password)
    if user is not None and (tried.public_passwords or tried.password not in PUBLIC_PASSWORDS):
        note_success(session, user, names, tried, now)
        return user

    note_failure(session, tried, now)
    return None


def names_of(tried: SignInTry) -> Names:
    """Return what a try is counted by."""
    # A known browser is counted alone, so that nobody else's tries keep its owner out.
    if tried.device is not None:
        return {name_of("device", tried.device): DEVICE}

    network = network_of(tried.address)
    return {
        name_of("pair", tried.account, network): PAIR,
        name_of("address", network): ADDRESS,
        name_of("account", tried.account): ACCOUNT,
    }


def note_success(session: Session, user: UserRow, names: Names, tried: SignInTry, now: datetime) -> None:
    """Forget the failures of this person here. Those of the address and of others stay."""
    with transaction(session):
        forget_tries(session, [name for name, patience in names.items() if not patience.shared])
        for name, patience in names.items():
            if patience.shared:
                take_back_try(session, name)

        # Who is asked for a code is not in yet.
        if not user.has_second_factor:
            _note_came_in(session, user, tried.address, now)


def note_came_in(session: Session, user: UserRow, address: str, now: datetime) -> None:
    """Write down that a person signed in."""
    with transaction(session):
        _note_came_in(session, user, address, now)


def _note_came_in(session: Session, user: UserRow, address: str, now: datetime) -> None:
    known = said(Happened.SIGNED_IN, email=user.email, address=address)
    came = known if address else said(Happened.SIGNED_IN_FROM_UNKNOWN, email=user.email)
    note_event(session, at=now, actor=user.name, kind=EventKind.SIGNED_IN, said=came)


def note_failure(session: Session, tried: SignInTry, now: datetime) -> None:
    """Write down a wrong e-mail or password."""
    with transaction(session):
        is_known = find_user(session, tried.account) is not None
        _tell_failure(session, _say_failed(tried, is_known), now)


def note_wrong_code(session: Session, user: UserRow, address: str, now: datetime) -> None:
    """Write down a wrong code after the right password."""
    known = said(Happened.CODE_FAILED, email=user.email, address=address)
    with transaction(session):
        _tell_failure(
            session, known if address else said(Happened.CODE_FAILED_FROM_UNKNOWN, email=user.email), now
        )


def _tell_failure(session: Session, failed: Said, now: datetime) -> None:
    """Tell of a failure, of which a hundred an hour are told."""
    (row,) = lock_tries(session, [name_of("failures told")], now=now)
    told = row.count_within(COUNTED_FOR, now)
    if told > MOST_FAILURES + 1:
        return

    last = said(Happened.MANY_SIGN_INS_FAILED)
    note_event(
        session,
        at=now,
        actor=NOBODY,
        kind=EventKind.SIGN_IN_FAILED,
        said=last if told > MOST_FAILURES else failed,
    )


def _say_failed(tried: SignInTry, is_known: bool) -> Said:
    """Say whose sign-in failed. What was typed is never told, unless it is a known e-mail."""
    if is_known and tried.address:
        return said(Happened.SIGN_IN_FAILED, email=tried.account, address=tried.address)
    if is_known:
        return said(Happened.SIGN_IN_FAILED_FROM_UNKNOWN, email=tried.account)
    if tried.address:
        return said(Happened.STRANGER_FAILED, address=tried.address)

    return said(Happened.STRANGER_FAILED_FROM_UNKNOWN)


def note_sign_out(session: Session, *, email: str, name: str, now: datetime) -> None:
    """Write down that a person signed out."""
    with transaction(session):
        signed_out = said(Happened.SIGNED_OUT, email=email)
        note_event(session, at=now, actor=name, kind=EventKind.SIGNED_OUT, said=signed_out)


def claim_confirmation(session: Session, user_id: int, *, now: datetime) -> None:
    """Count a try of one's own password. Raises WaitError where too many went before."""
    if wait := claim_try(session, {_confirmation(user_id): CONFIRM}, now=now):
        raise WaitError(wait)


def forget_confirmations(session: Session, user_id: int) -> None:
    """Forget the wrong tries of one's own password, for it was right."""
    with transaction(session):
        forget_tries(session, [_confirmation(user_id)])


def claim_code(session: Session, user_id: int, *, now: datetime) -> None:
    """Count a try of a code. Raises WaitError where too many went before."""
    if wait := claim_try(session, {_code(user_id): CONFIRM}, now=now):
        raise WaitError(wait)


def forget_codes(session: Session, user_id: int) -> None:
    """Forget the wrong codes, for one was right."""
    with transaction(session):
        forget_tries(session, [_code(user_id)])


def _confirmation(user_id: int) -> str:
    return name_of("confirmation", str(user_id))


def _code(user_id: int) -> str:
    return name_of("code", str(user_id))
