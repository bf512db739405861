"""The second factor: codes of an app after the password, and recovery codes where the app is lost."""
# The codes are those of RFC 6238, https://www.rfc-editor.org/rfc/rfc6238.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.actions.house.people import BeyondReachError, PeopleChange
from portal.actions.house.sign_in import claim_code, forget_codes, note_came_in, note_wrong_code
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.house.codes import clean_code, is_changing, new_recovery_codes
from portal.domain.house.reach import covers
from portal.domain.said import said
from portal.store.events import note_event
from portal.store.people import UserRow, lock_user
from portal.store.recovery_codes import count_codes, replace_codes, use_code
from portal.store.sessions import delete_sessions
from portal.store.vault import Vault, place_of_second_factor

ISSUER = "Portal"
STEP = timedelta(seconds=30)
# A phone's clock may be off by so many steps.
BESIDE = 1


class FactorError(ValueError):
    """A change to a second factor that cannot be made now."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a person puts into their app: by a picture of the address, or by typing the key."""

    key: str
    address: str


def prepare(session: Session, vault: Vault, user: UserRow) -> None:
    """Make what will make a person's codes. Nothing is asked for before they have shown one."""
    with transaction(session):
        row = lock_user(session, user.id)
        if row.has_second_factor:
            raise FactorError("there is one")
        row.prepare_factor(vault.seal(pyotp.random_base32(), place_of_second_factor(row.id)))


def preparation_of(vault: Vault, user: UserRow) -> Preparation | None:
    """Return what waits for its first code, None where nothing does."""
    if user.has_second_factor or user.factor_sealed is None:
        return None

    key = vault.open(user.factor_sealed, place_of_second_factor(user.id))
    return Preparation(key, pyotp.TOTP(key).provisioning_uri(name=user.email, issuer_name=ISSUER))


def begin(session: Session, vault: Vault, user: UserRow, typed: str, change: PeopleChange) -> Sequence[str]:
    """Ask for codes from now on, once one was shown. Returns the recovery codes, none for a wrong code.

    The person's other sessions end. Raises WaitError after too many wrong codes.
    """
    claim_code(session, user.id, now=change.at)
    with transaction(session):
        row = lock_user(session, user.id)
        if row.has_second_factor or not _takes(vault, row, clean_code(typed), change.at):
            return ()

        row.begin_factor(change.at)
        codes = new_recovery_codes()
        replace_codes(session, row.id, codes)
        delete_sessions(session, row.id, but=change.session_id)
        _note(session, change, Happened.SECOND_FACTOR_ON, row)

    forget_codes(session, user.id)
    return codes


def let_in_by_code(
    session: Session, vault: Vault, user: UserRow, typed: str, address: str, now: datetime
) -> bool:
    """Say whether a code lets somebody in whose password was right. Raises WaitError."""
    # It is counted before it is looked at, so that many at once do not pass together.
    claim_code(session, user.id, now=now)
    code = clean_code(typed)

    with transaction(session):
        row = lock_user(session, user.id)
        is_taken = row.has_second_factor and row.active and _takes(vault, row, code, now)
        is_used_up = not is_taken and row.has_second_factor and row.active and use_code(session, row.id, code)

        if is_used_up:
            left = count_codes(session, row.id)
            used = said(Happened.RECOVERY_CODE_USED, email=row.email, count=left)
            note_event(session, at=now, actor=row.name, kind=EventKind.USER, said=used)

    if not (is_taken or is_used_up):
        note_wrong_code(session, user, address, now)
        return False

    forget_codes(session, user.id)
    note_came_in(session, user, address, now)
    return True


def switch_off(session: Session, user: UserRow, change: PeopleChange) -> None:
    """Ask for codes no more, as the person wishes."""
    _drop(session, user, change, Happened.SECOND_FACTOR_OFF)


def take_away(session: Session, user: UserRow, change: PeopleChange) -> None:
    """Take away what a person lost, so that they set it up anew. Their sessions end."""
    if not covers(change.reach, user.subsidiaries):
        raise BeyondReachError(user.email)
    _drop(session, user, change, Happened.SECOND_FACTOR_RESET)


def make_recovery_codes(session: Session, user: UserRow, change: PeopleChange) -> Sequence[str]:
    """Make new recovery codes. The old ones let nobody in any more."""
    with transaction(session):
        row = lock_user(session, user.id)
        if not row.has_second_factor:
            raise FactorError("there is none")

        codes = new_recovery_codes()
        replace_codes(session, row.id, codes)
        _note(session, change, Happened.RECOVERY_CODES_MADE, row)

    return codes


def _drop(session: Session, user: UserRow, change: PeopleChange, happened: Happened) -> None:
    with transaction(session):
        row = lock_user(session, user.id)
        if row.factor_sealed is None:
            return

        was_asked = row.has_second_factor
        row.drop_factor()
        replace_codes(session, row.id, ())
        delete_sessions(session, row.id, but=change.session_id)
        if was_asked:
            _note(session, change, happened, row)


def _takes(vault: Vault, row: UserRow, code: str, now: datetime) -> bool:
    """Use a code up that fits this moment. Say whether it did."""
    if row.factor_sealed is None or not is_changing(code):
        return False

    made = pyotp.TOTP(vault.open(row.factor_sealed, place_of_second_factor(row.id)))
    here = int(now.timestamp()) // int(STEP.total_seconds())
    for step in range(here - BESIDE, here + BESIDE + 1):
        fits = pyotp.utils.strings_equal(made.generate_otp(step), code)
        if fits and step > row.factor_step:
            row.use_step(step)
            return True

    return False


def _note(session: Session, change: PeopleChange, happened: Happened, user: UserRow) -> None:
    note_event(
        session, at=change.at, actor=change.by, kind=EventKind.USER, said=said(happened, email=user.email)
    )
