"""The runs: strike a story at a point, let the portal go on, and count what is there twice or not at all."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.crash.kill import find_points, run_forked, stop_forked, wake
from tests.crash.points import NOT_SENT, READ, READS, UNREAD
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
    stopped: bool = False
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


Run = tuple[Callable[[World, Story, Subject, Tally], None], str]


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


def each_intent(names: Sequence[str]) -> Iterator[str]:
    """The commits after which a write is sent next."""
    for here, then in pairwise(names):
        call, _, step = then.partition(": ")
        is_write = call.split(" ")[0] not in READS and call != "POST token"
        if is_write and step.startswith(NOT_SENT) and here.startswith("after commit"):
            yield here


def pass_through(world: World, story: Story) -> list[str]:
    """Return the boundaries that the story passes, whether or not others ran before and left what is read."""
    first, second = (run_through(world, story, subject) for subject in each_subject(world, story, 2))
    return [name for name in second if name in set(first)]


def run_through(world: World, story: Story, subject: Subject) -> list[str]:
    """Let the story run to its end undisturbed, read what it leaves, and return the boundaries it passed."""
    names = find_points(world, story.begin(world, subject))
    assert settle(world)
    verdict = judge(world, subject)
    assert verdict.is_clean, f"{story.name} fails without any crash: {verdict.wrong}"
    world.pass_time(60)
    world.run(PULL, str(subject.office.connection_id))
    return names


def each_run(names: Sequence[str]) -> Iterator[Run]:
    """Where the story is killed, and where it stands still while others go on."""
    yield from ((kill_once, point) for point in each_step(names))
    yield from ((stop_once, point) for point in each_intent(names))


def kill_once(world: World, story: Story, subject: Subject, tally: Tally) -> None:
    """One run: begin, kill, go on, judge."""
    job = story.begin(world, subject)
    ending = run_forked(world, job, tally.point)
    world.wait_until_idle()
    settled = settle(world, first=job if job[0] == PULL else None)
    if not ending.was_killed:
        tally.miss(ending.said)
    tally.add(judge(world, subject), settled=settled)


def stop_once(world: World, story: Story, subject: Subject, tally: Tally) -> None:
    """One run: begin, stand still with the intent written down, wake when all is done, judge."""
    job = story.begin(world, subject)
    pid = stop_forked(world, job, tally.point)
    settled = settle(world, first=job if job[0] == PULL else None)
    if pid is None:
        tally.miss("")
    else:
        wake(pid)
    world.wait_until_idle()
    settled = settle(world) and settled
    tally.add(judge(world, subject), settled=settled)


def each_subject(world: World, story: Story, how_many: int) -> Iterator[Subject]:
    """Prepare subjects some at a time."""
    for at in range(0, how_many, story.together):
        yield from story.prepare(world, min(story.together, how_many - at))


def strike_story(
    world: World, story: Story, times: Iterable[tuple[Run, int]], together: int
) -> Iterator[Tally]:
    """Kill or stop a story at each point as often as asked for, which makes so many times together."""
    subjects = each_subject(world, story, together)
    for (strike, point), runs in times:
        tally = Tally(story.name, point, stopped=strike is stop_once)
        for _run in range(runs):
            strike(world, story, next(subjects), tally)
        if runs:
            yield tally
