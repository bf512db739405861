"""What Exact and Productive send when something changed: checked, noted as a hint, answered at once."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.actions.house.hints import take_exact_hint, take_productive_hint
from portal.extensions import csrf, db, limiter
from portal.web.common.access import ANYONE, require
from portal.wiring import current as wiring

blueprint = Blueprint("hooks", __name__)
csrf.exempt(blueprint)

LARGEST = 512 * 1024
REFUSED = 403


def is_refused(answer: Response) -> bool:
    """Count only what was refused, for a genuine sender may have much to tell."""
    return answer.status_code >= 400


sparingly = limiter.limit("30 per minute", deduct_when=is_refused)


def read_body() -> bytes:
    """Return the raw bytes, for signatures are over these."""
    # Longer ones are refused unread.
    request.max_content_length = LARGEST
    return request.get_data(cache=False)


@blueprint.post("/hooks/exact")
@require(ANYONE)
@sparingly
def take_exact() -> ResponseReturnValue:
    """Note where to look."""
    # An empty body is how Exact tries the address when a webhook is made.
    body = read_body()
    if not body:
        return "", 200
    hint = wiring().read_exact_hook(body) or abort(REFUSED)
    take_exact_hint(db.session(), hint, now=wiring().clock())
    return "", 200


@blueprint.post("/hooks/productive")
@require(ANYONE)
@sparingly
def take_productive() -> ResponseReturnValue:
    """Note that something changed in Productive."""
    if not wiring().is_productive_hook(read_body(), request.headers.get("Productive-Signature", "")):
        abort(REFUSED)
    take_productive_hint(db.session(), now=wiring().clock())
    return "", 200
