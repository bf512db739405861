"""Orders of wish, copy, settlement, load and pull: "from now" means from the moment of the wish.

A row is a history in words, and what is paid and told of the old and of the new invoice in the end. The old
one was copied before, the new one comes with "copy". "today" is the day of the wish, at 10 by Exact's clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest

from portal.actions.connections.connect import SetUp, save_set_up
from portal.domain.connections.states import NumberSource, PaymentsMode
from portal.sandbox.common.faults import Fault
from portal.sandbox.productive.make import make_invoice
from tests.histories.story import PLAIN, Story
from tests.histories.world import EUR

TERMS = "sync/Cashflow/PaymentTerms"
DAYS = {
    "long ago": date(2026, 10, 12),
    "yesterday": date(2026, 11, 1),
    "today": date(2026, 11, 2),
    "tomorrow": date(2026, 11, 3),
}


@dataclass(frozen=True)
class Order:
    """What happens, in order, and which parts of 100.00 are paid in the end, by their days."""

    steps: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


MAYBE = ("settled before",)
ORDERS = (
    # The issue's own.
    Order("on; copy; new today; pull", new=("today",)),
    Order("on; copy; new today; broken; hour; pull", new=("today",)),
    Order("on; copy; new yesterday; pull", new=("yesterday",)),
    Order("on; copy; new long ago; pull", new=("long ago",)),
    Order("on; pull; copy; new today; pull", new=("today",)),
    Order("copy; on; new today; pull", new=("today",)),
    Order("copy; new today; hours; on; pull"),
    # What was there before the wish.
    Order("old long ago; hours; on; pull"),
    Order("old yesterday; hours; on; pull"),
    Order("old today; hours; on; pull"),
    Order("old today; hours; on; broken; day; pull"),
    Order("old tomorrow; hours; on; pull"),
    # Just before it: Exact's clock cannot be read so closely, so a person is told.
    Order("old today; minutes; on; pull", told=MAYBE),
    Order("old today; minutes; on; pull; pull; pull", told=MAYBE),
    # From the wish on.
    Order("on; old today; pull", old=("today",)),
    Order("on; old tomorrow; pull", old=("tomorrow",)),
    Order("on; broken; hours; old today; broken; hours; pull", old=("today",)),
    Order("on; day; old tomorrow; broken; day; pull", old=("tomorrow",)),
    Order("old long ago; hours; on; old today; pull", old=("today",)),
    Order("old today; hours; on; old today; pull", old=("today",)),
    # A receipt of an earlier day, booked between wish and first load, may be old money.
    Order("on; old yesterday; pull", told=MAYBE),
    Order("on; old yesterday; pull; old yesterday; pull", old=("yesterday",), told=MAYBE),
    # Once the load has ended, what comes is new, whatever its day.
    Order("on; pull; old yesterday; pull", old=("yesterday",)),
    Order("on; pull; old long ago; pull", old=("long ago",)),
    # Off and on again.
    Order("on; pull; old today; pull; off; hours; on; pull", old=("today",)),
    Order("on; pull; old today; pull; off; on; pull", old=("today",)),
    Order("on; pull; off; old today; hours; on; pull"),
    Order("on; pull; off; hours; on; old today; pull", old=("today",)),
    Order("on; pull; off; copy; new today; hours; on; pull"),
    Order("on; pull; off; hours; on; copy; new today; pull", new=("today",)),
    Order("on; copy; off; hours; on; new today; pull", new=("today",)),
    Order("on; copy; new today; pull; off; hours; on; new today; pull", new=("today", "today")),
    Order("on; off; old today; hours; on; off; hours; on; pull"),
    Order("on; off; on; copy; new today; pull", new=("today",)),
    # Catching up brings everything, and from now after it nothing more of that.
    Order("old long ago; hours; all; pull", old=("long ago",)),
    Order("old long ago; hours; on; pull; off; all; pull", old=("long ago",)),
    Order("old long ago; hours; all; pull; off; hours; on; pull", old=("long ago",)),
)


class Telling(Story):
    """A story told by the words of the table."""

    def __init__(self) -> None:
        super().__init__()
        self.new = ""
        self.tell("off")

    def tell(self, step: str) -> None:
        """Do one step."""
        words = step.split(maxsplit=1)
        if words[0] in ("old", "new"):
            invoice_id = PLAIN if words[0] == "old" else self.new
            self.receive((invoice_id, "100.00"), on=DAYS[words[1]])
            return

        deeds: dict[str, Callable[[], object]] = {
            "on": lambda: self.switch(on=True, mode=PaymentsMode.FROM_NOW),
            "all": lambda: self.switch(on=True, mode=PaymentsMode.CATCH_UP),
            "off": lambda: self.switch(on=False, mode=PaymentsMode.FROM_NOW),
            "copy": self.copy_new,
            "pull": self.pull,
            "broken": self.pull_in_vain,
            "minutes": lambda: self.world.clock.advance(600),
            "hour": lambda: self.world.clock.advance(3_600),
            "hours": lambda: self.world.clock.advance(3 * 3_600),
            "day": lambda: self.pass_days(1),
        }
        deeds[step]()

    def switch(self, *, on: bool, mode: PaymentsMode) -> None:
        """Switch payments as the wizard does. A second passes."""
        chosen = SetUp(NumberSource.PRODUCTIVE, None, None, date(2026, 1, 1), on, mode)
        world = self.world
        save_set_up(world.session, world.connection_id, chosen, actor="Anna", now=world.clock.now())
        world.clock.advance(1)

    def copy_new(self) -> None:
        """Write an invoice and copy it."""
        line = {"quantity": "1", "unit_price": 100000, "tax_rate": "BTW 21%"}
        wish = {"company": {"name": EUR}, "lines": [line], "invoiced_on": "2026-10-01"}
        self.new = str(make_invoice(self.world.productive, wish).id)
        self.world.productive.changed()
        self.read_invoices()
        self.world.copy(self.new)
        self.world.clock.advance(1)

    def pull_in_vain(self) -> None:
        """Try to pull while Exact answers nothing of use, however often it is asked."""
        faults = self.world.exact.backstage.faults
        faults.add(Fault("GET", TERMS, 99, "status:503"))
        self.pull()
        faults.clear()


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.steps)
def test_from_now_is_from_the_moment_of_the_wish(order: Order) -> None:
    story = Telling()
    for step in order.steps.split("; "):
        story.tell(step)

    assert story.paid() == sorted((10_000, DAYS[day], False) for day in order.old)
    new = story.paid(story.new) if story.new else []
    assert new == sorted((10_000, DAYS[day], False) for day in order.new)
    assert tuple(story.findings()) == order.told
