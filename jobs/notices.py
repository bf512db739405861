"""Jobs on notices."""

from portal.actions.house.summarize import mail_summaries as mail_due
from portal.actions.house.warn import warn as warn_administrators
from portal.wiring import current


def warn() -> None:
    """Write to the administrators about what is wrong and was not said yet."""
    wiring = current()
    with wiring.sessions() as session:
        warn_administrators(session, wiring.post(), address=wiring.settings.public_url, now=wiring.clock())


def mail_summaries() -> None:
    """Mail the summary of the day to those whose hour has come."""
    wiring = current()
    with wiring.sessions() as session:
        mail_due(session, wiring.post(), address=wiring.settings.public_url, now=wiring.clock())
