"""What a call must pass before it is served: token, limits, error budget, division, scope."""

from dataclasses import dataclass

from flask import request

from portal.sandbox.exact.entities import Entity
from portal.sandbox.exact.errors import PlainError
from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.users import USERS, User

# current/Me belongs to no division; no number in a path is below 0.
NO_DIVISION = -1


@dataclass
class Visit:
    """A call on its way: who calls, what for, and the headers that its answer will have."""

    user: User | None = None
    division: int = NO_DIVISION
    endpoint: str = ""
    headers: dict[str, str] | None = None


def check_token(state: ExactState, visit: Visit) -> User:
    """The user of the bearer token. An expired one still tells whose error it is."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    name, alive = state.grants.find_user(token, state.clock.time()) if token else (None, False)
    if scheme.lower() == "bearer" and name and alive:
        return USERS[name]

    visit.user = USERS.get(name or "")
    reason = "access%20token%20expired" if name else "message%20expired%20or%20invalid%20token"
    text = f'Bearer error="invalid_token", error_description="{reason}"'
    raise PlainError(401, headers={"WWW-Authenticate": text})


def check_division(user: User, state: ExactState, division: int) -> None:
    """[L] A division that the user may not enter, or that is not there, answers 403."""
    if division not in user.divisions or division not in state.books:
        raise PlainError(403, "Forbidden - You do not have access to this division.")


def check_scope(state: ExactState, entity: Entity) -> None:
    """The app must have been given the scope of an endpoint."""
    reads = request.method == "GET"
    if entity.scope in state.missing_scopes:
        verb = "read" if reads else "manage"
    elif entity.scope in state.read_only_scopes and not reads:
        verb = "manage"
    else:
        return

    raise PlainError(403, f"Forbidden - Application Scope Violated. Cannot {verb} '{entity.scope}' scope.")
