"""The table of the runs by point, and the two totals."""

from collections.abc import Mapping, Sequence

from tests.crash.runs import Tally

Found = Mapping[str, Sequence[Tally]]
COLUMNS = ("runs", "converged", "duplicates", "lost")
MOST_NOTES = 3


def name_of(one: Tally) -> str:
    """A point as the table names it."""
    return f"{one.story}: {'stopped ' if one.stopped else ''}{one.point}"


def as_table(found: Found) -> str:
    """One line for each point and database, and under it what was wrong."""
    wide = max((len(name_of(one)) for tallies in found.values() for one in tallies), default=0)
    lines = [f"{'point':<{wide}}  {'database':<9}" + "".join(f"{name:>11}" for name in COLUMNS)]
    for name, tallies in found.items():
        for one in tallies:
            figures = "".join(f"{getattr(one, column):>11}" for column in COLUMNS)
            lines.append(f"{name_of(one):<{wide}}  {name:<9}{figures}")
            lines += [f"    {note}" for note in one.notes[:MOST_NOTES] if not one.broken]
            if one.missed:
                lines.append(f"    {one.missed} runs never came to this point")
            if one.broken and one.is_clean is False:
                lines.append("    the harness did not see this, so its other figures mean nothing")
    every = [one for tallies in found.values() for one in tallies if not one.broken]
    points = len({name_of(one) for one in every})
    return "\n".join([*lines, f"{points} points, {sum(one.runs for one in every)} runs"])


def totals(found: Found) -> tuple[int, int, bool]:
    """Duplicates and lost, and whether all ended as it should; what was broken on purpose does not count."""
    every = [one for tallies in found.values() for one in tallies]
    real = [one for one in every if not one.broken]
    is_clean = bool(real) and all(one.is_clean for one in every)
    return sum(one.duplicates for one in real), sum(one.lost for one in real), is_clean
