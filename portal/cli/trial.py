"""A trial in a test division from the command line: the same steps, and a table in the end."""

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from portal.actions.trial.perform import perform_trial
from portal.actions.trial.request import TrialWish, answer_trial, break_off, request_trial
from portal.domain.assumptions import ASSUMPTIONS
from portal.domain.booking.problems import say_all
from portal.domain.trial.verdicts import Verdict, say_seen
from portal.sentences.voice import in_source_language
from portal.store.trials import TrialRow, TrialState, TrialVerdictRow, things_left, verdicts_of
from portal.wiring import Wiring, current

COMMAND = "command line"
MATCH = (
    "Match a receipt of a part with the entry {name} in Exact now. Is it matched? "
    "Take the receipt back in Exact when the trial has ended"
)


@click.command()
@click.option("--connection", "connection_id", type=int, required=True, help="The connection's number.")
@click.option("--confirm", required=True, help="The name of the division that the trial may book in.")
@click.option("--invoice", default="", help="The number of an invoice to try Productive on.")
@click.option("--receipt", is_flag=True, help="Wait for a receipt that you match in Exact.")
@with_appcontext
def trial(connection_id: int, confirm: str, invoice: str, receipt: bool) -> None:
    """Try every assumption in your own test division. Ends with 1 if anything fails."""
    wiring = current()
    wish = TrialWish(confirm, invoice, receipt)

    with wiring.sessions() as session:
        now = wiring.clock()
        made = request_trial(session, _nobody, connection_id, wish, by=COMMAND, now=now)
        if not isinstance(made, TrialRow):
            raise click.ClickException(in_source_language(say_all(made)))

        _go_on(session, wiring, made)
        while made.state == TrialState.ASKING:
            session.commit()
            _ask(session, wiring, made)

        rows = verdicts_of(session, made.id)
        left = [thing.name for thing in things_left(session, connection_id)]
        _show_table({code: row.verdict for code, row in rows.items()}, _say_all(rows))
        trouble = in_source_language(made.trouble) if made.trouble else ""
        click.echo(f"{made.calls} calls to Exact, {made.errors} of them count as errors.")

        if left:
            click.echo(f"Left behind: {', '.join(left)}. {trouble}")
        elif trouble:
            click.echo(trouble)

        failed = any(row.verdict == Verdict.FAILS for row in rows.values())
        session.commit()

    if failed or made.state != TrialState.ENDED:
        raise click.exceptions.Exit(1)


def _go_on(session: Session, wiring: Wiring, made: TrialRow) -> None:
    """Let the trial go on here. Who breaks the command off breaks the trial off."""
    try:
        perform_trial(session, wiring.trial_desk(), made.id)
    except KeyboardInterrupt:
        session.rollback()
        _break_off(session, wiring, made)
    session.refresh(made)


def _ask(session: Session, wiring: Wiring, made: TrialRow) -> None:
    """Ask about the receipt, and go on with the answer. No answer breaks the trial off."""
    try:
        matched = click.confirm(MATCH.format(name=f"PORTAL-TRIAL-{made.marker}-1-SAMPLE"))
    except click.Abort:
        click.echo()
        _break_off(session, wiring, made)
        return

    answer_trial(session, _nobody, made, matched=matched)
    _go_on(session, wiring, made)


def _break_off(session: Session, wiring: Wiring, made: TrialRow) -> None:
    """End the trial, and remove what it made."""
    break_off(session, _nobody, made, by=COMMAND, now=wiring.clock())
    perform_trial(session, wiring.trial_desk(), made.id)
    session.refresh(made)


def _nobody(job: str, subject: str) -> None:
    """Nudge nobody, for the command does the work."""


def _say_all(rows: dict[str, TrialVerdictRow]) -> dict[str, str]:
    return {code: say_seen(row.observation()) for code, row in rows.items()}


def _show_table(verdicts: dict[str, Verdict], seen: dict[str, str]) -> None:
    for each in ASSUMPTIONS:
        verdict = verdicts.get(each.code, Verdict.NOT_SEEN)
        click.echo(f"{verdict.value:<8}  {each.system.value:<10}  {each.assumed}")
        click.echo(f"{'':<8}  {'':<10}  {seen.get(each.code, '')}")
        if verdict == Verdict.FAILS:
            click.echo(f"{'':<8}  {'':<10}  → {each.without}")
