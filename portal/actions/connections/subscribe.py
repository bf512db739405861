"""Keep Exact's webhooks of a division as they should be."""

from sqlalchemy.orm import Session

from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.connections.hints import TOPICS
from portal.domain.said import Said
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow


def keep_hooks(session: Session, ledger: Ledger, connection_id: int, *, url: str) -> None:
    """Subscribe to the topics that are missing, and note a refusal."""
    # Nothing waits for webhooks.
    let_go(session)
    try:
        there = {one.topic for one in ledger.find_hooks() if one.url == url}
        for topic in TOPICS:
            if topic not in there:
                ledger.create_hook(topic, url)
    except RemoteError as error:
        _note(session, connection_id, error.said)
        raise

    _note(session, connection_id, None)


def _note(session: Session, connection_id: int, trouble: Said | None) -> None:
    with transaction(session):
        session.get_one(ConnectionRow, connection_id).hooks_trouble = trouble


def drop_hooks(session: Session, ledger: Ledger, *, url: str) -> None:
    """Remove our webhooks of a division, as far as Exact lets us."""
    # What stays is answered and ignored.
    let_go(session)
    for one in ledger.find_hooks():
        if one.url == url:
            ledger.delete_hook(one.id)


def is_live(session: Session, connection_id: int) -> bool:
    """Say whether a connection is live."""
    row = session.get(ConnectionRow, connection_id)
    live = row is not None and row.is_live
    let_go(session)
    return live
