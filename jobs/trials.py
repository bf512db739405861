"""Jobs on trials."""

from portal.actions.trial import perform as action
from portal.actions.trial.request import nudge_trials
from portal.wiring import current


def perform_trial(trial_id: str) -> None:
    """Bring a trial as far as it goes now."""
    wiring = current()
    with wiring.sessions() as session:
        action.perform_trial(session, wiring.trial_desk(), trial_id)


def remove_leftovers(connection_id: str) -> None:
    """Remove what the trials of a connection left."""
    wiring = current()
    with wiring.sessions() as session:
        action.remove_leftovers(session, wiring.trial_desk(), int(connection_id))


def nudge() -> None:
    """Nudge for every trial that the queue forgot."""
    wiring = current()
    with wiring.sessions() as session:
        nudge_trials(session, wiring.nudge, quiet=wiring.settings.uncertain_quiet, now=wiring.clock())
