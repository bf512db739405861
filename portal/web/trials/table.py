"""A trial's verdicts as a table: assumption, what was seen, the verdict, and what the portal does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.domain.assumptions import ASSUMPTIONS, Assumption
from portal.domain.trial.verdicts import Verdict, say_seen
from portal.extensions import db
from portal.store.trials import TrialRow, TrialVerdictRow, verdicts_of_trials

ORDER = (Verdict.FAILS, Verdict.NOT_SEEN, Verdict.HOLDS)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    assumption: Assumption
    verdict: Verdict
    seen: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a trial saw, what failed first, with its counts."""

    lines: tuple[Line, ...]

    def count(self, verdict: str) -> int:
        """Return how many lines have a verdict."""
        return sum(line.verdict == verdict for line in self.lines)

    @property
    def failed(self) -> tuple[Line, ...]:
        """The lines that failed."""
        return tuple(line for line in self.lines if line.verdict == Verdict.FAILS)


def result_of(trial: TrialRow) -> Result:
    """Gather what a trial saw."""
    return results_of([trial])[trial.id]


def results_of(trials: Sequence[TrialRow]) -> dict[str, Result]:
    """Gather what some trials saw, by trial."""
    if not trials:
        return {}
    found = verdicts_of_trials(db.session(), [trial.id for trial in trials])
    return {trial_id: _result(rows) for trial_id, rows in found.items()}


def _result(rows: Mapping[str, TrialVerdictRow]) -> Result:
    lines = [
        Line(each, rows[each.code].verdict, say_seen(rows[each.code].observation()))
        for each in ASSUMPTIONS
        if each.code in rows
    ]
    return Result(tuple(sorted(lines, key=lambda line: ORDER.index(line.verdict))))
