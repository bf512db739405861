"""A run of many copies whose worker is killed, that is stopped and goes on: what it costs and leaves."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, KNOWN, Desk
from tests.journeys.person import Person

LONGEST = 1800.0
PROGRESS = re.compile(r"(\d+) of (\d+)")


@dataclass
class Proof:
    """What was seen of a run."""

    wanted: int
    entries: int = 0
    twice: int = 0
    calls: int = 0
    kills: int = 0
    looks: int = 0
    most_wrong: int = 0
    most_under_way: int = 0
    stopped_at: int = 0
    booked_after_stop: int = 0
    answered: float = 0.0
    shown: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def per_copy(self) -> float:
        """Calls to Exact per copy."""
        return self.calls / self.wanted

    def __str__(self) -> str:
        """Tell the figures, one a line."""
        return "\n".join(
            (
                f"invoices: {self.wanted}",
                f"entries: {self.entries}",
                f"booked twice: {self.twice}",
                f"worker killed: {self.kills}",
                f"looks at the bar: {self.looks}",
                f"bar wrong by at most: {self.most_wrong}",
                f"under way at most: {self.most_under_way}",
                f"copied when it stood still after Stop: {self.stopped_at}",
                f"booked after that, before Go on: {self.booked_after_stop}",
                f"calls to Exact per copy: {self.per_copy:.3f}",
                f"seconds until the page stood: {self.shown:.2f}",
                f"seconds until Copy answered: {self.answered:.2f}",
            )
        )


class LongRun:
    """One run, as a person follows it by reloading its page."""

    def __init__(self, desk: Desk, count: int, *, kills: int, stop_at: int) -> None:
        self.desk = desk
        self.count = count
        self.tag = f"RUN{time.monotonic_ns() % 1_000_000}"
        self.person = Person(desk.world.url)
        self.person.session = desk.person.session
        self.proof = Proof(count)
        self.stop_at = stop_at
        # Spread over the whole run, before and after Stop.
        self.kill_at = [count * (at + 1) // (kills + 1) for at in range(kills)]
        self.address = ""

    def prove(self) -> Proof:
        """Let it run from the choice to the end."""
        self.write_invoices()
        self.begin()
        self.follow(until_ended=self.stop_at)
        self.stop()
        self.person.press(f"Go on with {self.count - self.proof.stopped_at}")
        self.follow(until_ended=self.count)
        self.end()
        return self.proof

    def write_invoices(self) -> None:
        """Write the invoices in Productive, and wait until all are ready."""
        lines = [{"service_type": "Design", "description": "Ontwerp", "quantity": "8", "unit_price": 9500}]
        wish = {"company": {"name": KNOWN}, "lines": lines}
        names = [f"{self.tag}-{at:04}" for at in range(self.count)]
        made = [{**wish, "number": name} for name in names]
        ids = self.desk.productive.post("invoices", invoices=made)["ids"]
        self.desk.read_productive(str(ids[-1]))
        heading = f"Copy {self.count} invoices to Exact"
        until(lambda: heading in self.open_plan().text, f"{self.count} ready invoices", LONGEST)
        until(self.desk.world.is_at_rest, "quiet", LONGEST)

    def open_plan(self) -> Person:
        """Open the page that shows what will be booked."""
        began = time.monotonic()
        self.person.open(f"/runs/new?all=1&q={self.tag}")
        self.proof.shown = time.monotonic() - began
        return self.person

    def begin(self) -> None:
        """Press Copy."""
        self.open_plan()
        self.desk.exact.delete("calls")
        began = time.monotonic()
        self.person.press(f"Copy {self.count}")
        self.proof.answered = time.monotonic() - began
        self.address = self.person.url
        assert "/runs/" in self.address, self.person.text[:500]

    def follow(self, *, until_ended: int) -> None:
        """Reload the page again and again, and kill the worker now and then."""

        def look() -> bool:
            ended = self.look()
            if self.kill_at and ended >= self.kill_at[0]:
                self.kill_at.pop(0)
                self.proof.kills += 1 if self.desk.world.kill_worker() else 0
            return ended >= until_ended

        until(look, f"{until_ended} of {self.count}", LONGEST)

    def look(self) -> int:
        """Compare the bar with what Exact holds, before and after the page was made."""
        before = self.count_entries()
        page = self.person.open(self.address)
        after = self.count_entries()
        said = PROGRESS.search(page.text)
        ended = int(said.group(1)) if said else self.count
        under_way = len(page.page.select(".meter .state-busy"))
        error = max(0, before - ended, ended - after)

        self.proof.looks += 1
        self.proof.most_wrong = max(self.proof.most_wrong, error)
        self.proof.most_under_way = max(self.proof.most_under_way, under_way)
        if error > max(1, under_way):
            self.proof.wrong.append(f"{before}..{after} entries, bar {ended}, {under_way} under way")

        return ended

    def stop(self) -> None:
        """Press Stop, and see that nothing more is booked."""
        self.person.open(self.address).press("Stop")
        until(lambda: "were not sent" in self.person.open(self.address).text, "the end of what was sent", 600)
        self.proof.stopped_at = self.count_entries()
        until(self.desk.world.is_at_rest, "quiet", 600)
        self.proof.booked_after_stop = self.count_entries() - self.proof.stopped_at

    def end(self) -> None:
        """Count what there is in the end."""
        heading = f"{self.count} copied"
        until(lambda: heading in self.person.open(self.address).text, heading, LONGEST)
        numbers = Counter(one["YourRef"] for one in self.mine())
        self.proof.entries = len(numbers)
        self.proof.twice = sum(count - 1 for count in numbers.values())
        self.proof.calls = len(self.desk.exact.calls())

    def mine(self) -> list[dict[str, object]]:
        """Return the entries of this run."""
        every = self.desk.exact.get(f"entries?division={DUTCH}")
        return [one for one in every if str(one["YourRef"]).startswith(f"{self.tag}-")]

    def count_entries(self) -> int:
        """Count them."""
        return len(self.mine())
