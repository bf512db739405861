"""The runs: kill a story at a point, let the portal go on, and count what is there twice or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.crash.kill import find_points, run_forked
from tests.crash.points import READ, READS, UNREAD
from tests.crash.recover import settle
from tests.crash.stories import PULL, Story
from tests.crash.subjects import Subject, Verdict, judge
from tests.crash.world import World


@dataclass
class Tally:
    """What came of the runs at one point; ``missed`` never came there, ``notes`` say what was wrong."""

    story: str
    point: str
    runs: int = 0
    converged: int = 0
    duplicates: int = 0
    lost: int = 0
    missed: int = 0
    broken: bool = False
    notes: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, *, settled: bool) -> None:
        """Count one run."""
        self.runs += 1
        self.converged += settled and verdict.is_clean
        self.duplicates += verdict.duplicates
        self.lost += verdict.lost
        if not settled:
            self.notes.append("never came to rest")
        self.notes += verdict.wrong

    def miss(self, said: str) -> None:
        """Count a run that never came to its point."""
        self.missed += 1
        self.notes.append(said.strip()[-600:] or "the process ended before its point")

    @property
    def is_clean(self) -> bool:
        """Say whether every run came to the point and ended well; what was broken on purpose must not."""
        if self.broken:
            return bool(self.duplicates or self.lost)
        return self.runs > 0 and self.converged == self.runs and not self.missed


def each_step(names: Sequence[str]) -> Iterator[str]:
    """Leave out what ends no other way than the boundary before it.

    That are renewals of tokens, the beginnings of reads, and commits to come that write no answer down.
    """
    answered = False
    for name in names:
        call, _, step = name.partition(": ")
        if name.startswith(("before", "after")):
            if answered or name.startswith("after"):
                yield name
            answered = answered and name.startswith("before")
        elif call.split(" ")[0] in READS:
            if step.startswith(UNREAD):
                yield name
        elif call != "POST token":
            answered = step.startswith(READ)
            yield name


def choose_points(world: World, story: Story) -> list[str]:
    """Let the story run through once, and return the boundaries it passes."""
    (subject,) = story.prepare(world, 1)
    points = list(each_step(find_points(world, story.begin(world, subject))))
    assert settle(world)
    verdict = judge(world, subject)
    assert verdict.is_clean, f"{story.name} fails without any crash: {verdict.wrong}"
    return points


def kill_once(world: World, story: Story, subject: Subject, tally: Tally) -> None:
    """One run: begin, kill, go on, judge."""
    job = story.begin(world, subject)
    ending = run_forked(world, job, tally.point)
    world.wait_until_idle()
    settled = settle(world, first=job if job[0] == PULL else None)
    if not ending.was_killed:
        tally.miss(ending.said)
    tally.add(judge(world, subject), settled=settled)


def each_subject(world: World, story: Story, how_many: int) -> Iterator[Subject]:
    """Prepare subjects some at a time."""
    for at in range(0, how_many, story.together):
        yield from story.prepare(world, min(story.together, how_many - at))


def kill_story(world: World, story: Story, points: Sequence[str], runs: int) -> Iterator[Tally]:
    """Kill a story at each of its points as often as asked for."""
    subjects = each_subject(world, story, len(points) * runs)
    for point in points:
        tally = Tally(story.name, point)
        for _run in range(runs):
            kill_once(world, story, next(subjects), tally)
        yield tally
