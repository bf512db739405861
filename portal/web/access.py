"""Who may do what: every view says which role it needs, and what is not said is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db, login, the_portal
from portal.store.connections import SubsidiaryRow
from portal.store.people import ADMINISTRATOR, FINANCE, VIEWER, UserRow
from portal.web.htmx import current_path, is_htmx, redirect_whole_page
from portal.wiring import Wiring

ANYONE = "anyone"
RANKS = (ANYONE, VIEWER, FINANCE, ADMINISTRATOR)
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Person:
    """Who is signed in, as read at the start of the request; holds no database session."""

    id: int
    email: str
    name: str
    role: str
    language: str
    subsidiaries: tuple[str, ...] | None
    session_version: int
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return what the session cookie remembers."""
        return f"{self.id}.{self.session_version}"

    def has_role(self, role: str) -> bool:
        """Say whether this role, or a higher one, is held."""
        return RANKS.index(self.role) >= RANKS.index(role)

    @property
    def may_write(self) -> bool:
        """Copy, map, link customers, pull."""
        return self.has_role(FINANCE)

    @property
    def is_administrator(self) -> bool:
        """Everything."""
        return self.role == ADMINISTRATOR

    def may_see(self, subsidiary_id: str) -> bool:
        """Say whether a subsidiary's rows may be shown."""
        return self.subsidiaries is None or subsidiary_id in self.subsidiaries


def person_of(row: UserRow) -> Person:
    """Copy what a request needs to know of a user."""
    subsidiaries = None if row.subsidiaries is None else tuple(row.subsidiaries)
    return Person(row.id, row.email, row.name, row.role, row.language, subsidiaries, row.session_version)


@login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login tells no types
def find_person(remembered: str) -> Person | None:
    """Find who a session cookie belongs to, None when it was ended; in a transaction of its own."""
    user_id, _, version = remembered.partition(".")
    with Session(db.engine.execution_options(sqlite_begin="DEFERRED")) as reading:
        row = reading.get(UserRow, int(user_id)) if user_id.isdecimal() else None
        valid = row is not None and row.active and str(row.session_version) == version
        return person_of(row) if row is not None and valid else None


def current_person() -> Person:
    """Return who is signed in; only for views that need a role."""
    if not current_user.is_authenticated:
        abort(401)
    return cast(Person, current_user._get_current_object())


def require(role: str) -> Callable[[View], View]:
    """Mark a view as needing a role (or a higher one); ``ANYONE`` needs no sign-in."""

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]  # read by the gate before each request
        return view

    return mark


def writes(view: View) -> View:
    """Mark a view that writes though it is a GET, such as the end of a sign-in elsewhere."""
    view.writes = True  # type: ignore[attr-defined]  # the same
    return view


def needed_role(app: Flask, endpoint: str) -> str:
    """Return the role an endpoint needs; one that says nothing needs an administrator."""
    if endpoint == "static":
        return ANYONE
    return cast(str, getattr(app.view_functions.get(endpoint), "needs", ADMINISTRATOR))


def guard() -> ResponseReturnValue | None:
    """Turn away who is not signed in, or holds too low a role."""
    if request.endpoint is None or (role := needed_role(current_app, request.endpoint)) == ANYONE:
        return None
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if not current_person().has_role(role):
        abort(403)
    return None


def ask_to_sign_in() -> ResponseReturnValue:
    """Lead to the sign-in page and back; htmx leaves the whole page, never shows it in a row."""
    if is_htmx():
        return redirect_whole_page(url_for("auth.sign_in", next=current_path()), 401)
    back = current_path() if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("auth.sign_in", next=back))


def visible_subsidiaries() -> Sequence[SubsidiaryRow]:
    """Return the subsidiaries the person may see, by name; archived ones come last."""
    query = select(SubsidiaryRow).order_by(SubsidiaryRow.archived, SubsidiaryRow.name, SubsidiaryRow.id)
    allowed = current_person().subsidiaries
    if allowed is not None:
        query = query.where(SubsidiaryRow.id.in_(allowed))
    return db.session.scalars(query).all()


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
