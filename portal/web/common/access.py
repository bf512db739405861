"""Who may do what: every view says which role it needs, and what is not said is refused."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeVar, cast

from flask import (
    Flask,
    abort,
    current_app,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.domain.house.sessions import is_over, wants_touch
from portal.domain.house.states import Role
from portal.extensions import db, impatient_write, login, the_portal
from portal.store.invoices import InvoiceRow
from portal.store.people import UserRow
from portal.store.sessions import SessionRow, find_session, touch_session
from portal.web.common.clock import now
from portal.web.common.htmx import current_path, is_htmx, is_poll, redirect_whole_page
from portal.wiring import Wiring

ANYONE: Final = "anyone"
Needed = Role | Literal["anyone"]
"""The role that a view needs, or none."""

# What is open before somebody has taken a password of their own.
OWN_PASSWORD = {"account.choose_password", "account.save_password"}
# What is open before somebody has set up the second factor that the settings ask for.
SECOND_FACTOR = {"second_factor.show", "second_factor.start", "second_factor.confirm"}
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Person:
    """Who is signed in, as read at the start of the request."""

    # It holds no database session.

    id: int
    email: str
    name: str
    role: Role
    language: str
    subsidiaries: tuple[str, ...] | None
    must_change: bool
    has_second_factor: bool
    session_id: int
    confirmed_at: datetime
    token: str = field(repr=False)
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return what the session cookie remembers: the token of the session's row."""
        return self.token

    def has_role(self, role: Role) -> bool:
        """Say whether this role, or a higher one, is held."""
        return self.role.includes(role)

    @property
    def may_write(self) -> bool:
        """Copy, map, link customers, pull."""
        return self.has_role(Role.FINANCE)

    @property
    def is_administrator(self) -> bool:
        """Everything."""
        return self.role is Role.ADMINISTRATOR

    def may_see(self, subsidiary_id: str) -> bool:
        """Say whether a subsidiary's rows may be shown."""
        return self.subsidiaries is None or subsidiary_id in self.subsidiaries


def person_of(row: UserRow, begun: SessionRow, token: str) -> Person:
    """Copy what a request needs to know of a user and the session."""
    return Person(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        language=row.language,
        subsidiaries=None if row.subsidiaries is None else tuple(row.subsidiaries),
        must_change=row.must_change,
        has_second_factor=row.has_second_factor,
        session_id=begun.id,
        confirmed_at=begun.confirmed_at,
        token=token,
    )


@login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login tells no types
def find_person(token: str) -> Person | None:
    """Find whose session this is, None when it has ended. In a transaction of its own."""
    moment = now()
    idle = the_portal().settings.session_idle
    with Session(db.engine.execution_options(sqlite_begin="DEFERRED")) as reading:
        found = find_session(reading, str(token))

    if found is None:
        return None

    begun, row = found
    if not row.active or is_over(began_at=begun.began_at, seen_at=begun.seen_at, idle=idle, now=moment):
        return None

    if not is_poll() and wants_touch(seen_at=begun.seen_at, now=moment):
        note_seen(begun.id, moment)

    return person_of(row, begun, token)


def note_seen(session_id: int, moment: datetime) -> None:
    """Write down that the person was here. Where others write just now, the next request does."""
    with suppress(OperationalError), impatient_write(db.engine) as writing:
        touch_session(writing, session_id, now=moment)


def current_person() -> Person:
    """Return who is signed in, in views that need a role."""
    if not current_user.is_authenticated:
        abort(401)
    return cast(Person, current_user._get_current_object())


def require(role: Needed) -> Callable[[View], View]:
    """Mark a view as needing a role, or a higher one."""
    # ``ANYONE`` needs no sign-in.

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]  # read by the gate before each request
        return view

    return mark


def writes(view: View) -> View:
    """Mark a view that writes though it is a GET, such as the end of a sign-in elsewhere."""
    view.writes = True  # type: ignore[attr-defined]  # the same
    return view


def needed_role(app: Flask, endpoint: str) -> Needed:
    """Return the role that an endpoint needs."""
    # One that says nothing needs an administrator.
    return cast(Needed, getattr(app.view_functions.get(endpoint), "needs", Role.ADMINISTRATOR))


def guard() -> ResponseReturnValue | None:
    """Turn away who is not signed in, or holds too low a role."""
    if request.endpoint is None or (role := needed_role(current_app, request.endpoint)) == ANYONE:
        return None
    if not current_user.is_authenticated:
        return ask_to_sign_in()

    if not current_person().has_role(role):
        abort(403)

    if current_person().must_change and request.endpoint not in OWN_PASSWORD:
        return ask_for_own_password()

    if lacks_second_factor() and request.endpoint not in OWN_PASSWORD | SECOND_FACTOR:
        return lead_to("second_factor.show")

    return None


def lacks_second_factor() -> bool:
    """Say whether the settings ask for a second factor that the person has not set up."""
    return the_portal().settings.needs_second_factor and not current_person().has_second_factor


def ask_for_own_password() -> ResponseReturnValue:
    """Lead to the page on which somebody takes a password that nobody gave them."""
    return lead_to("account.choose_password")


def lead_to(endpoint: str) -> ResponseReturnValue:
    """Lead to a page before which nothing else is open."""
    url = url_for(endpoint)
    return redirect_whole_page(url, 403) if is_htmx() else redirect(url)


def ask_to_sign_in() -> ResponseReturnValue:
    """Lead to the sign-in page and back."""
    # htmx leaves the whole page, and never shows it in a row.
    if is_htmx():
        return redirect_whole_page(url_for("auth.sign_in", next=current_path()), 401)
    back = current_path() if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("auth.sign_in", next=back))


def chosen_subsidiary() -> str | None:
    """Return the subsidiary the page is narrowed to (query, else the header's switch), None for all."""
    chosen = request.args.get("subsidiary", session.get("subsidiary")) or None
    return chosen if chosen and current_person().may_see(chosen) else None


def subsidiary_scope() -> tuple[str, ...] | None:
    """Return the subsidiary ids every query of the page must be narrowed to, None for no limit."""
    chosen = chosen_subsidiary()
    return (chosen,) if chosen else current_person().subsidiaries


def see_or_404(subsidiary_id: str) -> None:
    """Answer 404 for a row of a subsidiary the person may not see."""
    if not current_person().may_see(subsidiary_id):
        abort(404)


def wiring() -> Wiring:
    """Return what builds the clients of this app."""
    return cast("Wiring", the_portal().wiring)


def find_invoice(invoice_id: str) -> InvoiceRow:
    """Return an invoice the person may see, else 404."""
    row = db.session.get(InvoiceRow, invoice_id)
    if row is None:
        abort(404)
    see_or_404(row.subsidiary_id)
    return row
