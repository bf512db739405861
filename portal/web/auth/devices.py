"""Browsers that somebody has signed in with: strangers' wrong passwords do not keep those out."""

import secrets

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from portal.extensions import db, the_portal
from portal.store.people import UserRow, find_user

NAME = "portal_device"
KEPT = 5
DAYS = 180


def cookie_name() -> str:
    """Return the cookie's name. Where it is secure, no other host can set it."""
    return f"__Host-{NAME}" if is_secure() else NAME


def is_secure() -> bool:
    """Say whether people come by https."""
    return the_portal().settings.public_url.startswith("https:")


def signer() -> URLSafeSerializer:
    """Return what signs the cookie."""
    return URLSafeSerializer(str(current_app.secret_key), salt="portal-device")


def known_here() -> dict[str, str]:
    """Return whom this browser has signed in, each with a name of the browser."""
    try:
        told = signer().loads(request.cookies.get(cookie_name(), ""))
    except BadData:
        return {}
    pairs = told.items() if isinstance(told, dict) else ()
    return {user: name for user, name in pairs if isinstance(name, str)}


def device_of(email: str) -> str | None:
    """Name this browser as this person's, None where they never signed in with it."""
    known = known_here()
    user = find_user(db.session(), email) if known else None
    name = known.get(str(user.id)) if user else None
    return f"{user.id}:{name}" if user and name else None


def remember_device(answer: Response, user: UserRow) -> None:
    """Let the browser keep that this person has signed in with it, for half a year."""
    known = known_here()
    name = known.pop(str(user.id), None) or secrets.token_urlsafe(16)
    kept = dict(list(known.items())[-KEPT + 1 :]) | {str(user.id): name}
    answer.set_cookie(
        cookie_name(),
        signer().dumps(kept),
        max_age=DAYS * 24 * 3600,
        secure=is_secure(),
        httponly=True,
        samesite="Lax",
    )
