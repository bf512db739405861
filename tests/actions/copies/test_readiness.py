"""Readiness is what the dialog and the action say, for any invoice and settings, after any changes."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.copies.standing import Standing
from portal.store.base import Base
from portal.store.catalogue import CatalogueRow
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import InvoiceRow
from portal.store.mappings import MappingRow
from portal.store.needs import NeedRow
from tests.actions.copies.foreseen import play, wanted_worlds

SHARDS = 4


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_readiness_is_what_the_dialog_and_the_action_say(
    session_factory: sessionmaker[Session], shard: int, record_property: Callable[[str, object], None]
) -> None:
    standings: Counter[Standing] = Counter()
    codes: Counter[str] = Counter()
    seen = 0

    for seed in range(shard, max(wanted_worlds(), SHARDS), SHARDS):
        with session_factory() as session:
            for world in play(session, seed):
                found = world.session.scalars(select(InvoiceRow.standing)).all()
                standings.update(found)
                seen += len(found)
                codes.update(world.session.scalars(select(NeedRow.code)))
                world.session.commit()
            forget_everything(session)

    record_property("invoices", seen)
    record_property("needs", len(codes))
    assert standings[Standing.READY]
    assert standings[Standing.NEEDS_YOU]
    assert len(codes) > 10


def forget_everything(session: Session) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(table.delete())
    session.commit()


# To each of these rows, and to no other, somebody makes the change that the worlds know.
NAMING = {
    "mapping": MappingRow,
    "connection": ConnectionRow,
    "link": CustomerLinkRow,
    "catalogue": CatalogueRow,
}


@pytest.mark.parametrize("what", NAMING)
def test_a_row_that_names_nothing_is_found_out(
    session_factory: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(NAMING[what], "each_unready", lambda _row: iter(()))

    def play_until_it_shows() -> None:
        for seed in range(12):
            with session_factory() as session:
                for _world in play(session, seed):
                    pass
                forget_everything(session)

    with pytest.raises(AssertionError):
        play_until_it_shows()
