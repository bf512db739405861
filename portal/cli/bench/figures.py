"""Figures: how long something takes, and one line for each with its limit."""

import time
from collections.abc import Callable
from statistics import median

import click

REPEAT = 9


def say(name: str, value: float, unit: str, limit: float) -> bool:
    """Print a figure, and say whether it keeps its limit."""
    click.echo(f"{name}: {value:.1f} {unit} (limit <= {limit:g})")
    return value <= limit


def milliseconds(work: Callable[[], object], repeat: int = REPEAT) -> float:
    """Return how long something takes, the median of several times after a first one."""
    work()
    return median(seconds(work) for _ in range(repeat)) * 1000


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
