"""The ``flask`` commands."""

from flask import Flask

from portal.cli import backup, database, mail, people, trial, work
from portal.cli.bench import seed
from portal.cli.demo import data as demo_data

COMMANDS = (
    backup.backup,
    backup.restored,
    backup.adopt,
    database.upgrade,
    database.rotate_keys,
    demo_data.prepare_demo,
    mail.send_test_mail,
    people.create_user,
    people.set_password,
    people.reset_second_factor,
    seed.seed_invoices,
    trial.trial,
    work.worker,
    work.ticker,
    work.pull_invoices,
    work.pull_payments,
)


def register_commands(app: Flask) -> None:
    """Give the app its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
