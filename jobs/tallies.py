"""Jobs on the kept counts."""

from portal.actions.books.prove_totals import prove_totals
from portal.actions.house import tallies as action
from portal.wiring import current


def fold_tallies() -> None:
    """Fold what writers appended to the kept counts."""
    with current().sessions() as session:
        action.fold_tallies(session)


def prove_tallies() -> None:
    """Prove that the kept counts are right."""
    wiring = current()
    with wiring.sessions() as session:
        action.prove_tallies(session, now=wiring.clock())
        prove_totals(session, clock=wiring.clock)
