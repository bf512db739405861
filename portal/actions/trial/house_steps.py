"""The steps that only look: the division and the user, pages and limits, the sign-in, and addresses."""

from portal.actions.engine.turn import let_go
from portal.actions.trial.entry_steps import find_entry
from portal.actions.trial.turn import Turn
from portal.domain.failed import Failed
from portal.domain.said import said
from portal.domain.trial import judge as j
from portal.remote.errors import RefusedError
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow

LANGUAGE = "language"
LONGEST = "longest"


def check_division(turn: Turn) -> None:
    """Make sure that the division is still called what the person confirmed."""
    trial = turn.trial
    found = [each for each in turn.ledger.find_divisions() if each.code == trial.division]
    if not found:
        raise RefusedError(said(Failed.NO_DIVISION, code=str(trial.division)))
    if found[0].name.strip() != trial.division_name:
        name = found[0].name.strip()
        raise RefusedError(said(Failed.OTHER_DIVISION, code=str(trial.division), name=name))


def look_at_user(turn: Turn) -> None:
    """Ask who signed in, for the language of refusals."""
    turn.keep(**{LANGUAGE: turn.ledger.read_user().language})


def look_at_pages(turn: Turn) -> None:
    """Look how long pages are, and what an answer says of the limits."""
    sizes = turn.ledger.read_page_sizes()
    turn.see(j.judge_pages(sizes, turn.kept(LONGEST) or 0), j.judge_limits(turn.ledger.told_limits()))


def look_at_sign_in(turn: Turn) -> None:
    """Look how long the present token works, as Exact told. Nothing is renewed for it."""
    connection = turn.session.get_one(ConnectionRow, turn.connection.id)
    grant = turn.session.get(GrantRow, connection.grant_id) if connection.grant_id else None
    life = round((grant.expires_at - grant.obtained_at).total_seconds()) if grant else None
    let_go(turn.session)

    if life is None:
        turn.see(j.not_seen("token-life", "not reached"))
    else:
        turn.see(j.judge_token(life))


def look_at_addresses(turn: Turn) -> None:
    """Ask for the pages that people are sent to, as a stranger does."""
    entry = find_entry(turn)
    if entry is not None:
        url = turn.ledger.entry_url(entry.id)
        status, text = turn.ledger.look_at(url)
        named = str(entry.entry_number) in text
        turn.see(j.judge_page("entry-page", url, status, named=named))

    url = turn.desk.vat_page(turn.connection.locale, turn.trial.division)
    status, text = turn.ledger.look_at(url)
    named = turn.material.vat_code.description in text
    turn.see(j.judge_page("vat-page", url, status, named=named))
