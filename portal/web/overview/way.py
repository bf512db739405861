"""The way to the first entry: what is done, what comes next, and who does it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.store.invoices import InvoiceRow
from portal.store.people import UserRow
from portal.web.common.access import current_person
from portal.web.overview.ground import Ground

# No more invoices are counted for a sentence.
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``action`` is a name and an address, for those who may do it."""

    name: str
    text: str
    done: bool = False
    action: tuple[str, str] | None = None
    role: Role = Role.ADMINISTRATOR

    @property
    def may_act(self) -> bool:
        """Say whether the person may do it."""
        return current_person().has_role(self.role)


@dataclass(frozen=True, slots=True)
class Way:
    """The steps, one of which is lit."""

    steps: Sequence[Step]

    @property
    def current(self) -> int:
        """The number of the step that comes next, one more than there are when all is done."""
        done = [number for number, step in enumerate(self.steps, 1) if not step.done]
        return done[0] if done else len(self.steps) + 1


def find_way(ground: Ground) -> Way | None:
    """Return the way while no subsidiary in sight is connected, None from then on."""
    if ground.productive is not None and ground.live:
        return None
    return Way((_productive(ground.productive), _exact(ground.drafts), _mappings(), _first_copy()))


def administrators() -> str:
    """Return the names of those who may set up the portal."""
    query = select(UserRow.name).where(UserRow.role == Role.ADMINISTRATOR, UserRow.active)
    return ", ".join(db.session.scalars(query.order_by(UserRow.name).limit(3)))


def _productive(row: ProductiveRow | None) -> Step:
    url = url_for("settings.edit_productive")
    if row is None:
        text = _(
            "The organisation’s number and a token with which the portal reads invoices. Both are tested "
            "when they are saved."
        )
        return Step(str(_("Productive")), str(text), action=(str(_("Set up Productive")), url))

    return Step(str(_("Productive")), _read_so_far(row), done=True, action=(str(_("Change")), url))


def _read_so_far(row: ProductiveRow) -> str:
    some = select(InvoiceRow.id).limit(COUNTED + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(some)) or 0
    connected = _("%(name)s is connected.", name=row.organization_name)
    if count > COUNTED:
        return f"{connected} {_('More than %(num)d invoices were read.', num=COUNTED)}"
    if count:
        said = ngettext("%(num)d invoice was read.", "%(num)d invoices were read.", count)
        return f"{connected} {said}"
    return f"{connected} {_('Its invoices are being read.')}"


def _exact(drafts: Sequence[ConnectionRow]) -> Step:
    if drafts:
        text = _("The set-up was begun. What was chosen is kept.")
        action = (str(_("Go on with the set-up")), url_for("connections.show_apps"))
        return Step(str(_("Exact")), str(text), action=action)

    text = _(
        "Sign in at Exact as a user who may book sales entries. Choose the division and the journals. "
        "Both can be changed later."
    )
    return Step(str(_("Exact")), str(text), action=(str(_("Connect App")), url_for("connections.show_apps")))


def _mappings() -> Step:
    text = _(
        "Each service type leads to a ledger account and each tax rate to a VAT code. As soon as Exact is "
        "connected, most of them have a suggestion to accept."
    )
    return Step(str(_("Ledger and VAT codes")), str(text), role=Role.FINANCE)


def _first_copy() -> Step:
    text = _(
        "One invoice, shown as debit and credit before it is booked. It can be undone, and that reverses "
        "every line exactly."
    )
    return Step(str(_("First copy")), str(text), role=Role.FINANCE)
