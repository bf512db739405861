"""The command prints the table and ends with 1 where anything fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from portal.actions.trial import perform
from portal.actions.trial.steps import Step
from portal.actions.trial.turn import Turn
from portal.cli import trial as command
from tests.trial.bench import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A connected portal beside both sandboxes, which the command works with."""
    made = Bench()
    made.sign_in()

    @contextmanager
    def sessions() -> Iterator[Session]:
        yield made.world.session

    wiring = SimpleNamespace(sessions=sessions, clock=made.world.clock.now, trial_desk=lambda: made.desk)
    monkeypatch.setattr(command, "current", lambda: wiring)
    return made


def run(app: Flask, bench: Bench, *more: str, answer: str = "") -> Result:
    """Run the command on the bench's connection."""
    words = ["trial", "--connection", str(bench.world.connection_id), *more]
    return app.test_cli_runner().invoke(args=words, input=answer)


def test_the_command_prints_the_table_and_ends_well_where_nothing_fails(app: Flask, bench: Bench) -> None:
    number = bench.new_invoice()
    done = run(app, bench, "--confirm", "Kade & Co B.V.", "--invoice", number)
    assert done.exit_code == 0, done.output
    assert "VAT that is sent with a line stays as it was sent." in done.output
    assert "0 of them count as errors" in done.output
    assert bench.left() == []


def test_the_command_ends_with_one_where_an_assumption_fails(app: Flask, bench: Bench) -> None:
    bench.world.exact.backstage.readings.on.add("notes-kept")
    done = run(app, bench, "--confirm", "Kade & Co B.V.", "--receipt", answer="n\n")
    assert done.exit_code == 1
    assert "→ Nothing is copied" in done.output


def test_the_command_refuses_another_division_name_and_books_nothing(app: Flask, bench: Bench) -> None:
    bench.world.exact.backstage.calls.clear()
    done = run(app, bench, "--confirm", "Another")
    assert done.exit_code == 1
    assert "Kade & Co B.V." in done.output
    assert bench.calls() == 0


def test_a_command_that_is_broken_off_at_its_question_leaves_nothing_and_may_be_repeated(
    app: Flask, bench: Bench
) -> None:
    done = run(app, bench, "--confirm", "Kade & Co B.V.", "--receipt")
    assert done.exit_code == 1
    assert "It was broken off." in done.output
    assert (bench.left(), bench.intended()) == ([], [])
    assert run(app, bench, "--confirm", "Kade & Co B.V.").exit_code == 0


@pytest.mark.parametrize("code", ["feeds", "customer", "invoice", "terms", "deletion"])
def test_a_command_that_is_interrupted_removes_what_it_made_and_may_be_repeated(
    app: Flask, bench: Bench, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    interrupted: list[str] = []
    take = perform._take

    def interrupt(turn: Turn, step: Step) -> None:
        take(turn, step)
        if step.code == code and not interrupted:
            interrupted.append(code)
            raise KeyboardInterrupt

    monkeypatch.setattr(perform, "_take", interrupt)
    done = run(app, bench, "--confirm", "Kade & Co B.V.")
    assert done.exit_code == 1
    assert (bench.left(), bench.intended()) == ([], [])
    assert run(app, bench, "--confirm", "Kade & Co B.V.").exit_code == 0
